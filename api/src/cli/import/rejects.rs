//! The file of rejected rows on the disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::{create, state::Written};
use crate::cli::output::Failure;
use crate::import::{Delimiter, Original, Reason, Rejects};

/// The file of rejected rows. It is created with the first of them.
#[derive(Debug)]
pub(super) struct RejectsFile {
    path: PathBuf,
    rejects: Rejects,
    file: Option<File>,
    bytes: u64,
}

impl RejectsFile {
    /// The file at a path. `kept` is how much of it an interrupted import wrote, if it is resumed; without it, what an interrupted import
    /// left is overwritten, and nothing else ever is: somebody may have mended it.
    pub(super) fn new(
        path: &Path,
        imported: &Path,
        header: Option<(Vec<String>, Delimiter)>,
        kept: Option<u64>,
        is_interrupted: bool,
    ) -> Result<Self, Failure> {
        let name = path.display();
        let told = |error: io::Error| Failure::new(format!("--rejects: {name}: {error}"));
        let mut this = Self {
            path: path.to_owned(),
            rejects: Rejects::new(header),
            file: None,
            bytes: 0,
        };
        if same_file(path, imported) {
            return Err(Failure::new(
                "--rejects: this is the file that is imported; name another.",
            ));
        }
        // A link that leads nowhere is there, too.
        let is_there = path.symlink_metadata().is_ok();
        match kept {
            Some(0) => {}
            Some(kept) => {
                let file = OpenOptions::new().append(true).open(path).map_err(told)?;
                if file.metadata().map_err(told)?.len() < kept {
                    return Err(Failure::new(format!(
                        "--rejects: {name} is not the file of the interrupted import. Run without --resume and name another."
                    )));
                }
                file.set_len(kept).map_err(told)?;
                (this.file, this.bytes) = (Some(file), kept);
                return Ok(this);
            }
            None if is_there && !is_interrupted => {
                return Err(Failure::new(format!(
                    "--rejects: {name} is there already, and may hold rows that were not mended yet. Remove it or name another."
                )));
            }
            None => {}
        }
        if is_there {
            fs::remove_file(path).map_err(told)?;
        }
        Ok(this)
    }

    /// Appends a row.
    pub(super) fn add(
        &mut self,
        line: u64,
        original: &Original,
        reason: &Reason,
    ) -> io::Result<()> {
        let mut text = if self.file.is_none() {
            self.rejects.head()?
        } else {
            Vec::new()
        };
        text.extend(self.rejects.row(line, original, reason)?);
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(create(&self.path)?),
        };
        file.write_all(&text)?;
        self.bytes += u64::try_from(text.len()).unwrap_or_default();
        Ok(())
    }

    /// How much of the file is written, once it is on the disk.
    pub(super) fn flushed(&self) -> io::Result<Written> {
        if let Some(file) = &self.file {
            file.sync_data()?;
        }
        Ok(Written {
            path: self.path.clone(),
            bytes: self.bytes,
        })
    }
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
