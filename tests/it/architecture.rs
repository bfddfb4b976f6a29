//! The layers of the program: what each file may name. A rule that breaks says which file and which path.

use std::fs;

use lazo_tests::source_code::{Source, is_below, paths_in, root, sources};
use rstest::rstest;

/// A rule looks at one file and says what breaks it.
type Rule = fn(&Source) -> Vec<String>;

const RULES: [(&str, Rule); 8] = [
    (
        "the domain is pure: no input or output, no async, no clock, no framework",
        domain_is_pure,
    ),
    ("a migration never names an entity", migrations_stand_alone),
    (
        "an entity is a row: it knows no rule and no caller",
        entities_are_rows,
    ),
    (
        "graphql.rs is thin: it never names the database",
        graphql_is_thin,
    ),
    (
        "service.rs knows no caller: neither GraphQL nor HTTP",
        services_know_no_caller,
    ),
    (
        "store.rs queries: it knows no caller and no service",
        stores_only_query,
    ),
    (
        "a capability calls another's service, never its store",
        stores_are_private,
    ),
    (
        "db alone knows SQLite from PostgreSQL, and the doors never reach past it",
        engines_are_hidden,
    ),
];

fn domain_is_pure(source: &Source) -> Vec<String> {
    if !source.is_within("api/domain/src") {
        return Vec::new();
    }
    let mut broken = source.naming(&[
        "axum",
        "async_graphql",
        "sqlx",
        "tokio",
        "reqwest",
        "redis",
        "tracing",
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "std::time::SystemTime",
        "std::time::Instant",
        "Utc::now",
        "Local::now",
        "Uuid::now_v7",
        "Uuid::new_v4",
        "lazo_entity",
        "lazo_migration",
    ]);
    // Ids and times can be columns, behind a feature that the entities turn on: a type, and no query.
    let is_column =
        ["api/domain/src/id.rs", "api/domain/src/clock.rs"].contains(&source.path.as_str());
    if !is_column {
        broken.extend(source.naming(&["sea_orm"]));
    }
    if source.code.contains("async fn") || source.code.contains(".await") {
        broken.push(format!("{} is async", source.path));
    }
    broken
}

fn migrations_stand_alone(source: &Source) -> Vec<String> {
    if !source.is_within("migration/src") {
        return Vec::new();
    }
    // What is computed of rows that are there has to be what the program computes of new ones: that may be asked of the domain.
    source.naming(&["lazo_entity", "lazo"])
}

fn entities_are_rows(source: &Source) -> Vec<String> {
    if !source.is_within("entity/src") {
        return Vec::new();
    }
    // The types of its columns are all that a row takes from the domain.
    let rules = source.uses.iter().filter(|used| {
        used.starts_with("lazo_domain")
            && !["lazo_domain::id", "lazo_domain::clock"]
                .iter()
                .any(|of| is_below(used, of))
    });
    let mut broken: Vec<String> = rules
        .map(|used| format!("{} names {used}", source.path))
        .collect();
    broken.extend(source.naming(&[
        "lazo",
        "lazo_migration",
        "async_graphql",
        "axum",
        "SimpleObject",
    ]));
    broken
}

fn graphql_is_thin(source: &Source) -> Vec<String> {
    if !(source.is_within("api/src") && source.is_named("graphql")) {
        return Vec::new();
    }
    source.naming(&["sea_orm", "sqlx", "sea_query"])
}

fn services_know_no_caller(source: &Source) -> Vec<String> {
    if !(source.is_within("api/src") && source.is_named("service")) {
        return Vec::new();
    }
    source.naming(&[
        "async_graphql",
        "axum",
        "crate::http",
        "crate::graphql",
        "crate::cli",
    ])
}

fn stores_only_query(source: &Source) -> Vec<String> {
    if !(source.is_within("api/src") && source.is_named("store")) {
        return Vec::new();
    }
    let mut broken = source.naming(&[
        "async_graphql",
        "axum",
        "crate::http",
        "crate::graphql",
        "crate::cli",
        "super::service",
        "super::graphql",
    ]);
    let services = source
        .uses
        .iter()
        .filter(|used| used.split("::").any(|part| part == "service"));
    broken.extend(services.map(|used| format!("{} names {used}", source.path)));
    broken
}

fn stores_are_private(source: &Source) -> Vec<String> {
    // The writer is the write path of all capabilities: it alone puts their rows into one transaction, and a rebuild does so anew.
    // Where profiles stand is decided within that transaction, by the rows that it works on.
    let writes_all = matches!(source.capability(), Some("writer" | "rebuild" | "standing"));
    if !source.is_within("api/src") || writes_all {
        return Vec::new();
    }
    let own = source.capability();
    let mut reached: Vec<&str> = source
        .uses
        .iter()
        .map(String::as_str)
        .chain(paths_in(&source.code))
        .filter(|path| {
            let mut parts = path.split("::");
            let (root, capability, layer) = (parts.next(), parts.next(), parts.next());
            root == Some("crate") && layer == Some("store") && capability != own
        })
        .collect();
    reached.sort_unstable();
    reached.dedup();
    reached
        .into_iter()
        .map(|path| format!("{} names {path}", source.path))
        .collect()
}

