//! `lazo serve`.

use super::output::Failure;
use crate::config::Config;
use crate::serve::Server;
use crate::traces::Traces;

/// Serves until it is told to stop.
#[derive(clap::Args, Debug)]
pub(super) struct Options {
    /// Bring a server's database to this version's schema first; an embedded one is brought there in any case.
    #[arg(long)]
    migrate: bool,
}

impl Options {
    pub(super) async fn run(self, config: Config) -> Result<(), Failure> {
        let traces =
            Traces::start(&config.traces).map_err(|error| Failure::new(error.to_string()))?;
        crate::logs::start(&config.log, &traces);
        let served = Server::start(config, self.migrate, false)
            .await?
            .run()
            .await;
        traces.stop().await;
        Ok(served?)
    }
}
