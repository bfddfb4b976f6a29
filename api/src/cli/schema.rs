//! `lazo schema`: the schemas of the API as text.

use std::fs;
use std::path::PathBuf;

use clap::Subcommand;

use super::output::{Failure, Output};
use crate::graphql;

#[derive(Debug, Subcommand)]
pub(super) enum Options {
    /// Writes out the platform's schema.
    Export {
        /// Writes out the storefront's schema instead.
        #[arg(long)]
        storefront: bool,
        /// The file to write; without it the schema is printed.
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

impl Options {
    pub(super) fn run(self, out: &mut Output<'_>) -> Result<(), Failure> {
        let Self::Export { storefront, output } = self;
        let schema = if storefront {
            graphql::storefront_sdl()
        } else {
            graphql::platform_sdl()
        };
        match output {
            None => Ok(out.text(&schema)?),
            Some(file) => fs::write(&file, schema)
                .map_err(|error| Failure::new(format!("{}: {error}", file.display()))),
        }
    }
}
