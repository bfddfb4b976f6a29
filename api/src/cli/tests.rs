use std::fs;
use std::path::Path;

use clap::CommandFactory;
use rstest::rstest;
use tempfile::TempDir;

use super::*;
use crate::auth::opaque::{OpaqueKind, OpaqueToken};

/// A directory with a file of settings that names a database in it.
pub(super) fn place() -> TempDir {
    crate::auth::install_crypto();
    let directory = tempfile::tempdir().unwrap();
    let url = directory.path().join("lazo.db");
    let settings = format!("[database]\nurl = \"sqlite://{}\"\n", url.display());
    fs::write(directory.path().join("lazo.toml"), settings).unwrap();
    directory
}

/// Runs `lazo` in a directory: what it printed for scripts and for people, or why it failed.
pub(super) async fn lazo(
    directory: &Path,
    arguments: &[&str],
) -> (Result<(), String>, String, String) {
    let config = directory.join("lazo.toml");
    let first = ["lazo", "--config", config.to_str().unwrap()];
    let cli = Cli::try_parse_from(first.iter().chain(arguments)).unwrap();
    let (mut data, mut notes) = (Vec::new(), Vec::new());
    let outcome = cli
        .execute(&mut Output::new(&mut data, &mut notes))
        .await
        .map_err(|failure| failure.to_string());
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (outcome, text(data), text(notes))
}

pub(super) async fn printed(directory: &Path, arguments: &[&str]) -> String {
    let (outcome, data, notes) = lazo(directory, arguments).await;
    assert_eq!(outcome, Ok(()), "{notes}");
    data
}

fn words(line: &str) -> Vec<&str> {
    std::iter::once("lazo").chain(line.split(' ')).collect()
}

#[test]
fn the_arguments_are_declared_soundly() {
    Cli::command().debug_assert();
}

#[rstest]
#[case("token create --kind internal")]
#[case("token create --kind integration")]
#[case("token create --kind internal --role root")]
#[case("token create --kind internal --role admin --scope profiles:read")]
#[case("token create --kind integration --scope profiles")]
#[case("token create --kind internal --role admin --ttl 12")]
#[case("token revoke 7")]
#[case("key retire 7")]
#[case("backup")]
#[case("source create --name web --channel fax")]
#[case("migrate down")]
#[case("import purchases a.csv")]
#[case("import purchases a.csv --source k --batch 0")]
#[case("import profiles a.csv --source k --map a=emial")]
#[case("import profiles a.csv --source k --set email")]
#[case("import profiles a.csv --source k --delimiter |")]
#[case("import profiles a.csv --source k --date-format dd/mm/yyyy")]
#[case("import profiles a.csv --source k --time-zone Madrid")]
#[case("import profiles a.csv --source k --dry-run --resume")]
#[case("unknown")]
fn wrong_usage_is_refused_with_exit_code_2(#[case] line: &str) {
    let usage = Cli::try_parse_from(words(line)).unwrap_err();
    assert_eq!(usage.exit_code(), 2, "{usage}");
}

#[rstest]
#[case("token create --kind internal --role admin --name Ana --ttl 12h")]
#[case("token create --kind integration --scope profiles:read --scope touchpoints:read --ttl 7d")]
#[case("source create --name web --channel web --trusted --shop two --region ES --test")]
#[case("migrate")]
#[case("migrate up")]
#[case("doctor --json")]
#[case("backup copy.db")]
#[case("rebuild --check")]
#[case("key list")]
#[case("key rotate --now")]
#[case("migrate down --yes-i-know")]
#[case("schema export --storefront --output storefront.graphql")]
#[case("import purchases a.csv --source k --batch 100 --config lazo.toml")]
#[case(
    "import profiles - --source k --format csv --map a=email --map map.toml --set trait.b=c=d --delimiter tab"
)]
#[case(
    "import touchpoints a.jsonl --source k --rejects r.jsonl --resume --date-format %d/%m/%Y --time-zone Europe/Madrid"
)]
fn right_usage_is_understood(#[case] line: &str) {
    Cli::try_parse_from(words(line)).unwrap();
}

#[tokio::test]
async fn a_token_is_printed_alone_and_can_be_revoked() {
    let place = place();
    let internal = ["token", "create", "--kind", "internal", "--role", "admin"];
    let text = printed(place.path(), &internal).await;
    assert_eq!((text.lines().count(), text.split('.').count()), (1, 3));

    let integration = [
        "token",
        "create",
        "--kind",
        "integration",
        "--scope",
        "profiles:read",
    ];
    let text = printed(place.path(), &integration).await;
    let token = OpaqueToken::parse(text.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(token.kind(), OpaqueKind::Integration);

    let list = printed(place.path(), &["token", "list"]).await;
    let newest: Vec<_> = list.lines().next().unwrap().split('\t').collect();
    assert_eq!(
        newest[1..4],
        ["integration", "integration", "profiles:read"]
    );
    assert_eq!((list.lines().count(), newest[5]), (2, "valid"));
    assert!(!list.contains(token.expose()));

    assert_eq!(
        printed(place.path(), &["token", "revoke", newest[0]]).await,
        ""
    );
    let list = printed(place.path(), &["token", "list"]).await;
    assert!(list.lines().next().unwrap().contains("\trevoked 2"));
}

#[tokio::test]
async fn a_key_is_printed_alone_and_a_taken_name_is_one_sentence() {
    let place = place();
    let create = [
        "source",
        "create",
        "--name",
        "web",
        "--channel",
        "web",
        "--region",
        "es",
    ];
    let key = printed(place.path(), &create).await;
    let key = OpaqueToken::parse(key.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(key.kind(), OpaqueKind::Source);
    let list = printed(place.path(), &["source", "list"]).await;
    let line: Vec<_> = list.trim_end().split('\t').collect();
    assert_eq!(line[1..], ["web", "WEB", "public", "live", &key.hint()]);

    let (outcome, data, _) = lazo(place.path(), &create).await;
    assert_eq!(
        outcome,
        Err("name: Another source has this name.".to_owned())
    );
    assert_eq!(data, "");
}

#[tokio::test]
async fn the_schema_goes_up_down_and_up() {
    let place = place();
    let pending = |text: &str| {
        text.lines()
            .filter(|line| line.starts_with("pending\t"))
            .count()
    };
    let before = printed(place.path(), &["migrate", "status"]).await;
    assert_eq!(pending(&before), before.lines().count());
    printed(place.path(), &["migrate"]).await;
    assert_eq!(
        pending(&printed(place.path(), &["migrate", "status"]).await),
        0
    );
    printed(place.path(), &["migrate", "down", "--yes-i-know"]).await;
    assert_eq!(
        pending(&printed(place.path(), &["migrate", "status"]).await),
        1
    );
    printed(place.path(), &["migrate", "up"]).await;
    assert_eq!(
        pending(&printed(place.path(), &["migrate", "status"]).await),
        0
    );
}

#[tokio::test]
async fn the_schema_is_printed_or_written() {
    let place = place();
    let schema = printed(place.path(), &["schema", "export"]).await;
    assert!(schema.contains("type SourceConnection"), "{schema}");
    let storefront = printed(place.path(), &["schema", "export", "--storefront"]).await;
    assert!(storefront.contains("type Viewer") && !storefront.contains("type SourceConnection"));
    let file = place.path().join("schema.graphql");
    let written = ["schema", "export", "--output", file.to_str().unwrap()];
    assert_eq!(printed(place.path(), &written).await, "");
    assert_eq!(fs::read_to_string(file).unwrap(), schema);
}
