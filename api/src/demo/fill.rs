//! Fills an empty deployment with the demo's year.

use std::collections::BTreeMap;
use std::pin::pin;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream;
use lazo_domain::touchpoint::Channel;
use lazo_entity::source;

use super::{DemoItem, DemoSource, touchpoints};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::opaque::OpaqueToken;
use crate::deployment;
use crate::error::Error;
use crate::source::{Create, Update, service};
use crate::touchpoint::decoding::incoming;
use crate::touchpoint::reading::read;
use crate::touchpoint::{Answer, Incoming, Status};

/// Items in one request to the writer.
const BATCH: usize = 1_000;
/// Requests that wait for the writer at once, so that one is ready when it takes the next.
const AT_ONCE: usize = 2;

/// What filling came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// Touchpoints stored now.
    pub accepted: usize,
    /// Messages that came twice, as messages do.
    pub duplicates: usize,
    /// Anything else.
    pub refused: usize,
}

/// The demo's sources, made if they are not there. The web shop's public key comes with them: a new one at each start, as keys
/// are not kept in a form that could be shown; the one before stays valid.
pub async fn sources(
    app: &App,
) -> Result<(BTreeMap<DemoSource, Arc<source::Model>>, OpaqueToken), Error> {
    let mut found = BTreeMap::new();
    let mut web_key = None;
    for demo in DemoSource::ALL {
        let (name, channel) = describe(demo);
        let source = match service::find_by_name(app, name).await? {
            Some(source) if demo == DemoSource::Web => {
                let rotate = Update {
                    rotate_key: true,
                    ..Update::of(source.id)
                };
                let keyed = service::update(app, &Caller::Local, &rotate).await?;
                web_key = keyed.key;
                keyed.source
            }
            Some(source) => source,
            None => {
                let create = Create {
                    name: name.to_owned(),
                    channel,
                    trusted: demo != DemoSource::Web,
                    live: true,
                    shop: "main".to_owned(),
                    region: Some("ES".to_owned()),
                    links_known: false,
                };
                let keyed = service::create(app, &Caller::Local, &create, None).await?;
                if demo == DemoSource::Web {
                    web_key = keyed.key;
                }
                keyed.source
            }
        };
        found.insert(demo, Arc::new(source));
    }
    let key =
        web_key.ok_or_else(|| Error::Internal("the demo's web source has no key".to_owned()))?;
    Ok((found, key))
}

/// The task as the deployment remembers it.
const TASK: &str = "demo_filled";

/// Fills the deployment unless that was done before; a filling that was cut short is finished.
pub async fn fill_once(
    app: &App,
    sources: &BTreeMap<DemoSource, Arc<source::Model>>,
) -> Result<Option<Filled>, Error> {
    if deployment::is_done(app.db(), TASK).await? {
        return Ok(None);
    }
    let filled = fill(app, sources).await?;
    deployment::mark_done(app.db(), TASK, app.now()).await?;
    Ok(Some(filled))
}

/// Sends the year through the writer, as it once arrived.
async fn fill(
    app: &App,
    sources: &BTreeMap<DemoSource, Arc<source::Model>>,
) -> Result<Filled, Error> {
    let items = touchpoints(app.now())
        .filter_map(|item| Some(incoming_of(app, sources.get(&item.source)?, &item)));
    let batches = stream::iter(items).chunks(BATCH);
    let record = |batch: Vec<Vec<Incoming>>| {
        app.writer()
            .record_in_time(batch.into_iter().flatten().collect())
    };
    let mut answers = pin!(batches.map(record).buffered(AT_ONCE));
    let mut filled = Filled::default();
    while let Some(answered) = answers.next().await {
        for answer in answered? {
            filled.count(&answer);
        }
    }
    Ok(filled)
}

fn incoming_of(app: &App, source: &Arc<source::Model>, item: &DemoItem) -> Vec<Incoming> {
    let raw = item.item.to_string();
    let mut assign = || app.ids().next(item.received_at);
    read(raw.as_bytes(), None, 1)
        .map(|request| {
            incoming(
                &request,
                source,
                None,
                item.received_at,
                &app.rules(),
                &mut assign,
            )
        })
        .unwrap_or_default()
}

impl Filled {
    fn count(&mut self, answer: &Answer) {
        match answer.status {
            Status::Accepted => self.accepted += 1,
            Status::Duplicate => self.duplicates += 1,
            Status::Quarantined | Status::Rejected => self.refused += 1,
        }
    }
}

fn describe(source: DemoSource) -> (&'static str, Channel) {
    match source {
        DemoSource::Web => ("web", Channel::Web),
        DemoSource::Server => ("shop system", Channel::Web),
        DemoSource::Email => ("newsletter", Channel::Email),
        DemoSource::Instagram => ("instagram", Channel::Social),
        DemoSource::Store => ("store tills", Channel::Store),
    }
}
