//! `lazo doctor`: what is wrong with this deployment, and how to mend it.
//!
//! It works when things are broken, changes nothing, and creates nothing.

mod audit;
mod database;
mod finding;
mod keys;
mod places;
mod redis;
mod settings;

use std::iter::once;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::json;

use self::finding::{Finding, Level};
use super::output::{Failure, Output};
use crate::config::Config;
use lazo_domain::privacy::audit::Head;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Prints the findings as JSON.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    topic: Option<Topic>,
}

/// What is looked into alone, as it takes long.
#[derive(Debug, Subcommand)]
enum Topic {
    /// Verifies the audit log from its first entry to its last, and names the first one that was altered, removed or moved.
    Audit {
        /// An end of the log that was noted earlier, as this command prints it: the log must still pass through it.
        #[arg(long, value_name = "SEQ:HASH", value_parser = audit::head)]
        noted: Option<Head>,
    },
}

impl Options {
    pub(super) async fn run(
        self,
        file: Option<&Path>,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let (settings, config) = settings::look(file);
        let findings = match (config, self.topic) {
            (Some(config), Some(Topic::Audit { noted })) => audit::look(&config, noted).await,
            (Some(config), None) => once(settings).chain(look(&config).await).collect(),
            (None, Some(Topic::Audit { .. })) => vec![settings, skipped("audit")],
            (None, None) => {
                let topics = TOPICS.into_iter().map(skipped);
                once(settings).chain(topics).collect()
            }
        };
        if self.json {
            let all: Vec<_> = findings.iter().map(Finding::json).collect();
            output.data(json!({ "findings": all }))?;
        } else {
            for finding in &findings {
                output.data(finding)?;
            }
        }
        let errors = findings
            .iter()
            .filter(|finding| finding.level() == Level::Error)
            .count();
        match errors {
            0 => Ok(()),
            1 => Err(Failure::new("1 topic has an error.")),
            many => Err(Failure::new(format!("{many} topics have errors."))),
        }
    }
}

fn skipped(topic: &'static str) -> Finding {
    Finding::skipped(topic, "mend the settings first")
}

/// What is looked into beside the settings.
const TOPICS: [&str; 7] = [
    "database",
    "migrations",
    "redis",
    "clock",
    "permissions",
    "keys",
    "address",
];

async fn look(config: &Config) -> Vec<Finding> {
    let (database, db) = database::open(config).await;
    let mut findings = vec![database];
    match &db {
        Some(db) => findings.push(database::migrations(db).await),
        None => findings.push(Finding::skipped("migrations", database::UNREACHABLE)),
    }
    findings.push(redis::look(config).await);
    findings.push(database::clock(db.as_ref()).await);
    findings.push(places::permissions(config, db.as_ref()).await);
    findings.push(keys::look(config, db.as_ref()).await);
    findings.push(places::address(config.listen).await);
    findings
}
