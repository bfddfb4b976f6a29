//! A whole application on a database of its own, for unit tests.

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::identity::Worthless;
use lazo_domain::touchpoint::{Envelope, Rules, SourceProfile, decode, message_digest};
use lazo_entity::source;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, Set};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::auth::caller::Caller;
use crate::clock::ManualClock;
use crate::config::{self, Config};
use crate::error::{Error, Violation};
use crate::graphql;
use crate::touchpoint::decoding::Kept;
use crate::touchpoint::{Answer, Content, Incoming, Speaker};

/// An application whose clock stands still until it is moved. An embedded database is gone with it.
#[derive(Clone)]
pub(crate) struct TestApp {
    pub(crate) app: App,
    pub(crate) clock: Arc<ManualClock>,
    config: Arc<Config>,
    directory: Arc<TempDir>,
}

/// An instant of 2026, as any other.
pub(crate) const NOW: i64 = 1_795_000_000_000;

impl TestApp {
    /// Starts one on a fresh database: an embedded one, or with `LAZO_TEST_ENGINE=postgres` one on the server at
    /// `LAZO_TEST_POSTGRES_URL`.
    pub(crate) async fn start() -> Self {
        crate::auth::install_crypto();
        let directory = tempfile::tempdir().unwrap();
        let clock = ManualClock::at(NOW);
        let url = if std::env::var_os("LAZO_TEST_ENGINE").is_some_and(|engine| engine == "postgres")
        {
            let server = std::env::var_os("LAZO_TEST_POSTGRES_URL")
                .and_then(|url| url.into_string().ok())
                .expect("run ./tests/run, which starts a server");
            fresh_database(&server).await
        } else {
            format!("sqlite://{}", directory.path().join("lazo.db").display())
        };
        let secret = "a secret for tests that is long enough to be one".to_owned();
        let variables = [
            ("LAZO_DATABASE_URL".to_owned(), url),
            ("LAZO_SECRET".to_owned(), secret),
        ];
        let config = Arc::new(config::load(None, variables).unwrap());
        Self::on(config, clock, Arc::new(directory)).await
    }

    /// Another server on the same database.
    pub(crate) async fn another(&self) -> Self {
        let directory = Arc::clone(&self.directory);
        Self::on(Arc::clone(&self.config), Arc::clone(&self.clock), directory).await
    }

    async fn on(config: Arc<Config>, clock: Arc<ManualClock>, directory: Arc<TempDir>) -> Self {
        let stop = CancellationToken::new();
        let (app, _) = App::start(Arc::clone(&config), Arc::clone(&clock) as _, true, stop)
            .await
            .unwrap();
        Self {
            app,
            clock,
            config,
            directory,
        }
    }

    /// A source of that name.
    pub(crate) async fn source(&self, name: &str, trusted: bool) -> Arc<source::Model> {
        let now = self.app.now();
        let row = source::ActiveModel {
            id: Set(self.app.ids().next(now)),
            name: Set(name.to_owned()),
            channel: Set("WEB".to_owned()),
            trusted: Set(trusted),
            live: Set(true),
            shop: Set("main".to_owned()),
            region: Set(Some("ES".to_owned())),
            links_known: Set(false),
            allowed_origins: Set(json!([])),
            key_hash: Set(format!("hash of {name}")),
            key_hint: Set("hint".to_owned()),
            second_key_hash: Set(None),
            second_key_hint: Set(None),
            created_at: Set(now),
            archived_at: Set(None),
            version: Set(1),
        };
        let transaction = self.app.db().begin().await.unwrap();
        let source = row.insert(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        Arc::new(source)
    }

    /// Records items as one request of that source, received now.
    pub(crate) async fn record(&self, source: &Arc<source::Model>, items: &[Json]) -> Vec<Answer> {
        let now = self.app.now();
        let items = items
            .iter()
            .zip(0..)
            .map(|(item, position)| incoming(source, item, position, now))
            .collect();
        self.app.writer().record(items).await.unwrap()
    }

    /// The only value of a query.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let query = crate::db::statement(self.app.db().read(), sql, []);
        let row = self
            .app
            .db()
            .read()
            .query_one_raw(query)
            .await
            .unwrap()
            .unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Runs a statement that writes, behind the writer's back, so that no hot profile is to be relied on.
    pub(crate) async fn execute(&self, sql: &str) -> Result<(), DbErr> {
        let connection = self.app.db().schema_connection();
        connection.execute_unprepared(sql).await?;
        self.app.hot().forget_all();
        Ok(())
    }
}

/// Makes a database on that server, whose address ends with a database's name.
async fn fresh_database(server: &str) -> String {
    let mut options = sea_orm::ConnectOptions::new(server);
    options.max_connections(1).sqlx_logging(false);
    let connection = sea_orm::Database::connect(options).await.unwrap();
    let mut random = [0; 8];
    aws_lc_rs::rand::fill(&mut random).unwrap();
    let name = format!("lazo_unit_{:016x}", u64::from_be_bytes(random));
    connection
        .execute_unprepared(&format!("CREATE DATABASE {name}"))
        .await
        .unwrap();
    connection.close().await.unwrap();
    let mut url = url::Url::parse(server).unwrap();
    url.set_path(&name);
    url.to_string()
}

/// An item as the doors would hand it over.
pub(crate) fn incoming(
    source: &Arc<source::Model>,
    item: &Json,
    position: u32,
    now: Timestamp,
) -> Incoming {
    let raw = item.to_string().into_bytes();
    let envelope = Envelope {
        received_at: now,
        sent_at: None,
        kind: None,
        context: None,
        integrations: None,
    };
    let profile = SourceProfile {
        channel: source.channel.parse().unwrap(),
        region: source.region.as_deref(),
    };
    let (worthless, currency) = (Worthless::default(), "EUR".parse().unwrap());
    let rules = Rules {
        earliest_event: Timestamp(0),
        worthless: &worthless,
        currency: &currency,
    };
    let content = match decode(
        &raw,
        position,
        &envelope,
        &profile,
        &rules,
        &format!("assigned-{position}"),
    ) {
        Ok(touchpoint) => Content::Touchpoint(Box::new(touchpoint)),
        Err(refusal) => {
            let digest = message_digest(refusal.message_id.as_deref().unwrap_or_default());
            Content::Refused { refusal, digest }
        }
    };
    Incoming {
        source: Arc::clone(source),
        raw,
        envelope: Kept::alone(now),
        content,
        target: None,
        replays: None,
        speaker: Speaker::Source,
    }
}

impl TestApp {
    /// What the platform's schema answers.
    pub(crate) async fn answer(&self, caller: Caller, document: &str) -> Json {
        let mut request = async_graphql::Request::new(document);
        request.data = graphql::request_data(&self.app, Some(caller));
        let response = graphql::platform(&self.app).execute(request).await;
        serde_json::to_value(response).unwrap()
    }
}

/// The one violation of a refused input: its field and its code.
pub(crate) fn refused<T>(outcome: Result<T, Error>) -> (String, &'static str) {
    match outcome {
        Err(Error::Invalid(violations)) => match violations.as_slice() {
            [Violation { field, code, .. }] => (field.join("."), code),
            other => panic!("{other:?}"),
        },
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("nothing was refused"),
    }
}
