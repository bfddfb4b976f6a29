//! How far an import is, in a file: what `--resume` goes by.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use lazo_entity::source::Model;
use serde::{Deserialize, Serialize};

use super::create;
use super::tally::Tally;
use crate::cli::output::Failure;
use crate::import::{Place, Plan, Subject};

/// What must be the same before and after an interruption, as a digest: what is imported, from where, and by which mapping.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Settings(String);

/// A file of rejected rows, and how much of it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) path: PathBuf,
    pub(super) bytes: u64,
}

/// How far an import is.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct State {
    settings: Settings,
    rows: u64,
    digest: String,
    rejects: Option<Written>,
    /// What became of the rows.
    pub(super) tally: Tally,
}

/// The file of a state.
#[derive(Debug)]
pub(super) struct StateFile {
    path: PathBuf,
    settings: Settings,
}

impl Settings {
    pub(super) fn of(subject: Subject, source: &Model, plan: &Plan) -> Self {
        let text = format!("{} {} {}", subject.as_str(), source.id, plan.fingerprint());
        let full = digest(&SHA256, text.as_bytes());
        let text = full.as_ref().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self(text)
    }
}

impl State {
    /// How much of this file of rejected rows is written; nothing if the import wrote to another or to none.
    pub(super) fn rejects_bytes(&self, path: &Path) -> Option<u64> {
        let written = self.rejects.as_ref()?;
        (written.path == path).then_some(written.bytes)
    }

    /// The rows that are done.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    /// Whether the file begins with the rows that are done.
    pub(super) fn is_at(&self, place: &Place) -> bool {
        (self.rows, &self.digest) == (place.rows, &place.digest)
    }
}

impl StateFile {
    pub(super) fn new(path: PathBuf, settings: Settings) -> Self {
        Self { path, settings }
    }

    /// Whether an import was interrupted that wrote rejected rows to this file.
    pub(super) fn wrote(&self, rejects: &Path) -> bool {
        let state = fs::read(&self.path).ok();
        let state: Option<State> = state.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        state.is_some_and(|state| state.rejects_bytes(rejects).is_some())
    }

    /// The state of the interrupted import, if there is one.
    pub(super) fn load(&self) -> Result<Option<State>, Failure> {
        let name = self.path.display();
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Failure::new(format!("{name}: {error}"))),
        };
        let state: State = serde_json::from_slice(&bytes).map_err(|_| {
            Failure::new(format!(
                "--resume: {name} is no note of an import. Run without --resume: rows that are in are duplicates."
            ))
        })?;
        if state.settings != self.settings {
            return Err(Failure::new(
                "--resume: the interrupted import had another source, another mapping or other rows. Run it as it was, or \
                 without --resume from the first row.",
            ));
        }
        Ok(Some(state))
    }

    /// Refuses to note anything where something else stands, which the note would replace.
    pub(super) fn check(&self, rejects: Option<&Path>) -> Result<(), Failure> {
        let name = self.path.display();
        if rejects == Some(self.path.as_path()) {
            let message =
                format!("--state: {name} is the file of the rejected rows. Name another.");
            return Err(Failure::new(message));
        }
        let is_note = match fs::read(&self.path) {
            Ok(bytes) => serde_json::from_slice::<State>(&bytes).is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound,
        };
        if is_note {
            return Ok(());
        }
        Err(Failure::new(format!(
            "--state: {name} is there already and is no note of an import. Remove it or name another."
        )))
    }

    /// Notes how far the import is. Either the old note is there or the new one, whole.
    pub(super) fn save(
        &self,
        place: Place,
        rejects: Option<Written>,
        tally: &Tally,
    ) -> io::Result<()> {
        let state = State {
            settings: self.settings.clone(),
            rows: place.rows,
            digest: place.digest,
            rejects,
            tally: tally.clone(),
        };
        let mut beside = self.path.clone().into_os_string();
        beside.push(".new");
        let beside = PathBuf::from(beside);
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = create(&beside)?;
        file.write_all(&serde_json::to_vec(&state)?)?;
        file.sync_data()?;
        fs::rename(beside, &self.path)
    }

    /// Removes the note of an import that is done.
    pub(super) fn remove(&self) -> io::Result<()> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
