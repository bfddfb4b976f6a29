//! The schemas are the files of the repository, described throughout, and closed by default.

use std::{collections::BTreeMap, fs, path::PathBuf};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    graphql::Caller,
    segment::identify,
    server::program,
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::{PROGRAM, start};

/// The least of an introspection that the walks below need.
const INTROSPECTION: &str = "{ __schema {
    queryType { name } mutationType { name }
    types { kind name description isOneOf
        fields { name description args { name description defaultValue type { ...t } } type { ...t } }
        inputFields { name description defaultValue type { ...t } }
        enumValues { name description } } } }
    fragment t on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Root fields of the platform that ask for no scope of their own, because each answer asks for that of its kind.
const BY_KIND: [&str; 2] = ["node", "nodes"];

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[rstest]
#[case::platform(&["schema", "export"], "schema.graphql")]
#[case::storefront(&["schema", "export", "--storefront"], "storefront.graphql")]
#[tokio::test]
async fn the_exported_schema_is_the_file_of_the_repository(
    #[case] arguments: &[&str],
    #[case] name: &str,
) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = tokio::process::Command::from(program(PROGRAM))
        .args(arguments)
        .current_dir(folder.path())
        .output()
        .await
        .expect("the program runs");

    assert!(output.status.success());
    let exported = String::from_utf8(output.stdout).expect("a text");
    assert!(
        exported == file(name),
        "{name} is out of date: `cargo run -- {} > {name}` writes it anew",
        arguments.join(" ")
    );
    assert!(
        fs::read_dir(folder.path())
            .expect("the folder")
            .next()
            .is_none(),
        "an export needs no database and leaves nothing behind"
    );
}

/// What has no description. A type, field, argument or value is told by the description above it.
fn undescribed(schema: &str) -> Vec<String> {
    let mut missing = Vec::new();
    let mut described = false;
    let mut in_description = false;
    for line in schema.lines().map(str::trim) {
        let marks = line.matches("\"\"\"").count();
        if in_description || marks > 0 {
            in_description ^= marks == 1;
            described = true;
            continue;
        }
        let is_item = !line.is_empty()
            && !line.starts_with(['}', ')', '#', '@'])
            && !line.starts_with("schema")
            && !line.starts_with("directive")
            && !["query:", "mutation:", "subscription:"]
                .iter()
                .any(|root| line.starts_with(root));
        if is_item && !described {
            missing.push(line.to_owned());
        }
        described = false;
    }
    missing
}

#[rstest]
#[case("schema.graphql")]
#[case("storefront.graphql")]
fn every_type_and_field_has_a_description(#[case] name: &str) {
    assert_eq!(undescribed(&file(name)), Vec::<String>::new());
}

#[test]
fn the_search_for_missing_descriptions_finds_them() {
    let schema = "\"\"\"\nA thing.\n\"\"\"\ntype Thing {\n  \"\"\"Its id.\"\"\"\n  id: ID!\n  name: String\n}\nenum Kind {\n  \"\"\"\n  One.\n  \"\"\"\n  ONE\n  TWO\n}\n";

    assert_eq!(undescribed(schema), ["name: String", "enum Kind {", "TWO"]);
}

/// The schema, as a caller of the running server sees it.
struct Schema(Value);

impl Schema {
    async fn of(caller: &Caller) -> Self {
        Self(caller.query(INTROSPECTION, json!({})).await["__schema"].clone())
    }

    fn types(&self) -> BTreeMap<&str, &Value> {
        self.0["types"]
            .as_array()
            .expect("types")
            .iter()
            .map(|kind| (kind["name"].as_str().expect("a name"), kind))
            .collect()
    }

    /// One document for each root field, with arguments that fit.
    fn root_documents(&self) -> Vec<(String, String)> {
        let mut documents = Vec::new();
        for (operation, root) in [("query", "queryType"), ("mutation", "mutationType")] {
            let Some(name) = self.0[root]["name"].as_str() else {
                continue;
            };
            for field in self.types()[name]["fields"].as_array().expect("fields") {
                let name = field["name"].as_str().expect("a name").to_owned();
                let arguments: Vec<String> = field["args"]
                    .as_array()
                    .expect("arguments")
                    .iter()
                    .filter(|argument| is_required(argument))
                    .map(|argument| self.argument(argument))
                    .collect();
                let arguments = if arguments.is_empty() {
                    String::new()
                } else {
                    format!("({})", arguments.join(", "))
                };
                let document = format!("{operation} {{ {name}{arguments} {{ __typename }} }}");
                documents.push((name, document));
            }
        }
        documents
    }

