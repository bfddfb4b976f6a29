//! The application for the time of one command, beside whatever server runs on the same database.

use std::sync::Arc;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::output::Failure;
use crate::app::App;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::error::Error;

/// An application that is stopped once the command is done.
pub(super) struct Session {
    pub(super) app: App,
    stop: CancellationToken,
    writer: JoinHandle<()>,
}

impl Session {
    /// Opens the application. An embedded database is migrated by itself, a server's must have been.
    pub(super) async fn open(config: Config) -> Result<Self, Failure> {
        let stop = CancellationToken::new();
        let clock = Arc::new(SystemClock);
        let (app, writer) = App::start(Arc::new(config), clock, false, stop.clone()).await?;
        Ok(Self { app, stop, writer })
    }

    /// Stops the writer and lets go of the database.
    pub(super) async fn close(self) -> Result<(), Failure> {
        self.stop.cancel();
        self.writer
            .await
            .map_err(|_| Failure::new("The writer did not end well."))?;
        let db = self.app.db().clone();
        Ok(db.close().await.map_err(Error::from)?)
    }
}
