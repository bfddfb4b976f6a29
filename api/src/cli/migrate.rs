//! `lazo migrate`: the database's schema.

use std::fmt::Display;

use clap::{Args, Subcommand};

use super::output::{Failure, Output};
use crate::config::Config;
use crate::db::{self, Change, Db};

#[derive(Debug, Args)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Makes all changes that are pending. This is what happens where nothing else is said.
    Up,
    /// Takes back the last changes, with the data they hold.
    Down {
        /// How many changes to take back.
        #[arg(long, default_value_t = 1)]
        steps: u32,
        /// Confirms that data may be lost.
        #[arg(long, required = true)]
        yes_i_know: bool,
    },
    /// Prints each change and whether it was made.
    Status,
}

impl Options {
    pub(super) async fn run(self, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let db = Db::open(config.database.url.expose(), db::Options::default()).await?;
        match self.action.unwrap_or(Action::Up) {
            Action::Up => {
                let pending = db.pending_changes().await.map_err(failed)?;
                db.migrate().await.map_err(failed)?;
                output.note(format!("{pending} changes were made."))?;
            }
            Action::Down { steps, .. } => {
                db.take_back(steps).await.map_err(failed)?;
                output.note(format!("At most {steps} changes were taken back."))?;
            }
            Action::Status => {
                for Change { name, is_made } in db.changes().await.map_err(failed)? {
                    output.data(format!(
                        "{}\t{name}",
                        if is_made { "made" } else { "pending" }
                    ))?;
                }
            }
        }
        db.close().await.map_err(failed)
    }
}

fn failed(error: impl Display) -> Failure {
    Failure::new(format!("The database's schema: {error}"))
}
