//! What resolvers find in their context. Nothing else reads it.

use std::sync::OnceLock;

use async_graphql::dataloader::DataLoader;
use async_graphql::runtime::{TokioSpawner, TokioTimer};
use async_graphql::{Context, Data};

use super::{Delivery, Reader};
use crate::app::App;
use crate::auth::caller::Caller;

/// What a resolver may ask of its context.
pub trait ContextExt {
    /// The application.
    fn app(&self) -> &App;
    /// Who calls; none without credentials.
    fn caller(&self) -> Option<&Caller>;
    /// The loaders of this request.
    fn loaders(&self) -> &DataLoader<Reader>;
    /// How the events of a subscription are delivered.
    fn delivery(&self) -> Delivery;
}

impl ContextExt for Context<'_> {
    fn app(&self) -> &App {
        self.data_unchecked()
    }

    fn caller(&self) -> Option<&Caller> {
        self.data_opt()
    }

    fn loaders(&self) -> &DataLoader<Reader> {
        let loaders: &Loaders = self.data_unchecked();
        loaders.made.get_or_init(|| {
            let reader = Reader::new(&loaders.app, self.caller());
            DataLoader::new(reader, TokioSpawner::current(), TokioTimer::default())
        })
    }

    fn delivery(&self) -> Delivery {
        self.data_opt().cloned().unwrap_or_default()
    }
}

/// The loaders of a request, made when one is asked for: most page views need none.
struct Loaders {
    app: App,
    made: OnceLock<DataLoader<Reader>>,
}

/// What belongs to one request alone: who calls, and loaders that mix its keys with nobody else's.
pub fn request_data(app: &App, caller: Option<Caller>) -> Data {
    let mut data = Data::default();
    data.insert(Loaders {
        app: app.clone(),
        made: OnceLock::new(),
    });
    if let Some(caller) = caller {
        data.insert(caller);
    }
    data
}
