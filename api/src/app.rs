//! The application: the one place that wires its parts together.

use std::sync::Arc;
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use lazo_domain::identity::Worthless;
use lazo_entity::{source, token};
use sea_orm::{DatabaseConnection, DbErr};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::audit::Recorder;
use crate::auth::oidc::{ClientError, Providers};
use crate::auth::secret::{DeploymentSecret, SecretError};
use crate::auth::service::Authenticator;
use crate::auth::source_keys::SourceKeys;
use crate::cache::hot::Hot;
use crate::cache::{Bus, Hearing, Memory, Notice, UrlError};
use crate::clock::Clock;
use crate::condition::service::KnownNames;
use crate::config::Config;
use crate::db::{ConnectError, Db, Engine, Options};
use crate::deployment::{Deployment, DeploymentError};
use crate::identity::hints::Hints;
use crate::ids::IdSource;
use crate::metrics::Meters;
use crate::profile::hot::HotProfile;
use crate::purpose;
use crate::segment::asking::Turns;
use crate::standing::{Kept, Locale, Memory as StandingMemory, Pace};
use crate::subscription::{self, Wakes};
use crate::touchpoint::decoding::DecodingRules;
use crate::writer::{self, Limits, Writer};

/// The application's parts; cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    db: Db,
    clock: Arc<dyn Clock>,
    ids: Arc<IdSource>,
    secret: Arc<DeploymentSecret>,
    deployment: Deployment,
    rules: Arc<DecodingRules>,
    authenticator: Arc<Authenticator<DatabaseConnection>>,
    source_keys: Arc<SourceKeys<DatabaseConnection>>,
    memory: Memory,
    bus: Bus,
    hot: Arc<Hot<HotProfile, DbErr>>,
    wakes: Wakes,
    hints: Hints,
    known_names: KnownNames,
    definitions: Kept,
    turns: Turns,
    writer: Writer,
    recorder: Recorder,
    meters: Meters,
    config: Arc<Config>,
}

