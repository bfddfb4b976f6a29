//! `lazo backup`: a copy of an embedded database while the server runs, and what to do for another.

use std::path::PathBuf;

use clap::Args;

use super::output::{Failure, Output};
use crate::auth::secret::DeploymentSecret;
use crate::config::{Config, DatabaseUrl};
use crate::db::{self, Db};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// The file to write, which must not be there yet.
    file: PathBuf,
}

impl Options {
    pub(super) async fn run(self, config: &Config, output: &mut Output<'_>) -> Result<(), Failure> {
        let url = &config.database.url;
        if !url.is_embedded() {
            return Err(Failure::new(by_its_own_tool(url, &self.file)));
        }
        let database = url.file().filter(|file| file.exists()).ok_or_else(|| {
            Failure::new(format!("LAZO_DATABASE_URL: there is no database at {url}."))
        })?;
        let db = Db::open(url.expose(), db::Options::default()).await?;
        let made = db.back_up(url.expose(), &self.file).await;
        db.close().await.map_err(crate::error::Error::from)?;
        let made = made.map_err(|error| Failure::new(format!("{error}.")))?;

        let rows: Vec<_> = made
            .rows
            .iter()
            .map(|(table, rows)| format!("{rows} {table}s"))
            .collect();
        output.note(format!(
            "{}: {} bytes, verified: {}.",
            self.file.display(),
            made.bytes,
            rows.join(", ")
        ))?;
        let secret = match &config.secret {
            Some(_) => "LAZO_SECRET".to_owned(),
            None => DeploymentSecret::file_beside(&database)
                .display()
                .to_string(),
        };
        output.note(format!(
            "The deployment secret is not in it. Keep {secret} too, apart from the copy: without it no token of this \
             database is good any more."
        ))?;
        Ok(())
    }
}

/// A server's database is copied by the server's own tool; this says how.
fn by_its_own_tool(url: &DatabaseUrl, file: &std::path::Path) -> String {
    let (place, file) = (url.without_password(), file.display());
    format!(
        "a PostgreSQL database is copied by its own tool, which takes the password from PGPASSWORD or ~/.pgpass:\n  \
         pg_dump --format=custom --no-owner --file='{file}' '{place}'\n\
         To restore, stop all processes and run:\n  \
         pg_restore --clean --if-exists --no-owner --single-transaction --dbname='{place}' '{file}'\n\
         Keep LAZO_SECRET too, apart from the copy."
    )
}
