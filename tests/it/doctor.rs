//! `lazo doctor` says what is wrong, how to mend it, and harms nothing.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    clock::HOUR,
    engine::TestDatabase,
    redis::PrivateRedis,
    segment::track,
    server::program,
};
use rstest::rstest;
use sea_orm::ConnectionTrait;
use serde_json::Value;

use crate::{PROGRAM, start};

/// What the doctor says in a folder with these settings.
struct Said {
    code: Option<i32>,
    findings: Value,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = String::from_utf8_lossy(&output.stdout);
        let errors = String::from_utf8_lossy(&output.stderr);
        let answer: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}\n{errors}"));
        let said = Self {
            code: output.status.code(),
            findings: answer["findings"].clone(),
        };
        for problem in said.problems() {
            for part in ["problem", "mend"] {
                let words = problem[part].as_str().expect("text");
                assert!(!words.is_empty(), "{problem}");
            }
        }
        said
    }

    fn problems(&self) -> impl Iterator<Item = &Value> {
        let findings = self.findings.as_array().expect("a list").iter();
        findings.flat_map(|finding| finding["problems"].as_array().expect("a list"))
    }

    fn about(&self, topic: &str) -> &Value {
        let findings = self.findings.as_array().expect("a list");
        findings
            .iter()
            .find(|finding| finding["topic"] == topic)
            .unwrap_or_else(|| panic!("nothing about {topic}: {findings:#?}"))
    }

    fn level(&self, topic: &str) -> &str {
        self.about(topic)["level"].as_str().expect("a level")
    }

    /// How to mend the first problem of a topic.
    fn mend(&self, topic: &str) -> &str {
        let first = &self.about(topic)["problems"][0];
        first["mend"].as_str().unwrap_or_default()
    }
}

fn doctor_in(folder: &Path, settings: &[(&str, &str)]) -> Said {
    let mut command: Command = program(PROGRAM);
    command
        .args(["doctor", "--json"])
        .current_dir(folder)
        .env("LAZO_LISTEN", "127.0.0.1:0")
        .envs(settings.iter().copied())
        .stdin(Stdio::null());
    Said::of(&command.output().expect("the doctor runs"))
}

async fn doctor_of(server: &TestServer) -> Said {
    Said::of(&server.cli(&["doctor", "--json"]).await)
}

#[rstest]
#[tokio::test]
async fn nothing_is_wrong_with_a_deployment_that_runs(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    server.admin_token().await;

    let said = doctor_of(&server).await;
    let lines = server.cli(&["doctor"]).await.stdout;
    let lines = String::from_utf8_lossy(&lines);

    let database = said.level("database");
    assert_eq!(
        said.code == Some(0),
        database != "error",
        "{:#}",
        said.findings
    );
    for topic in [
        "settings",
        "database",
        "migrations",
        "redis",
        "clock",
        "keys",
        "address",
    ] {
        // A private server of the tests may do without fsync.
        if (topic, engine) != ("database", Postgres) {
            assert_eq!(said.level(topic), "ok", "{:#}", said.about(topic));
        }
    }
    assert_ne!(said.level("permissions"), "error");
    assert_eq!(lines.lines().count(), 8, "{lines}");
}

#[tokio::test]
async fn before_the_first_start_nothing_is_wrong_and_nothing_is_made() {
    let folder = tempfile::tempdir().expect("a folder");

    let said = doctor_in(folder.path(), &[]);

    assert_eq!(said.code, Some(0), "{:#}", said.findings);
    assert_eq!(said.level("database"), "warning");
    assert!(said.mend("database").contains("`lazo serve` creates it"));
    assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
}

