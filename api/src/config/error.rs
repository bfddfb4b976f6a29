//! What is wrong with a configuration, in a sentence that names the setting.

use std::io;
use std::path::PathBuf;

/// Why there is no configuration. No message repeats a secret.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A setting has a value it cannot have.
    #[error("{name}: {value} is not {form}.")]
    Invalid {
        /// The setting, as its source names it.
        name: String,
        /// The value in backquotes, or words for a secret one.
        value: String,
        /// What the value has to be.
        form: &'static str,
    },
    /// There is no such setting.
    #[error("{place}: there is no setting `{name}`.{}", .nearest.map(|nearest| format!(" Did you mean `{nearest}`?")).unwrap_or_default())]
    Unknown {
        /// The file, or the environment.
        place: String,
        /// The name given.
        name: String,
        /// The known name most like it.
        nearest: Option<&'static str>,
    },
    /// The file is not TOML.
    #[error("{file}: this is not TOML, from line {line} on.")]
    Syntax {
        /// The file.
        file: String,
        /// The line of the first error, from 1.
        line: usize,
    },
    /// The file cannot be read.
    #[error("{}: this file cannot be read: {error}.", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the operating system answered.
        error: io::Error,
    },
    /// The settings do not make a configuration, for a reason no single setting explains.
    #[error("the configuration is incomplete: {0}")]
    Incomplete(String),
}