    fn argument(&self, argument: &Value) -> String {
        let name = argument["name"].as_str().expect("a name");
        format!("{name}: {}", self.sample(&argument["type"]))
    }

    fn sample(&self, kind: &Value) -> String {
        match kind["kind"].as_str().expect("a kind") {
            "NON_NULL" => self.sample(&kind["ofType"]),
            "LIST" => format!("[{}]", self.sample(&kind["ofType"])),
            _ => self.sample_of(kind["name"].as_str().expect("a name")),
        }
    }

    fn sample_of(&self, name: &str) -> String {
        let kind = self.types()[name];
        match kind["kind"].as_str().expect("a kind") {
            "ENUM" => kind["enumValues"][0]["name"]
                .as_str()
                .expect("a value")
                .to_owned(),
            "INPUT_OBJECT" => {
                let fields = kind["inputFields"].as_array().expect("fields");
                let one_of = kind["isOneOf"] == true;
                let chosen: Vec<String> = fields
                    .iter()
                    .filter(|field| one_of || is_required(field))
                    .take(if one_of { 1 } else { usize::MAX })
                    .map(|field| self.argument(field))
                    .collect();
                format!("{{ {} }}", chosen.join(", "))
            }
            _ => match name {
                "Boolean" => "true".to_owned(),
                "Int" | "Int64" | "Float" => "1".to_owned(),
                "ID" => "\"prf_00000000000000000000000000\"".to_owned(),
                "DateTime" => "\"2026-01-01T00:00:00.000Z\"".to_owned(),
                "JSON" => "{ a: 1 }".to_owned(),
                _ => "\"x\"".to_owned(),
            },
        }
    }
}

fn is_required(argument: &Value) -> bool {
    argument["type"]["kind"] == "NON_NULL" && argument["defaultValue"].is_null()
}

#[rstest]
#[tokio::test]
async fn every_root_field_is_refused_without_a_token_and_without_its_scope(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    server.backend().await.accept(identify().user("ada")).await;
    let schema = Schema::of(&server.admin().await).await;
    let documents = schema.root_documents();
    let nobody = server.platform(None);
    let auditor = server.integration(&["audit:read"]).await;
    let other = server.integration(&["sources:read"]).await;
    assert!(documents.len() > 15, "{documents:?}");

    for (name, document) in &documents {
        nobody
            .send(document, json!({}))
            .await
            .refused("UNAUTHENTICATED");
        let caller = if name == "auditEntries" {
            &other
        } else {
            &auditor
        };
        let answer = caller.send(document, json!({})).await;
        if BY_KIND.contains(&name.as_str()) {
            let body = answer.body["data"][name].to_string();
            assert!(!body.contains("__typename"), "{name}: {body}");
        } else {
            assert_eq!(
                answer.codes(),
                ["FORBIDDEN"],
                "{document}: {:#}",
                answer.body
            );
        }
    }
}

#[rstest]
#[tokio::test]
async fn introspection_is_for_those_who_hold_a_token(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let query = "{ __schema { types { name } } }";

    server
        .platform(None)
        .send(query, json!({}))
        .await
        .refused("UNAUTHENTICATED");
    server
        .storefront(None)
        .send(query, json!({}))
        .await
        .refused("UNAUTHENTICATED");
}

#[rstest]
#[tokio::test]
async fn names_follow_the_conventions(#[values(Sqlite, Postgres)] engine: Engine) {
    let server = start(engine).await;
    let schema = Schema::of(&server.admin().await).await;
    let types = schema.types();

    for (name, kind) in &types {
        // A score model is what the field calls it.
        let is_row = name.ends_with("Model") && *name != "ScoreModel";
        assert!(!is_row, "{name} is a row of the database");
        for field in kind["fields"].as_array().into_iter().flatten() {
            let field_name = field["name"].as_str().expect("a name");
            assert!(
                !field_name.contains('_') || name.starts_with("__"),
                "{name}.{field_name}"
            );
        }
    }
    let mutation = schema.0["mutationType"]["name"]
        .as_str()
        .expect("mutations");
    for field in types[mutation]["fields"].as_array().expect("fields") {
        let name = field["name"].as_str().expect("a name");
        assert_eq!(field["args"].as_array().map(Vec::len), Some(1), "{name}");
        assert_eq!(field["args"][0]["name"], "input", "{name}");
        assert_eq!(
            field["type"]["kind"], "OBJECT",
            "the payload of {name} is nullable"
        );
        let payload = field["type"]["name"].as_str().expect("a payload");
        assert!(payload.ends_with("Payload"), "{payload}");
        let fields = types[payload]["fields"].as_array().expect("fields");
        assert!(
            fields.iter().any(|field| field["name"] == "userErrors"),
            "{payload}"
        );
    }
}
