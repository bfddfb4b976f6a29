//! The bench: what the program does in a second, how long it takes and what it needs, beside what the machine could do without it.
//!
//! Load generator, server and databases share the machine, and a machine drifts by a third within minutes. So what is compared is
//! measured in turns within one run, and each number is the median of several rounds.

pub mod customer;
pub mod definitions;
pub mod engines;
pub mod histogram;
pub mod http;
pub mod load;
pub mod plain;
pub mod population;
pub mod process;
pub mod report;
pub mod sections;
pub mod server;
pub mod traffic;
pub mod year;

use std::{path::PathBuf, time::Duration};

use tempfile::TempDir;

use self::{
    engines::Engines,
    report::{Report, machine, say},
    server::Installation,
};
use crate::{Engine, engine::TestDatabase};

/// What to measure, and how long.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program.
    pub program: PathBuf,
    /// Where the numbers go.
    pub json: PathBuf,
    /// A look in about a minute, with fewer people and shorter rounds.
    pub quick: bool,
    /// Only the sections whose name contains this.
    pub filter: Option<String>,
    /// Further settings for the program.
    pub settings: Vec<(String, String)>,
}

/// What all sections share.
#[derive(Debug)]
pub struct Bench {
    quick: bool,
    installation: Installation,
    engines: Engines,
    report: Report,
    folder: TempDir,
    databases: u32,
}

/// Runs what the options ask for. Returns the table.
pub async fn run(options: Options) -> String {
    let folder = tempfile::tempdir().expect("a folder for the databases");
    let installation = Installation::new(options.program, folder.path(), options.settings);
    let engines = Engines::start().await;
    let mut versions = vec![installation.version()];
    versions.extend(engines.versions.clone());
    let machine = machine(&versions);
    say(&machine);
    let mut bench = Bench {
        quick: options.quick,
        installation,
        engines,
        report: Report::default(),
        folder,
        databases: 0,
    };
    let wanted = |name: &str| {
        options
            .filter
            .as_deref()
            .is_none_or(|filter| name.contains(filter))
    };
    if wanted("ingestion") {
        sections::ingestion::run(&mut bench).await;
    }
    if wanted("standing") {
        sections::standing::run(&mut bench).await;
    }
    if wanted("reads") {
        sections::reads::run(&mut bench).await;
    }
    if wanted("scale") {
        sections::scale::run(&mut bench).await;
    }
    if wanted("previews") {
        sections::previews::run(&mut bench).await;
    }
    if wanted("timer") {
        sections::timer::run(&mut bench).await;
    }
    if wanted("resources") {
        sections::resources::run(&mut bench).await;
    }
    bench.report.write(&options.json, &machine, options.quick);
    bench.report.markdown(&machine)
}

impl Bench {
    /// One of two values, by how long a run may take.
    fn pick<T>(&self, quick: T, whole: T) -> T {
        if self.quick { quick } else { whole }
    }

    fn rounds(&self) -> usize {
        self.pick(3, 5)
    }

    /// How long a round loads the server.
    fn round(&self) -> Duration {
        self.pick(Duration::from_millis(800), Duration::from_secs(4))
    }

    /// A new database with all tables.
    async fn database(&mut self, engine: Engine) -> TestDatabase {
        self.databases += 1;
        let name = format!("bench_{}", self.databases);
        let folder = self.folder.path();
        let mut database = self.engines.database(engine, folder, &name).await;
        self.installation.run(&database, &["migrate"]);
        if engine == Engine::Postgres {
            database.redis_url = Some(format!("{}/{}", self.engines.redis_url(), self.databases));
        }
        database
    }
}

/// The name of an engine in the table.
fn label(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "SQLite",
        Engine::Postgres => "PostgreSQL",
    }
}

/// A count as a number that can be divided.
fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// A measured number of which a whole number of requests is made.
fn whole(number: f64) -> usize {
    usize::try_from(Duration::from_secs_f64(number.clamp(0.0, 1e9)).as_secs()).unwrap_or_default()
}

/// Microseconds of processor time for each of so many things, from what was taken before them and after them.
fn microseconds_each(before: Duration, after: Duration, count: u64) -> f64 {
    after.saturating_sub(before).as_secs_f64() * 1e6 / number(count.max(1))
}
