//! `lazo rebuild`: the profiles from what happened.

use clap::Args;

use super::output::{Failure, Output};
use super::session::Session;
use crate::config::Config;
use crate::rebuild::{self, Difference};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Compares only: prints what differs, and ends with exit code 1 if anything does.
    #[arg(long)]
    check: bool,
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let session = Session::open(config).await?;
        let mut written = Ok(());
        let mut tell = |Difference { profile, what }: &Difference| {
            if written.is_ok() {
                written = output.data(format!("{profile}\t{}", what.join(", ")));
            }
        };
        let done = rebuild::run(&session.app, !self.check, &mut tell).await;
        written?;
        let done = done?;
        session.close().await?;
        let outcome = match (done.different, self.check) {
            (0, _) => "all are what their touchpoints say".to_owned(),
            (many, true) => format!("{many} differ"),
            (many, false) => format!("{many} differed and were mended"),
        };
        output.note(format!(
            "{} profiles from {} touchpoints: {outcome}.",
            done.profiles, done.touchpoints
        ))?;
        if !done.stood {
            output.note(
                "Profiles are being decided by changed definitions: where they stand was not compared.",
            )?;
        }
        if self.check && done.different > 0 {
            return Err(Failure::new("`lazo rebuild` without --check mends them."));
        }
        Ok(())
    }
}
