//! The settings: which file was read, and what is wrong with it or with the environment.

use std::path::Path;

use super::finding::Finding;
use crate::config::{self, Config, ConfigError, ConfigFile};

/// The finding, and the settings as far as they can be used: variables that are unknown are left out.
pub(super) fn look(file: Option<&Path>) -> (Finding, Option<Config>) {
    let mut finding = Finding::about("settings");
    let file = match ConfigFile::find(file) {
        Ok(file) => file,
        Err(error) => {
            finding.error(error.to_string(), "name a file that is there with --config");
            return (finding, None);
        }
    };
    match &file {
        Some(file) => finding.fact(format!("from {}", file.name)),
        None => finding.fact("no file lazo.toml"),
    }
    let mut variables: Vec<_> = config::environment().collect();
    loop {
        match config::load(file.as_ref(), variables.iter().cloned()) {
            Ok(config) => {
                let ours = variables
                    .iter()
                    .filter(|(name, text)| name.starts_with("LAZO_") && !text.is_empty())
                    .count();
                finding.fact(format!("{ours} from the environment"));
                if config.development {
                    finding.warning(
                        "development is on",
                        "leave LAZO_DEVELOPMENT out where others can reach the server",
                    );
                }
                return (finding, Some(config));
            }
            Err(ConfigError::Unknown { name, nearest, .. })
                if variables.iter().any(|(known, _)| *known == name) =>
            {
                variables.retain(|(known, _)| *known != name);
                finding.error(
                    format!("there is no setting {name}"),
                    nearest.map_or_else(
                        || "remove it".to_owned(),
                        |nearest| format!("did you mean {nearest}?"),
                    ),
                );
            }
            Err(error) => {
                finding.error(
                    error.to_string().trim_end_matches('.'),
                    "api/config.default.toml explains each setting",
                );
                return (finding, None);
            }
        }
    }
}
