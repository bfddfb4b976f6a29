//! What callers of the schema are promised of segments.

mod changes;
mod listed;
mod members;
mod preview;
mod reasons;
mod rights;
mod shown;

use std::sync::Arc;

use lazo_entity::source;
use serde_json::{Value as Json, json};

use crate::graphql::tests::ask;
use crate::standing::Step;
use crate::testing::TestApp;

const DAY: i64 = 86_400_000;

/// A deployment with a source, asked by its administrator.
struct Shop {
    test: TestApp,
    source: Arc<source::Model>,
    sent: std::cell::Cell<u32>,
}

impl Shop {
    async fn open() -> Self {
        let test = TestApp::start().await;
        let source = test.source("shop", true).await;
        Self {
            test,
            source,
            sent: std::cell::Cell::new(0),
        }
    }

    async fn ask(&self, document: &str, variables: Json) -> Json {
        ask(&self.test, document, variables).await
    }

    /// What `segmentCreate` answers.
    async fn create(&self, input: Json) -> Json {
        let document = "mutation($input: SegmentCreateInput!) { segmentCreate(input: $input) {
            segment { id key name description version condition { text } archivedAt }
            warnings { path code near } userErrors { field code message } } }";
        self.ask(document, json!({ "input": input })).await["segmentCreate"].take()
    }

    /// A segment of this key and condition, of which all profiles are decided; its id.
    async fn segment(&self, key: &str, condition: &str) -> String {
        let input = json!({ "key": key, "name": key, "condition": { "text": condition } });
        let answer = self.create(input).await;
        assert_eq!(answer["userErrors"], json!([]));
        self.sweep().await;
        answer["segment"]["id"].as_str().unwrap().to_owned()
    }

    async fn sweep(&self) {
        crate::standing::tests::sweep(&self.test.app).await;
    }

    /// Decides those that are due.
    async fn tick(&self) {
        self.test.app.writer().stand(Step::Due).await.unwrap();
    }

    async fn send(&self, user: &str, mut item: Json) -> String {
        let number = self.sent.get();
        self.sent.set(number + 1);
        item["userId"] = json!(user);
        item["messageId"] = json!(format!("m{number}"));
        let answers = self.test.record(&self.source, &[item]).await;
        answers[0].profile.unwrap().to_string()
    }

    async fn track(&self, user: &str, event: &str) -> String {
        self.send(user, json!({ "type": "track", "event": event }))
            .await
    }

    fn now(&self) -> String {
        self.test.app.now().to_string()
    }

    fn pass(&self, millis: i64) {
        self.test.clock.advance(millis);
    }
}