fn engines_are_hidden(source: &Source) -> Vec<String> {
    if !source.is_within("api/src")
        || source.capability() == Some("db")
        || source.path == "api/src/db.rs"
    {
        return Vec::new();
    }
    let mut broken = source.naming(&[
        "DbBackend",
        "DatabaseBackend",
        "sqlx",
        "SqlitePool",
        "PgPool",
    ]);
    let is_door = ["http", "cli"]
        .iter()
        .any(|door| source.capability() == Some(door));
    if is_door {
        broken.extend(source.naming(&["sea_orm"]));
    }
    broken
}

#[test]
fn every_file_keeps_to_its_layer() {
    let sources = sources();
    assert!(sources.len() > 5, "the sources are found");

    let broken: Vec<String> = RULES
        .iter()
        .flat_map(|(name, rule)| {
            sources
                .iter()
                .flat_map(rule)
                .map(move |what| format!("{name}: {what}"))
        })
        .collect();

    assert_eq!(broken, Vec::<String>::new());
}

#[rstest]
#[case::domain_use(0, "api/domain/src/money.rs", "use sea_orm::Value;")]
#[case::domain_nested(0, "api/domain/src/money.rs", "use std::{fmt, fs::File};")]
#[case::domain_inline(
    0,
    "api/domain/src/money.rs",
    "fn f() { let now = chrono::Utc::now(); }"
)]
#[case::domain_async(0, "api/domain/src/money.rs", "async fn f() {}")]
#[case::migration(1, "migration/src/m1.rs", "use lazo_entity::profile;")]
#[case::entity(2, "entity/src/profile.rs", "use async_graphql::SimpleObject;")]
#[case::graphql(3, "api/src/profile/graphql.rs", "use sea_orm::EntityTrait;")]
#[case::graphql_folder(
    3,
    "api/src/profile/graphql/query.rs",
    "fn f() -> sea_orm::DbErr { todo() }"
)]
#[case::service(4, "api/src/profile/service.rs", "use axum::Json;")]
#[case::service_inline(
    4,
    "api/src/profile/service.rs",
    "fn f() -> async_graphql::Result<()> { g() }"
)]
#[case::store(5, "api/src/profile/store.rs", "use super::service::Profiles;")]
#[case::another_store(6, "api/src/segment/service.rs", "use crate::profile::store;")]
#[case::another_store_nested(
    6,
    "api/src/segment/service.rs",
    "use crate::{\n    app::App,\n    profile::{self, store::find},\n};"
)]
#[case::another_store_inline(
    6,
    "api/src/segment/service.rs",
    "fn f() { crate::profile::store::find() }"
)]
#[case::engine(7, "api/src/profile/store.rs", "use sea_orm::{DbBackend, Statement};")]
#[case::door(7, "api/src/cli/import.rs", "use sea_orm::DbErr;")]
fn each_rule_finds_what_breaks_it(#[case] rule: usize, #[case] path: &str, #[case] text: &str) {
    let (name, check) = RULES[rule];

    assert!(!check(&Source::new(path, text)).is_empty(), "{name}");
}

#[rstest]
#[case::domain(
    "api/domain/src/money.rs",
    "use std::{fmt, time::Duration};\nuse chrono::{DateTime, Utc};"
)]
#[case::a_comment(
    "api/domain/src/money.rs",
    "// use sea_orm::Value;\n/// Like `tokio::time`.\nfn f() {}"
)]
#[case::unit_tests(
    "api/domain/src/money.rs",
    "fn f() {}\n#[cfg(test)]\nmod tests {\n    use std::fs;\n}"
)]
#[case::own_store(
    "api/src/profile/service.rs",
    "use crate::profile::store;\nuse super::store::find;"
)]
#[case::store(
    "api/src/profile/store.rs",
    "use lazo_entity::profile;\nuse sea_orm::{ConnectionTrait, EntityTrait};"
)]
#[case::graphql(
    "api/src/profile/graphql.rs",
    "use async_graphql::Object;\nuse crate::profile::service::Profiles;"
)]
#[case::db("api/src/db/connect.rs", "use sea_orm::DbBackend;")]
fn no_rule_minds_what_is_right(#[case] path: &str, #[case] text: &str) {
    let source = Source::new(path, text);

    let broken: Vec<String> = RULES.iter().flat_map(|(_, rule)| rule(&source)).collect();

    assert_eq!(broken, Vec::<String>::new());
}

#[test]
fn the_domain_depends_on_nothing_that_does_input_or_output() {
    let manifest = fs::read_to_string(root().join("api/domain/Cargo.toml")).expect("a manifest");
    let (_, dependencies) = manifest
        .split_once("[dependencies]")
        .expect("its dependencies");
    let dependencies = dependencies.split("\n[").next().unwrap_or_default();

    for name in [
        "tokio",
        "axum",
        "async-graphql",
        "sea-orm",
        "reqwest",
        "redis",
        "lazo-entity",
        "futures",
        "tracing",
    ] {
        let named = dependencies
            .lines()
            .filter(|line| !line.contains("optional = true"))
            .any(|line| line.split(['.', ' ', '=']).next() == Some(name));
        assert!(!named, "lazo-domain depends on {name}");
    }
}