#[tokio::test]
async fn wrong_settings_are_named_and_the_rest_is_looked_into_where_it_can_be() {
    let folder = tempfile::tempdir().expect("a folder");

    let unknown = doctor_in(folder.path(), &[("LAZO_LISTN", "x"), ("LAZO_LOGG", "y")]);
    assert_eq!(unknown.code, Some(1));
    let problems = unknown.about("settings")["problems"].to_string();
    assert!(problems.contains("LAZO_LISTN") && problems.contains("did you mean LAZO_LISTEN?"));
    assert!(problems.contains("LAZO_LOGG"));
    assert_eq!(unknown.level("address"), "ok");

    let wrong = doctor_in(folder.path(), &[("LAZO_WRITER__QUEUE", "many")]);
    assert_eq!((wrong.code, wrong.level("settings")), (Some(1), "error"));
    assert!(wrong.mend("settings").contains("config.default.toml"));
    assert_eq!(wrong.level("database"), "warning");
    assert_eq!(wrong.mend("database"), "mend the settings first");

    fs::write(folder.path().join("lazo.toml"), "listen = [").expect("a file");
    let file = doctor_in(folder.path(), &[]);
    assert_eq!((file.code, file.level("settings")), (Some(1), "error"));
}

#[tokio::test]
async fn a_database_and_a_redis_that_do_not_answer_are_errors() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = [
        (
            "LAZO_DATABASE_URL",
            "postgres://lazo:hunter2@127.0.0.1:1/lazo",
        ),
        ("LAZO_REDIS_URL", "redis://:hunter2@127.0.0.1:1"),
    ];

    let said = doctor_in(folder.path(), &settings);

    assert_eq!(said.code, Some(1));
    assert_eq!(
        (said.level("database"), said.level("redis")),
        ("error", "error")
    );
    assert_eq!(said.level("keys"), "error", "a server needs LAZO_SECRET");
    assert!(said.mend("database").contains("LAZO_DATABASE_URL"));
    assert!(said.mend("redis").contains("LAZO_REDIS_URL"));
    assert!(said.mend("keys").contains("give the secret"));
    assert!(!said.findings.to_string().contains("hunter2"));
}

#[rstest]
#[tokio::test]
async fn a_schema_that_is_behind_or_ahead_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut server = start(engine).await;
    server.admin().await.count_profiles().await;
    server.stop().await;
    server.cli_ok(&["migrate", "down", "--yes-i-know"]).await;

    let behind = doctor_of(&server).await;
    let expected = if engine == Sqlite { "warning" } else { "error" };
    assert_eq!(behind.level("migrations"), expected);
    let mend = if engine == Sqlite {
        "the next `lazo serve` makes them"
    } else {
        "run `lazo migrate`"
    };
    assert_eq!(behind.mend("migrations"), mend);

    let connection = server.database().connect().await;
    connection
        .execute_unprepared(
            "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9_later', 0)",
        )
        .await
        .expect("the change is noted");
    connection.close().await.expect("the connection is closed");
    let ahead = doctor_of(&server).await;
    assert_eq!((ahead.code, ahead.level("migrations")), (Some(1), "error"));
    assert!(ahead.about("migrations").to_string().contains("m9_later"));
    let mends = ahead.about("migrations").to_string();
    assert!(mends.contains("run that version or restore a backup"));
}

#[rstest]
#[tokio::test]
async fn another_secret_than_the_keys_were_stored_under_is_an_error(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    server.admin_token().await;
    server.stop().await;
    let settings = [
        ("LAZO_DATABASE_URL", server.database().url.as_str()),
        (
            "LAZO_SECRET",
            "another secret that is long enough to be one",
        ),
    ];

    let said = doctor_in(server.folder(), &settings);

    assert_eq!((said.code, said.level("keys")), (Some(1), "error"));
    assert_eq!(
        said.mend("keys"),
        "give the secret that the deployment has had"
    );
}

#[rstest]
#[tokio::test]
async fn what_was_received_in_the_future_is_told(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let backend = server.backend().await;
    server.move_clock(HOUR).await;
    backend.accept(track("Opened").user("ada")).await;

    let said = doctor_of(&server).await;

    assert_eq!(said.level("clock"), "warning");
    assert!(said.about("clock").to_string().contains("in the future"));
    assert!(said.mend("clock").contains("set it by NTP"));
}

