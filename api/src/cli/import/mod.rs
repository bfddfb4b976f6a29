//! `lazo import`: files of the past become profiles, touchpoints and purchases.

mod arguments;
mod batch;
mod progress;
mod rejects;
mod run;
mod source;
mod state;
mod tally;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use clap::Subcommand;

use self::arguments::Arguments;
use self::rejects::RejectsFile;
use self::run::Import;
use self::state::{Settings, StateFile};
use super::output::{Failure, Output};
use super::session::Session;
use crate::config::Config;
use crate::import::{FileFormat, Plan, Rows, Subject};

/// What reads standard input in the place of a file.
const STANDARD_INPUT: &str = "-";

/// A file that is being read.
type Opened = Rows<Box<dyn Read + Send>>;

#[derive(Debug, Subcommand)]
pub(super) enum Options {
    /// Imports who customers are: their identifiers and traits.
    #[command(after_help = arguments::help(Subject::Profiles))]
    Profiles(Arguments),
    /// Imports what customers did, from a table or an export of the Segment protocol.
    #[command(after_help = arguments::help(Subject::Touchpoints))]
    Touchpoints(Arguments),
    /// Imports orders: a row for each, paid, changed, refunded or cancelled.
    #[command(after_help = arguments::help(Subject::Purchases))]
    Purchases(Arguments),
}

impl Options {
    pub(super) async fn run(self, config: Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let (subject, arguments) = match self {
            Self::Profiles(arguments) => (Subject::Profiles, arguments),
            Self::Touchpoints(arguments) => (Subject::Touchpoints, arguments),
            Self::Purchases(arguments) => (Subject::Purchases, arguments),
        };
        import(config, subject, &arguments, output).await
    }
}

async fn import(
    config: Config,
    subject: Subject,
    arguments: &Arguments,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let plan = Plan::new(subject, arguments.mapping()?)
        .map_err(|error| Failure::new(format!("--map: {error}.")))?;
    let format = arguments.format().ok_or_else(|| {
        Failure::new("--format: say csv or jsonl; the file's name does not tell.")
    })?;
    let (rows, size) = open(&arguments.file, format, plan)?;
    let session = Session::open(config).await?;
    let source = source::usable(&session.app, &arguments.source).await?;
    let settings = Settings::of(subject, &source, rows.plan());
    let state = arguments
        .state_file()
        .map(|path| StateFile::new(path, settings));
    if let Some(state) = &state {
        state.check(arguments.rejects.as_deref())?;
    }
    let before = match &state {
        Some(state) if arguments.resume => state.load()?,
        _ => None,
    };
    if arguments.resume && before.is_none() {
        output.note("There is no interrupted import to resume; it begins at the first row.")?;
    }
    let rejects = arguments.rejects.as_ref().filter(|_| !arguments.dry_run);
    let rejects = rejects
        .map(|path| {
            let kept = before
                .as_ref()
                .and_then(|before| before.rejects_bytes(path));
            let is_interrupted = state.as_ref().is_some_and(|state| state.wrote(path));
            RejectsFile::new(path, &arguments.file, rows.header(), kept, is_interrupted)
        })
        .transpose()?;
    let tally = Import {
        app: &session.app,
        source,
        rows,
        size,
        batch: usize::from(arguments.batch),
        is_dry: arguments.dry_run,
        rejects,
        state,
        output,
    }
    .run(before)
    .await?;
    session.close().await?;
    let named = arguments.rejects.as_deref().filter(|_| !arguments.dry_run);
    tally.outcome(subject, named)
}

/// Makes a new file that its owner alone can read, as it holds what people told; a link of that name is not followed.
fn create(path: &Path) -> io::Result<File> {
    File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
}

/// Opens a file and looks at its header. The size in bytes is known of a file alone.
fn open(path: &Path, format: FileFormat, plan: Plan) -> Result<(Opened, Option<u64>), Failure> {
    let name = path.display();
    let (reader, size): (Box<dyn Read + Send>, _) = if path.as_os_str() == STANDARD_INPUT {
        (Box::new(io::stdin()), None)
    } else {
        let opened = File::open(path).and_then(|file| {
            let size = file.metadata()?.len();
            Ok((file, size))
        });
        let (file, size) = opened.map_err(|error| Failure::new(format!("{name}: {error}")))?;
        (Box::new(file), Some(size))
    };
    let rows = Rows::open(reader, format, plan)
        .map_err(|error| Failure::new(format!("{name}: {error}.")))?;
    Ok((rows, size))
}
