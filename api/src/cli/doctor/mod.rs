//! `lazo doctor`: what is wrong with this deployment, and how to mend it.
//!
//! It works when things are broken, changes nothing, and creates nothing.

mod database;
mod finding;
mod keys;
mod places;
mod redis;
mod settings;

use std::path::Path;

use clap::Args;
use serde_json::json;

use self::finding::{Finding, Level};
use super::output::{Failure, Output};
use crate::config::Config;

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Prints the findings as JSON.
    #[arg(long)]
    json: bool,
}

impl Options {
    pub(super) async fn run(
        self,
        file: Option<&Path>,
        output: &mut Output<'_>,
    ) -> Result<(), Failure> {
        let (settings, config) = settings::look(file);
        let mut findings = vec![settings];
        match config {
            Some(config) => findings.extend(look(&config).await),
            None => findings.extend(
                [
                    "database",
                    "migrations",
                    "redis",
                    "clock",
                    "permissions",
                    "keys",
                    "address",
                ]
                .map(|topic| Finding::skipped(topic, "mend the settings first")),
            ),
        }
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