#[rstest]
#[tokio::test]
async fn a_redis_that_will_refuse_to_store_is_told(#[values(Postgres)] engine: Engine) {
    let mut redis = PrivateRedis::away();
    redis.up();
    let folder = tempfile::tempdir().expect("a folder");
    let mut database = TestDatabase::create(engine, folder.path()).await;
    database.redis_url = Some(redis.url());
    let server = TestServer::start_on(database, folder, PROGRAM, &[]).await;

    let endless = doctor_of(&server).await;
    redis.command("CONFIG SET maxmemory 100mb");
    let full_one_day = doctor_of(&server).await;
    redis.command("CONFIG SET maxmemory-policy allkeys-lru");
    let mended = doctor_of(&server).await;

    assert_eq!(endless.level("redis"), "ok");
    assert_eq!(full_one_day.level("redis"), "warning");
    assert!(full_one_day.mend("redis").contains("allkeys-lru"));
    assert_eq!(mended.level("redis"), "ok");
}

#[tokio::test]
async fn files_that_others_reach_and_a_secret_that_is_gone_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let lazo = |arguments: &[&str]| {
        let mut command = program(PROGRAM);
        command.args(arguments).current_dir(folder.path());
        command.output().expect("it runs")
    };
    let made = lazo(&["token", "create", "--kind", "internal", "--role", "admin"]);
    assert!(made.status.success());
    let (database, secret) = (
        folder.path().join("lazo.db"),
        folder.path().join("lazo.db.secret"),
    );

    fs::set_permissions(&database, Permissions::from_mode(0o644)).expect("the mode is set");
    let said = doctor_in(folder.path(), &[]);
    assert_eq!(said.level("permissions"), "warning");
    let mend = said.mend("permissions");
    assert!(
        mend.starts_with("chmod 600 ") && mend.ends_with("lazo.db"),
        "{mend}"
    );
    fs::set_permissions(&secret, Permissions::from_mode(0o640)).expect("the mode is set");
    let said = doctor_in(folder.path(), &[]);
    assert_eq!((said.code, said.level("permissions")), (Some(1), "error"));

    fs::remove_file(&secret).expect("the secret is deleted");
    let said = doctor_in(folder.path(), &[]);
    assert_eq!((said.code, said.level("keys")), (Some(1), "error"));
    assert!(said.mend("keys").contains("restore it from your backup"));
    assert!(!secret.exists(), "the doctor makes no secret");
}

#[tokio::test]
async fn an_address_is_free_or_ours_or_taken() {
    let server = start(Sqlite).await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken
        .local_addr()
        .map(|address| (taken, address.to_string()));
    let (_listener, taken) = taken.expect("an address");
    let folder = tempfile::tempdir().expect("a folder");

    let ours = doctor_in(folder.path(), &[("LAZO_LISTEN", server.address())]);
    let theirs = doctor_in(folder.path(), &[("LAZO_LISTEN", taken.as_str())]);

    assert_eq!(ours.level("address"), "ok");
    assert_eq!((theirs.code, theirs.level("address")), (Some(1), "error"));
    assert!(theirs.mend("address").contains("LAZO_LISTEN"));
}

#[rstest]
#[tokio::test]
async fn a_role_without_rights_is_told(#[values(Postgres)] engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::create(engine, folder.path()).await;
    let server = TestServer::start_on(database, folder, PROGRAM, &[]).await;
    let connection = server.database().connect().await;
    let role = format!("reader_{}", std::process::id());
    connection
        .execute_unprepared(&format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        ))
        .await
        .expect("the role is made");
    let (scheme, rest) = server.database().url.split_once("://").expect("a URL");
    let place = rest.split_once('@').map_or(rest, |(_, place)| place);
    let url = format!("{scheme}://{role}@{place}");
    let elsewhere = tempfile::tempdir().expect("a folder");

    let said = doctor_in(elsewhere.path(), &[("LAZO_DATABASE_URL", url.as_str())]);

    connection
        .execute_unprepared(&format!("DROP OWNED BY {role}; DROP ROLE {role}"))
        .await
        .expect("the role is dropped");
    connection.close().await.expect("the connection is closed");
    assert_eq!((said.code, said.level("permissions")), (Some(1), "error"));
    assert!(
        said.about("permissions")
            .to_string()
            .contains("it lacks INSERT on")
    );
    let mend = said.mend("permissions");
    assert_eq!(mend, "let the program's role own the database");
}
