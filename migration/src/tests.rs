use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DbBackend, Statement,
};

use lazo_domain::privacy::audit::{Event, Head};

use crate::{Migrator, MigratorTrait};

/// Every table, column and index of the connection's schema, a line each, without the list of changes itself.
async fn shape(db: &DatabaseConnection) -> Vec<String> {
    let lines = match db.get_database_backend() {
        DbBackend::Sqlite => {
            "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS line FROM sqlite_master
             WHERE tbl_name <> 'seaql_migrations' ORDER BY 1"
        }
        _ => {
            "SELECT concat_ws(' ', 'column', table_name, column_name, data_type, is_nullable) AS line
             FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations'
             UNION ALL SELECT 'index ' || indexdef FROM pg_indexes
             WHERE schemaname = current_schema() AND tablename <> 'seaql_migrations'
             ORDER BY 1"
        }
    };
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), lines))
        .await
        .unwrap();
    rows.iter()
        .map(|row| row.try_get("", "line").unwrap())
        .collect()
}

/// Makes each change, undoes it and makes it again; then all of them at once.
async fn up_down_up(db: &DatabaseConnection) {
    assert_eq!(shape(db).await, Vec::<String>::new());
    for change in Migrator::get_migration_files() {
        let before = shape(db).await;
        Migrator::up(db, Some(1)).await.unwrap();
        let after = shape(db).await;
        assert_ne!(after, before, "{} does nothing", change.name());
        Migrator::down(db, Some(1)).await.unwrap();
        assert_eq!(shape(db).await, before, "{} is not undone", change.name());
        Migrator::up(db, Some(1)).await.unwrap();
        assert_eq!(shape(db).await, after, "{} is not repeated", change.name());
    }
    let whole = shape(db).await;
    Migrator::down(db, None).await.unwrap();
    assert_eq!(shape(db).await, Vec::<String>::new());
    Migrator::up(db, None).await.unwrap();
    assert_eq!(shape(db).await, whole);
}

#[tokio::test]
async fn every_change_can_be_undone_and_made_again_on_sqlite() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    up_down_up(&Database::connect(options).await.unwrap()).await;
}

/// Runs in a schema of its own where `LAZO_TEST_POSTGRES_URL` names a database.
#[tokio::test]
async fn every_change_can_be_undone_and_made_again_on_postgresql() {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no configuration file"
    )]
    let Ok(url) = std::env::var("LAZO_TEST_POSTGRES_URL") else {
        return;
    };
    let schema = format!("lazo_migration_{}", std::process::id());
    let plain = Database::connect(&url).await.unwrap();
    let drop = format!("DROP SCHEMA IF EXISTS {schema} CASCADE");
    plain.execute_unprepared(&drop).await.unwrap();
    plain
        .execute_unprepared(&format!("CREATE SCHEMA {schema}"))
        .await
        .unwrap();

    let mut options = ConnectOptions::new(url);
    options.set_schema_search_path(schema);
    up_down_up(&Database::connect(options).await.unwrap()).await;

    plain.execute_unprepared(&drop).await.unwrap();
}

#[tokio::test]
async fn lines_go_with_their_purchase() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    for statement in [
        "INSERT INTO purchase VALUES (x'01', x'02', 'shop', '1', 'PLACED', 0, 'EUR', 5, 0, 5, true, false, '[]', 0)",
        "INSERT INTO purchase_line (purchase_id, position, quantity) VALUES (x'01', 0, 1)",
        "DELETE FROM purchase",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let left = Statement::from_string(DbBackend::Sqlite, "SELECT * FROM purchase_line");
    assert_eq!(db.query_all_raw(left).await.unwrap().len(), 0);
}

#[tokio::test]
async fn profiles_that_are_there_get_the_day_on_which_they_were_last_seen() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, Some(19)).await.unwrap();
    for (id, last_seen) in [("01", "172800000"), ("02", "-1"), ("03", "NULL")] {
        let insert = format!(
            "INSERT INTO profile (id, created_at, projection, last_seen, touchpoints, orders, spend, refunded, left_out, \
             restricted, version) VALUES (x'{id}', 0, '{{}}', {last_seen}, 0, 0, 0, 0, 0, false, 1)"
        );
        db.execute_unprepared(&insert).await.unwrap();
    }
    Migrator::up(&db, None).await.unwrap();
    let days = Statement::from_string(
        DbBackend::Sqlite,
        "SELECT last_seen_day AS day FROM profile ORDER BY id",
    );
    let days: Vec<Option<i64>> = (db.query_all_raw(days).await.unwrap().iter())
        .map(|row| row.try_get("", "day").unwrap())
        .collect();
    assert_eq!(days, [Some(2), Some(-1), None]);
}

/// The projections of all fragments, in the order of their ids.
async fn projections(db: &DatabaseConnection) -> Vec<Option<String>> {
    let ask = "SELECT CAST(projection AS text) AS projection FROM fragment ORDER BY id";
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, ask));
    (rows.await.unwrap().iter())
        .map(|row| row.try_get("", "projection").unwrap())
        .collect()
}

#[tokio::test]
async fn what_a_profile_of_one_fragment_adds_up_to_is_kept_once_and_comes_back() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, Some(20)).await.unwrap();
    for statement in [
        "INSERT INTO profile (id, created_at, projection, touchpoints, orders, spend, refunded, left_out, restricted, version)
         VALUES (x'01', 0, '{\"n\":1}', 1, 0, 0, 0, 0, false, 1), (x'02', 0, '{\"n\":5}', 5, 0, 0, 0, 0, false, 1)",
        "INSERT INTO fragment (id, profile_id, created_at, projection)
         VALUES (x'01', x'01', 0, '{\"n\":1}'), (x'02', x'02', 0, '{\"n\":2}'), (x'03', x'02', 0, '{\"n\":3}')",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let before = projections(&db).await;
    Migrator::up(&db, Some(1)).await.unwrap();
    let after = projections(&db).await;
    assert_eq!(after[0], None);
    assert_eq!(after[1..], before[1..]);
    Migrator::down(&db, Some(1)).await.unwrap();
    assert_eq!(projections(&db).await, before);
}

