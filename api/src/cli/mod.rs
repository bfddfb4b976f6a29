//! The command line: a door to the same services as the API, for those who hold the machine.
//!
//! Data goes to standard output, everything else to standard error. A failure is one sentence and exit code 1, wrong usage exit code 2.

mod backup;
mod demo;
mod doctor;
mod import;
mod key;
mod migrate;
mod output;
mod rebuild;
mod schema;
mod serve;
mod session;
mod source;
#[cfg(test)]
mod tests;
mod token;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{self, Config, ConfigFile};
use output::{Failure, Output};

/// Ties every touchpoint of a customer into one profile.
#[derive(Debug, Parser)]
#[command(name = "lazo", version, propagate_version = true)]
struct Cli {
    /// The file of settings; without it `lazo.toml`, where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the API.
    Serve(serve::Options),
    /// Shows what Lazo does: a year of a small shop, ready tokens, and queries to paste.
    Demo(demo::Options),
    /// Changes the database's schema, or shows it.
    Migrate(migrate::Options),
    /// Creates, lists and revokes tokens.
    #[command(subcommand)]
    Token(token::Options),
    /// Lists, rotates and retires the keys that sign tokens.
    #[command(subcommand)]
    Key(key::Options),
    /// Creates and lists sources of touchpoints.
    #[command(subcommand)]
    Source(source::Options),
    /// Reads files of the past.
    #[command(subcommand)]
    Import(import::Options),
    /// Says what is wrong with this deployment, and how to mend it.
    Doctor(doctor::Options),
    /// Copies an embedded database into a file, while the server runs.
    Backup(backup::Options),
    /// Makes the profiles anew from their touchpoints, where they differ.
    Rebuild(rebuild::Options),
    /// Writes out the schemas of the API.
    #[command(subcommand)]
    Schema(schema::Options),
}

/// Runs the program as its arguments say.
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(usage) => {
            // Where this cannot be told, nothing can.
            let _ = usage.print();
            return ExitCode::from(u8::try_from(usage.exit_code()).unwrap_or(2));
        }
    };
    crate::auth::install_crypto();
    let (mut data, mut notes) = (io::stdout(), io::stderr());
    match start(cli, &mut Output::new(&mut data, &mut notes)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let _ = writeln!(notes, "lazo: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn start(cli: Cli, output: &mut Output<'_>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(cli.execute(output))
}

impl Cli {
    async fn execute(self, output: &mut Output<'_>) -> Result<(), Failure> {
        let Self { config, command } = self;
        let load = || load(config.as_deref());
        match command {
            Command::Serve(options) => options.run(load()?).await,
            Command::Demo(options) => options.run(load_demo(config.as_deref())?, output).await,
            Command::Migrate(options) => options.run(&load()?, output).await,
            Command::Token(options) => options.run(load()?, output).await,
            Command::Key(options) => options.run(load()?, output).await,
            Command::Source(options) => options.run(load()?, output).await,
            Command::Import(options) => options.run(load()?, output).await,
            Command::Doctor(options) => options.run(config.as_deref(), output).await,
            Command::Backup(options) => options.run(&load()?, output).await,
            Command::Rebuild(options) => options.run(load()?, output).await,
            Command::Schema(options) => options.run(output),
        }
    }
}

fn load(file: Option<&Path>) -> Result<Config, Failure> {
    let file = ConfigFile::find(file)?;
    Ok(config::load(file.as_ref(), config::environment())?)
}

/// The demo has a database of its own, unless the environment names another.
fn load_demo(file: Option<&Path>) -> Result<Config, Failure> {
    let file = ConfigFile::find(file)?;
    let own = [("LAZO_DATABASE_URL".to_owned(), demo::DATABASE.to_owned())];
    let config = config::load(file.as_ref(), own.into_iter().chain(config::environment()))?;
    if config.database.url.is_embedded() {
        Ok(config)
    } else {
        Err(Failure::new(
            "LAZO_DATABASE_URL: the demo fills an embedded database; use sqlite://FILE, or leave it out.",
        ))
    }
}