/// Why the application does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not open.
    #[error("LAZO_DATABASE_URL: {0}")]
    Connect(#[from] ConnectError),
    /// The database is of another schema.
    #[error(
        "the database lacks {0} changes of its schema; run `lazo migrate`, or start with `lazo serve --migrate`"
    )]
    NotMigrated(usize),
    /// The schema does not change.
    #[error("the database's schema: {0}")]
    Migration(#[from] DbErr),
    /// A setting that was fixed differs.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// There is no usable deployment secret.
    #[error("LAZO_SECRET: {0}")]
    Secret(#[from] SecretError),
    /// The keys of the company's own provider cannot be fetched in any way.
    #[error("LAZO_OIDC: {0}")]
    Oidc(#[from] ClientError),
    /// There is no thread for the writer.
    #[error("the writer does not start: {0}")]
    Writer(#[from] std::io::Error),
    /// The Redis server cannot be reached in that way.
    #[error("LAZO_REDIS_URL: {0}")]
    Redis(#[from] UrlError),
}

impl App {
    /// Opens the database, listens to other processes and starts the writer, which stops once `stop` is cancelled and all it
    /// took is answered. The task that is handed back ends when these have ended.
    ///
    /// An embedded database is migrated by itself, a server's only if `migrate` says so.
    pub async fn start(
        config: Arc<Config>,
        clock: Arc<dyn Clock>,
        migrate: bool,
        stop: CancellationToken,
    ) -> Result<(Self, JoinHandle<()>), StartError> {
        // A server's database is not touched by a process that could not start on it.
        if !config.database.url.is_embedded() {
            config.deployment_secret()?;
        }
        let options = Options::default();
        let db = Db::open(config.database.url.expose(), options).await?;
        migrate_or_check(&db, migrate || db.engine() == Engine::Sqlite).await?;
        let secret = Arc::new(config.deployment_secret()?);
        let bus = Bus::new(config.redis.url.as_ref(), &secret)?;
        let providers = Providers::new(&config)?;
        let deployment = Deployment::fix(&db, &config.deployment, clock.now()).await?;
        purpose::service::prepare(&db, clock.now()).await?;
        let ids = Arc::new(IdSource::new());
        let rules = DecodingRules {
            earliest_event: deployment.earliest_event,
            worthless: Worthless::with_patterns(&config.deployment.worthless),
            currency: deployment.currency,
        };
        let limits = Limits {
            queue: config.writer.queue,
            wait: Duration::from_millis(config.writer.wait_ms),
            budget_kib: budget_kib(&config),
            batch: config.writer.batch,
        };
        let meters = Meters::new(clock.now());
        meters.watch_pools(&db);
        // Half of the readers' connections: page views that are not at hand leave room for what else is read.
        let loads = usize::try_from(options.readers / 2).unwrap_or(1).max(1);
        let keeping = CancellationToken::new();
        let (hot, keeper) = Hot::start(config.cache, &bus, loads, db.clone(), keeping.clone());
        hot.show_counters(&meters);
        let (wakes, waking) = subscription::start(db.clone(), hot.news(), keeping.clone());
        let (recorder, recording) = Recorder::start(
            db.clone(),
            Arc::clone(&ids),
            Arc::clone(&clock),
            keeping.clone(),
        );
        let context = writer::Context {
            serving: Handle::current(),
            db: db.apart(config.database.url.expose(), options).await?,
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            currency: deployment.currency,
            meters: meters.writer().clone(),
            hot: Arc::clone(&hot),
            definitions: Kept::default(),
            locale: Locale::of(&deployment),
            memory: StandingMemory::default(),
            pace: Pace::default(),
            categories: config.consent.categories.clone(),
        };
        let (writer, task) = Writer::start(context, limits, &meters, stop.clone())?;
        let authenticator =
            Authenticator::new(db.read().clone(), Arc::clone(&clock), Arc::clone(&secret));
        let authenticator = Arc::new(
            authenticator
                .trusting(providers)
                .measured_by(meters.tokens().clone()),
        );
        let source_keys = Arc::new(SourceKeys::new(
            db.read().clone(),
            Arc::clone(&clock),
            Arc::clone(&secret),
        ));
        let memory = Memory::new(Arc::clone(&authenticator), Arc::clone(&source_keys))
            .with_hot(Arc::clone(&hot) as _);
        let listener = bus.listen(memory.clone(), stop);
        let task = all(task, listener, [keeper, waking, recording], keeping);
        let parts = Parts {
            authenticator,
            source_keys,
            memory,
            bus,
            db,
            clock,
            ids,
            secret,
            deployment,
            rules: Arc::new(rules),
            hot,
            wakes,
            hints: Hints::default(),
            known_names: KnownNames::default(),
            definitions: Kept::default(),
            turns: Turns::new(usize::try_from(options.readers / 4).unwrap_or(1).max(1)),
            writer,
            recorder,
            meters,
            config,
        };
        Ok((Self(Arc::new(parts)), task))
    }

    /// The database.
    pub fn db(&self) -> &Db {
        &self.0.db
    }

    /// The present instant.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Moves the clock to so many milliseconds ahead of the machine's.
    #[cfg(feature = "test-door")]
    pub fn move_clock(&self, offset_ms: i64) {
        self.0.clock.shift(offset_ms);
    }

    /// Makes ids.
    pub fn ids(&self) -> &Arc<IdSource> {
        &self.0.ids
    }

    /// Turns of those who ask about all profiles.
    pub fn turns(&self) -> &Turns {
        &self.0.turns
    }

    /// The deployment secret.
    pub fn secret(&self) -> &Arc<DeploymentSecret> {
        &self.0.secret
    }

    /// What is fixed for the deployment.
    pub fn deployment(&self) -> &Deployment {
        &self.0.deployment
    }

    /// The deployment's rules for what comes in.
    pub fn rules(&self) -> Arc<DecodingRules> {
        Arc::clone(&self.0.rules)
    }

    /// Tells who calls.
    pub fn authenticator(&self) -> &Authenticator<DatabaseConnection> {
        &self.0.authenticator
    }

    /// Finds sources by their keys.
    pub fn source_keys(&self) -> &SourceKeys<DatabaseConnection> {
        &self.0.source_keys
    }

    /// Forgets a token that has changed, in this process and in all others, so that the change takes effect at once.
    pub async fn forget_token(&self, token: &token::Model) {
        self.forget(Notice::token(token)).await;
    }

    /// Forgets the keys that a source has, in this process and in all others. Where keys have changed, the source as it was
    /// and as it is are both to be forgotten.
    pub async fn forget_source(&self, source: &source::Model) {
        self.forget(Notice::source(source)).await;
    }

    /// Forgets the signing keys, in this process and in all others.
    pub async fn forget_keys(&self) {
        self.forget(Notice::keys()).await;
    }

    /// In a task of its own: a caller who hangs up does not keep the others from learning what is committed.
    async fn forget(&self, notice: Notice) {
        let (memory, bus) = (self.0.memory.clone(), self.0.bus.clone());
        let task =
            tokio::spawn(async move { tokio::join!(memory.forget(&notice), bus.tell(&notice)) });
        // An error says that the process is ending, and with it what it remembers.
        let _ = task.await;
    }

    /// Whether this process hears what others tell it to forget.
    pub fn hearing(&self) -> Hearing {
        self.0.bus.hearing()
    }

    /// The hot profiles, for readers. The write path never reads them.
    pub fn hot(&self) -> &Hot<HotProfile, DbErr> {
        &self.0.hot
    }

    /// Those who wait for what commits bring.
    pub fn wakes(&self) -> &Wakes {
        &self.0.wakes
    }

    /// Where identifiers led, as places to look first.
    pub fn hints(&self) -> &Hints {
        &self.0.hints
    }

    /// What is defined, for readers. The writer keeps its own.
    pub(crate) fn definitions(&self) -> &Kept {
        &self.0.definitions
    }

    /// The deployment's currency, and the time zone of those who name none.
    pub(crate) fn locale(&self) -> Locale {
        Locale::of(&self.0.deployment)
    }

    /// The names that conditions may refer to, as they were read last.
    pub fn known_names(&self) -> &KnownNames {
        &self.0.known_names
    }

    /// The writer: every change of a profile goes through it.
    pub fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// Enters into the audit log what requests read of many persons.
    pub fn recorder(&self) -> &Recorder {
        &self.0.recorder
    }

    /// What the operator measures.
    pub fn meters(&self) -> &Meters {
        &self.0.meters
    }

    /// The configuration.
    pub fn config(&self) -> &Config {
        &self.0.config
    }
}

/// The memory for all requests that were read and not yet answered, in KiB: 256 for each that may wait.
fn budget_kib(config: &Config) -> usize {
    config.writer.queue.saturating_mul(256)
}

/// One task that ends when the listener, the writer and what follows its commits have ended: that last, since what the writer
/// commits at the end is put out too.
fn all(
    writer: JoinHandle<()>,
    listener: Option<JoinHandle<()>>,
    following: [JoinHandle<()>; 3],
    keeping: CancellationToken,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let written = writer.await;
        keeping.cancel();
        // Those that failed have nothing to finish.
        let _ = futures::future::join_all(following).await;
        if let Some(listener) = listener {
            let _ = listener.await;
        }
        if let Err(error) = written
            && let Ok(panic) = error.try_into_panic()
        {
            std::panic::resume_unwind(panic);
        }
    })
}

async fn migrate_or_check(db: &Db, migrate: bool) -> Result<(), StartError> {
    if migrate {
        return Ok(db.migrate().await?);
    }
    match db.pending_changes().await? {
        0 => Ok(()),
        pending => Err(StartError::NotMigrated(pending)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::clock::ManualClock;
    use crate::config;
    use crate::testing::NOW;

    async fn refusal(variables: &[(&str, &str)]) -> String {
        crate::auth::install_crypto();
        let variables = variables
            .iter()
            .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()));
        let config = Arc::new(config::load(None, variables).unwrap());
        let stop = CancellationToken::new();
        match App::start(config, ManualClock::at(NOW), true, stop).await {
            Err(error) => error.to_string(),
            Ok(_) => panic!("it starts"),
        }
    }

    /// Nothing listens at port 1, so a start that went for the database would fail with it.
    #[tokio::test]
    async fn the_secret_is_asked_for_before_the_database_is_touched() {
        let refusal = refusal(&[("LAZO_DATABASE_URL", "postgres://127.0.0.1:1/lazo")]).await;
        assert!(refusal.contains("LAZO_SECRET is missing"), "{refusal}");
    }

    #[rstest]
    #[case("2999-01-01")]
    #[case("2026-11-19")]
    #[tokio::test]
    async fn a_day_to_come_is_no_earliest_event(#[case] day: &str) {
        let variables = [
            ("LAZO_DATABASE_URL", "sqlite::memory:"),
            ("LAZO_DEPLOYMENT__EARLIEST_EVENT", day),
        ];
        let refusal = refusal(&variables).await;
        let start =
            format!("LAZO_DEPLOYMENT__EARLIEST_EVENT: {day}T00:00:00.000Z is still to come");
        assert!(refusal.starts_with(&start), "{refusal}");
    }
}
