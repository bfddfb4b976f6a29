//! `lazo key`: the keys that sign our tokens.

use clap::Subcommand;
use lazo_domain::id::SigningKeyId;

use super::output::{Failure, Output};
use super::session::Session;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::auth::rotation::{self, Rotated, Standing};
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Options {
    /// Prints all keys, the oldest first: id, what it does, and since when it has been published.
    List,
    /// Lets the next key sign, retires the current one and draws another next one. What was signed stays good until it ends.
    Rotate {
        /// Even while others may not know the next key yet.
        #[arg(long)]
        now: bool,
    },
    /// Retires a key: it signs nothing more. What it has signed stays good until it ends.
    Retire {
        /// The key's id, as `lazo key list` prints it.
        id: SigningKeyId,
        /// Somebody else may have it: it is deleted, and what it has signed is refused at once.
        #[arg(long)]
        compromised: bool,
    },
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let session = Session::open(config).await?;
        let app = &session.app;
        match self {
            Self::List => list(app, output).await?,
            Self::Rotate { now } => match rotation::rotate(app, &Caller::Local, now).await? {
                Rotated::To(id) => output.note(format!("{id} signs from now on."))?,
                Rotated::TooSoon(at) => {
                    session.close().await?;
                    return Err(Failure::new(format!(
                        "Others may not know the next key before {at}; rotate then, or with --now."
                    )));
                }
            },
            Self::Retire { id, compromised } => {
                rotation::retire(app, &Caller::Local, id, compromised).await?;
                let what = if compromised { "Deleted" } else { "Retired" };
                output.note(format!("{what} {id}."))?;
            }
        }
        session.close().await
    }
}

async fn list(app: &App, output: &mut Output<'_>) -> Result<(), Failure> {
    for key in rotation::list(app).await? {
        let standing = match key.standing {
            Standing::Current => "current".to_owned(),
            Standing::Next => "next".to_owned(),
            Standing::Retired(at) => format!("retired {at}"),
        };
        output.data(format!("{}\t{standing}\t{}", key.id, key.created_at))?;
    }
    Ok(())
}
