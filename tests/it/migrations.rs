//! The database's schema goes up, down and up again on both engines, and the program minds it.

use lazo_migration::Migrator;
use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    engine::TestDatabase,
    segment::track,
    server::program,
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use sea_orm_migration::MigratorTrait;

use crate::{PROGRAM, start};

/// Every table, column and index, as the engine itself describes them.
async fn description(connection: &DatabaseConnection) -> Vec<String> {
    let backend = connection.get_database_backend();
    let query = if backend == DbBackend::Sqlite {
        "SELECT type || ' ' || name || ' ' || COALESCE(sql, '') AS line FROM sqlite_master
         WHERE name NOT LIKE 'sqlite_%' AND tbl_name <> 'seaql_migrations' ORDER BY 1"
    } else {
        "SELECT table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable || ' '
                || COALESCE(column_default, '') AS line
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> 'seaql_migrations'
         UNION ALL
         SELECT indexdef FROM pg_indexes
         WHERE schemaname = 'public' AND tablename <> 'seaql_migrations'
         ORDER BY 1"
    };
    let rows = connection
        .query_all_raw(Statement::from_string(backend, query))
        .await
        .expect("the schema can be read");
    rows.iter()
        .map(|row| row.try_get("", "line").expect("a text"))
        .collect()
}

#[rstest]
#[tokio::test]
async fn the_schema_goes_up_down_and_up_again(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::create(engine, folder.path()).await;
    let connection = database.connect().await;

    Migrator::up(&connection, None).await.expect("up");
    let first = description(&connection).await;
    Migrator::down(&connection, None).await.expect("down");
    let nothing = description(&connection).await;
    Migrator::up(&connection, None).await.expect("up again");
    let second = description(&connection).await;

    assert!(first.len() > 20, "{first:#?}");
    assert_eq!(nothing, Vec::<String>::new());
    assert_eq!(first, second);
    connection.close().await.expect("the connection is closed");
}

#[rstest]
#[tokio::test]
async fn each_migration_can_be_taken_back_by_itself(#[values(Sqlite, Postgres)] engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::create(engine, folder.path()).await;
    let connection = database.connect().await;

    for _ in Migrator::migrations() {
        let before = description(&connection).await;
        Migrator::up(&connection, Some(1)).await.expect("one up");
        Migrator::down(&connection, Some(1))
            .await
            .expect("one down");
        assert_eq!(description(&connection).await, before);
        Migrator::up(&connection, Some(1))
            .await
            .expect("one up again");
    }
    connection.close().await.expect("the connection is closed");
}

#[rstest]
#[tokio::test]
async fn a_second_start_finds_its_schema_and_its_data(#[values(Sqlite, Postgres)] engine: Engine) {
    let mut server = start(engine).await;
    let token = server.admin_token().await;
    server
        .backend()
        .await
        .accept(track("Opened").user("ada"))
        .await;

    server.stop().await;
    server.cli_ok(&["migrate"]).await;
    server.restart().await;

    let ada = server.platform(Some(token)).customer("ada").await;
    assert_eq!(ada.story(), ["Opened"]);
}

#[rstest]
#[tokio::test]
async fn a_server_database_is_not_migrated_unasked(#[values(Postgres)] engine: Engine) {
    let folder = tempfile::tempdir().expect("a folder");
    let database = TestDatabase::create(engine, folder.path()).await;

    let output = tokio::process::Command::from(program(PROGRAM))
        .arg("serve")
        .current_dir(folder.path())
        .env("LAZO_LISTEN", "127.0.0.1:0")
        .env("LAZO_DATABASE_URL", &database.url)
        .env("LAZO_SECRET", "0123456789abcdef0123456789abcdef")
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_secs(30), output)
        .await
        .expect("the program ends by itself")
        .expect("the program runs");

    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("migrate"));
    let connection = database.connect().await;
    assert_eq!(description(&connection).await, Vec::<String>::new());
    connection.close().await.expect("the connection is closed");
}

#[rstest]
#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_by_every_command(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let mut server = start(engine).await;
    server.admin().await.count_profiles().await;
    server.stop().await;
    let connection = server.database().connect().await;
    let change =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m29991231_000001_later', 0)";
    connection
        .execute_unprepared(change)
        .await
        .expect("the change is noted");
    connection.close().await.expect("the connection is closed");

    for arguments in [
        ["serve"].as_slice(),
        &["serve", "--migrate"],
        &["migrate"],
        &["migrate", "status"],
        &["migrate", "down", "--yes-i-know"],
        &["token", "list"],
        &["source", "list"],
    ] {
        let output = server.cli(arguments).await;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        let sentence = "the database was migrated by a newer Lazo \
                        (change m29991231_000001_later is unknown here); run that version or restore a backup";
        assert!(errors.contains(sentence), "{arguments:?}: {errors}");
    }
}