#[tokio::test]
async fn what_is_there_is_folded_where_engines_would_read_it_otherwise() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, Some(22)).await.unwrap();
    for (number, properties) in [r#"{"a": "Plain"}"#, r#"{"a": "ÁRBOL", "b": [1]}"#]
        .iter()
        .enumerate()
    {
        let insert = format!(
            "INSERT INTO touchpoint (id, seq, source_id, message_id, kind, channel, name, occurred_at, received_at, position, \
             fragment_id, properties, context, traits, extra) VALUES (x'{number:032x}', {number}, zeroblob(16), \
             '{number}', 'TRACK', 'WEB', 'a', 0, 0, 0, zeroblob(16), '{properties}', '{{}}', '{{}}', '{{}}')"
        );
        db.execute_unprepared(&insert).await.unwrap();
    }
    for statement in [
        "INSERT INTO purchase VALUES (zeroblob(16), x'02', 'shop', '1', 'PLACED', 0, 'EUR', 5, 0, 5, true, false, '[]', 0)",
        "INSERT INTO purchase_line (purchase_id, position, category, quantity, price) \
         VALUES (zeroblob(16), 0, 'Niños', 2, 605), (zeroblob(16), 1, 'Ropa', 3, 9223372036854775807), (zeroblob(16), 2, NULL, 1, NULL)",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    Migrator::up(&db, None).await.unwrap();
    let read = async |select: &str| -> Vec<Option<String>> {
        let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, select));
        let rows = rows.await.unwrap();
        rows.iter()
            .map(|row| row.try_get("", "it").unwrap())
            .collect()
    };
    let some = |text: &str| Some(text.to_owned());
    let touchpoints = read("SELECT folded AS it FROM touchpoint ORDER BY seq").await;
    assert_eq!(touchpoints, [None, some(r#"{"a":["arbol"],"b":[1.0]}"#)]);
    let lines = read("SELECT folded AS it FROM purchase_line ORDER BY position").await;
    assert_eq!(lines, [some(r#"{"category":"ninos"}"#), None, None]);
    let amounts =
        read("SELECT CAST(amount AS TEXT) AS it FROM purchase_line ORDER BY position").await;
    assert_eq!(amounts, [some("1210"), some("9223372036854775807"), None]);
}

/// The audit log as text, a line an entry.
async fn audit_log(db: &DatabaseConnection, columns: &str) -> Vec<String> {
    let ask = format!("SELECT {columns} AS line FROM audit_entry ORDER BY seq");
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Sqlite, ask));
    (rows.await.unwrap().iter())
        .map(|row| row.try_get("", "line").unwrap())
        .collect()
}

#[tokio::test]
async fn an_audit_log_that_is_there_is_chained_anew_and_says_what_it_was() {
    let mut options = ConnectOptions::new("sqlite::memory:");
    options.max_connections(1);
    let db = Database::connect(options).await.unwrap();
    let files = Migrator::get_migration_files();
    let before = files.iter().position(|file| file.name().contains("000058"));
    let before = u32::try_from(before.unwrap()).unwrap();
    Migrator::up(&db, Some(before)).await.unwrap();
    for (seq, details) in [
        (1, r#"{"key":"ana","condition":{"is":"ana@example.com"}}"#),
        (2, r#"{"factor":1.5}"#),
    ] {
        let insert = format!(
            "INSERT INTO audit_entry VALUES ({seq}, x'0{seq}000000000000000000000000000000', 1000, 'cli', 'a', 'b', \
             '{details}', '', 'x')"
        );
        db.execute_unprepared(&insert).await.unwrap();
    }
    Migrator::up(&db, Some(1)).await.unwrap();
    let told = audit_log(&db, "action || ' ' || details").await;
    assert_eq!(
        told,
        [
            r#"a {"key":"ana"}"#,
            r#"a {"factor":"1.5"}"#,
            r#"audit.chain {"entries":2,"firstBroken":1,"lastHash":"x"}"#
        ]
    );
    Migrator::down(&db, Some(1)).await.unwrap();
    let hashes = audit_log(&db, "hash").await;
    let followed = audit_log(&db, "previous_hash").await;
    assert_eq!(followed, ["", &hashes[0], &hashes[1]]);

    Migrator::up(&db, None).await.unwrap();
    let told = audit_log(&db, "details").await;
    let last = format!(
        r#"{{"entries":3,"firstBroken":null,"lastHash":"{}"}}"#,
        hashes[2]
    );
    assert_eq!(told[3], last);
    let first = Event {
        at: lazo_domain::clock::Timestamp(1000),
        actor: "cli",
        op: "a",
        subject: "b",
        details: serde_json::json!({ "key": "ana" }),
    };
    let mut payload = first.payload(1);
    let stored = audit_log(&db, "hash").await;
    let head = Statement::from_string(
        DbBackend::Sqlite,
        "SELECT hash AS line FROM audit_head WHERE seq = 4",
    );
    let head: String = db
        .query_one_raw(head)
        .await
        .unwrap()
        .unwrap()
        .try_get("", "line")
        .unwrap();
    assert_eq!(head, stored[3]);
    let id = lazo_domain::id::AuditEntryId(uuid::Uuid::from_u128(1 << 120));
    payload["id"] = id.to_string().into();
    assert_eq!(
        Head::default().link(&payload).unwrap().hash.to_string(),
        stored[0]
    );
}
