//! The schemas are the files of the repository, and described throughout.

use std::fs;
use std::path::Path;

use rstest::rstest;

use super::*;
use crate::graphql::{platform_sdl, storefront, storefront_sdl};

const DESCRIPTIONS: &str = "{ __schema { types { name description
    fields { name description args { name description } }
    inputFields { name description } enumValues { name description } } } }";

#[rstest]
#[case("schema.graphql", platform_sdl())]
#[case("storefront.graphql", storefront_sdl())]
fn the_schema_is_the_file_of_the_repository(#[case] name: &str, #[case] sdl: String) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    if std::env::var_os("UPDATE_SCHEMA").is_some_and(|asked| asked == "1") {
        fs::write(&path, &sdl).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == sdl,
        "{name} is out of date: run this test with UPDATE_SCHEMA=1, which writes it anew"
    );
}

fn undescribed(schema: &Json) -> Vec<String> {
    let mut missing = Vec::new();
    let own = |kind: &&Json| !kind["name"].as_str().unwrap().starts_with("__");
    for kind in schema["__schema"]["types"]
        .as_array()
        .unwrap()
        .iter()
        .filter(own)
    {
        let mut check = |thing: &Json, path: String| {
            if !thing["description"]
                .as_str()
                .is_some_and(|text| text.trim().ends_with('.'))
            {
                missing.push(path);
            }
        };
        let name = kind["name"].as_str().unwrap();
        if !["Int", "Float", "String", "Boolean", "ID"].contains(&name) {
            check(kind, name.to_owned());
        }
        for part in ["fields", "inputFields", "enumValues"] {
            for field in kind[part].as_array().into_iter().flatten() {
                let field_name = format!("{name}.{}", field["name"].as_str().unwrap());
                for argument in field["args"].as_array().into_iter().flatten() {
                    check(
                        argument,
                        format!("{field_name}({})", argument["name"].as_str().unwrap()),
                    );
                }
                check(field, field_name);
            }
        }
    }
    missing
}

#[tokio::test]
async fn every_type_field_argument_and_value_is_described_in_sentences() {
    let test = TestApp::start().await;
    let (platform, storefront) = (platform(&test.app), storefront(&test.app));
    let one = execute(&test, &platform, None, DESCRIPTIONS, json!({})).await;
    let other = execute(&test, &storefront, None, DESCRIPTIONS, json!({})).await;
    for response in [one, other] {
        assert_eq!(
            undescribed(&response.data.into_json().unwrap()),
            Vec::<String>::new()
        );
    }
}

#[tokio::test]
async fn the_storefront_has_no_way_to_look_anybody_up() {
    let test = TestApp::start().await;
    let document =
        "{ __schema { queryType { fields { name } } mutationType { fields { name } } } }";
    let response = execute(&test, &storefront(&test.app), None, document, json!({})).await;
    assert_eq!(
        response.data.into_json().unwrap()["__schema"],
        json!({
            "queryType": { "fields": [{ "name": "viewer" }] },
            "mutationType": { "fields": [{ "name": "touchpointsRecord" }, { "name": "consentSet" }] },
        })
    );
    assert!(!storefront_sdl().contains(": ID"));
}
