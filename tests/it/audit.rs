//! Who did what is in the audit log, what is done to the log is found, and no person's values stand in it.

use std::collections::BTreeSet;

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    events::Events,
    graphql::Caller,
    segment::{identify, track},
};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::{start, trusted};

/// What people are called here, and nowhere else.
const CANARIES: [&str; 3] = ["canary.person@example.com", "Canaria Vogel", "canary-7f3a"];

/// What the doctor says of the log: whether it is whole, and its line.
async fn doctor(server: &TestServer, more: &[&str]) -> (bool, String) {
    let arguments = [&["doctor", "audit"], more].concat();
    let output = server.cli(&arguments).await;
    let line = String::from_utf8(output.stdout).expect("text");
    assert_eq!(line.lines().count(), 1, "{line}");
    (output.status.success(), line)
}

/// All entries, the newest first.
async fn entries(admin: &Caller) -> Vec<Value> {
    let query = "query($after: String) { auditEntries(first: 100, after: $after) {
        nodes { seq at actor action subject details hash } pageInfo { hasNextPage endCursor } } }";
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let mut data = admin.query(query, json!({ "after": after })).await;
        let page = &mut data["auditEntries"];
        all.append(page["nodes"].as_array_mut().expect("a list"));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].take();
    }
}

async fn reads(admin: &Caller) -> Vec<Value> {
    let all = entries(admin).await;
    let read = |entry: &Value| entry["action"] == "personal_data.read";
    all.into_iter().filter(read).collect()
}

async fn execute(server: &TestServer, statements: &[&str]) {
    let connection = server.database().connect().await;
    for statement in statements {
        connection
            .execute_unprepared(statement)
            .await
            .expect("it is done");
    }
    connection.close().await.expect("it is closed");
}

#[rstest]
#[case::altered(
    "UPDATE audit_entry SET actor = 'nobody' WHERE seq = 3",
    "entry 3 was altered"
)]
#[case::removed("DELETE FROM audit_entry WHERE seq = 2", "entry 2 is missing")]
#[case::cut_off("DELETE FROM audit_entry WHERE seq >= 3", "entry 3 is missing")]
#[case::moved(
    "UPDATE audit_entry SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); \
     UPDATE audit_entry SET seq = -seq WHERE seq < 0",
    "entry 2 was altered"
)]
#[tokio::test]
async fn the_doctor_names_the_first_entry_that_was_tampered_with(
    #[values(Sqlite, Postgres)] engine: Engine,
    #[case] tamper: &str,
    #[case] said: &str,
) {
    let server = start(engine).await;
    for name in ["a", "b", "c", "d"] {
        server.source(name, "web", false).await;
    }
    let (whole, line) = doctor(&server, &[]).await;
    assert!(whole && line.contains("4 entries"), "{line}");

    let statements: Vec<_> = tamper.split(';').collect();
    execute(&server, &statements).await;

    let (whole, line) = doctor(&server, &[]).await;
    assert!(!whole && line.contains(said), "{line}");
}

#[rstest]
#[tokio::test]
async fn a_log_that_was_cut_off_with_its_end_is_found_by_who_noted_the_end(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = start(engine).await;
    for name in ["a", "b", "c"] {
        server.source(name, "web", false).await;
    }
    let (_, line) = doctor(&server, &[]).await;
    let end = line.trim_end().rsplit(' ').next().expect("an end");
    let cut = [
        "DELETE FROM audit_entry WHERE seq = 3",
        "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_entry WHERE seq = 2)",
    ];
    execute(&server, &cut).await;

    let (unaware, _) = doctor(&server, &[]).await;
    let (whole, line) = doctor(&server, &["--noted", end]).await;

    assert!(unaware);
    assert!(!whole && line.contains("entry 3 is missing"), "{line}");
}

#[rstest]
#[tokio::test]
async fn the_log_is_read_by_who_may_and_tells_who_did_what_to_whom(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    backend.accept(identify().user("ada")).await;
    let ada = admin.customer("ada").await.id;
    let set = json!({ "id": ada, "set": { "firstName": "Ada" } });
    admin.mutate("profileUpdate", "profile { id }", set).await;

    let told = entries(&admin).await.remove(0);
    let blind = server.integration(&["profiles:read"]).await;
    let refused = blind
        .send("{ auditEntries { nodes { seq } } }", json!({}))
        .await;

    assert_eq!(told["action"], "profile.update");
    assert_eq!(told["subject"], ada);
    assert_eq!(told["details"], json!({ "traits": ["firstName"] }));
    assert!(
        told["actor"]
            .as_str()
            .expect("a text")
            .starts_with("token:tok_")
    );
    assert_eq!(refused.codes(), ["FORBIDDEN"]);
}

#[rstest]
#[tokio::test]
async fn each_request_that_reads_many_persons_is_one_entry_and_one_of_a_single_person_is_none(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let people =
        ["ada", "ben", "cleo"].map(|id| identify().user(id).traits(json!({ "plan": "gold" })));
    backend.accepted(&people).await;
    let ada = admin.customer("ada").await.id;
    let segment =
        json!({ "key": "gold", "name": "Gold", "condition": { "text": "plan = 'gold'" } });
    let segment = admin
        .mutate("segmentCreate", "segment { id }", segment)
        .await;
    let segment = segment["segment"]["id"].clone();
    assert_eq!(reads(&admin).await, Vec::<Value>::new());

    let given = json!({ "segment": segment, "ada": ada });
    for query in [
        "{ a: profiles(first: 2) { nodes { id } } b: profiles(first: 1) { nodes { id } } }",
        "query($segment: ID!) { segment(id: $segment) { members { nodes { id } } } }",
        "query($segment: ID!) { segment(id: $segment) { transitions { nodes { profileId } } } }",
        "{ segmentPreview(source: { text: \"plan = 'gold'\" }, sample: 2) { sample { id } } }",
        "{ quarantine { nodes { id } } }",
        "query($ada: ID!) { nodes(ids: [$ada, $ada]) { id } }",
        "query($ada: ID!) { profile(by: { id: $ada }) { id } node(id: $ada) { id } }",
    ] {
        let before = reads(&admin).await.len();
        admin.query(query, given.clone()).await;
        assert_eq!(reads(&admin).await.len(), before + 1, "{query}");
    }
    let before = reads(&admin).await;
    for query in [
        "query($ada: ID!) { profile(by: { id: $ada }) { id touchpoints { nodes { id } } } }",
        "query($segment: ID!) { segment(id: $segment) { memberCount } }",
        "{ segmentPreview(source: { text: \"plan = 'gold'\" }) { count } }",
    ] {
        admin.query(query, given.clone()).await;
    }
    assert_eq!(reads(&admin).await, before);

    let last = &before[before.len() - 1];
    let profiles = json!({ "reads": [{ "what": "profiles", "times": 2, "rows": 3, "of": [] }] });
    assert_eq!(
        (&last["subject"], &last["details"]),
        (&json!("profiles"), &profiles)
    );
    assert_eq!(before[before.len() - 2]["subject"], segment);
}

#[rstest]
#[tokio::test]
async fn a_stream_of_a_segment_is_an_entry_before_it_tells_anything(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let segment =
        json!({ "key": "gold", "name": "Gold", "condition": { "text": "plan = 'gold'" } });
    let segment = admin
        .mutate("segmentCreate", "segment { id }", segment)
        .await;
    let segment = &segment["segment"]["id"];
    let query =
        "subscription($id: ID!) { segmentTransitions(segment: $id) { transition { profileId } } }";
    let mut stream = Events::open(&admin, query, &json!({ "id": segment }), None).await;
    assert_eq!(reads(&admin).await[0]["subject"], *segment);

    backend
        .accept(identify().user("ada").traits(json!({ "plan": "gold" })))
        .await;
    stream.data().await;
    assert_eq!(reads(&admin).await.len(), 1);
}

/// Somebody who does everything, and what they have done so far.
struct Busy<'a> {
    admin: &'a Caller,
    done: BTreeSet<String>,
}

impl Busy<'_> {
    /// Sends a mutation that must succeed, and gives back what was selected.
    async fn act(&mut self, mutation: &str, selection: &str, input: Value) -> Value {
        self.done.insert(mutation.to_owned());
        let mut payload = self.admin.mutate(mutation, selection, input).await;
        let field = selection.split(' ').next().expect("a field");
        payload[field].take()
    }

    /// Creates something. Gives its id.
    async fn create(&mut self, mutation: &str, kind: &str, input: Value) -> Value {
        let created = self.act(mutation, &format!("{kind} {{ id }}"), input).await;
        created["id"].clone()
    }

    async fn change(&mut self, mutation: &str, input: Value) {
        self.act(mutation, "__typename", input).await;
    }
}

/// Changes profiles in every way, with what a person is called wherever a text may name one.
async fn change_profiles(busy: &mut Busy<'_>, ada: &str, device: &str) {
    let [email, name, text] = CANARIES;
    let set = json!({ "firstName": name, "email": email, "note": text });
    busy.change("profileUpdate", json!({ "id": ada, "set": set }))
        .await;
    let merge = json!({ "profiles": [ada, device], "reason": name });
    busy.change("profilesMerge", merge).await;
    busy.change("profileUnmerge", json!({ "id": device, "reason": email }))
        .await;

    let waits = busy
        .admin
        .query("{ quarantine { nodes { id } } }", json!({}))
        .await;
    let waits = &waits["quarantine"]["nodes"][0]["id"];
    let mended = track("Opened")
        .user(text)
        .traits(json!({ "email": email }))
        .0;
    busy.change("quarantineReplay", json!({ "id": waits, "mended": mended }))
        .await;

    let source = json!({ "name": "kiosk", "channel": "STORE" });
    let source = busy.create("sourceCreate", "source", source).await;
    let item = json!({ "type": "IDENTIFY", "userId": text, "traits": { "email": email, "firstName": name } });
    let record = "mutation($input: TouchpointsRecordInput!) { touchpointsRecord(input: $input) { __typename } }";
    let input = json!({ "source": source, "touchpoints": [item] });
    busy.admin.query(record, json!({ "input": input })).await;
    busy.done.insert("touchpointsRecord".to_owned());
    busy.change("sourceUpdate", json!({ "id": source, "name": "kiosk 2" }))
        .await;
    busy.change("sourceArchive", json!({ "id": source })).await;

    let token = json!({ "name": name, "scopes": ["profiles:read"] });
    busy.change("tokenCreate", token).await;
    let tokens = busy
        .admin
        .query("{ tokens { nodes { id name } } }", json!({}))
        .await;
    let tokens = tokens["tokens"]["nodes"]
        .as_array()
        .expect("a list")
        .clone();
    let ours = tokens
        .iter()
        .find(|token| token["name"] == name)
        .expect("it is listed");
    busy.change("tokenRevoke", json!({ "id": ours["id"] }))
        .await;
    busy.change("visitorTokenIssue", json!({ "customerId": text }))
        .await;
}

/// Changes purposes and consents in every way, with what a person is called wherever a text may name one.
async fn change_consents(busy: &mut Busy<'_>, ada: &str) {
    let [email, name, text] = CANARIES;
    let words = |text: &str| json!([{ "language": "en", "text": text }]);
    let purpose = json!({ "key": "letter", "category": "CONTENT", "title": words(name), "channels": ["EMAIL"], "validFor": "P24M" });
    busy.change("purposeCreate", purpose).await;
    let described = json!({ "key": "letter", "description": words(email) });
    busy.change("purposeUpdate", described).await;
    let evidence = json!({ "method": "PAPER", "expression": "EXPLICIT", "proof": text,
        "text": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" });
    let record = json!({ "profileId": ada, "purpose": "letter", "channel": "EMAIL", "decision": "GRANTED", "evidence": evidence });
    busy.change("consentRecord", record).await;
    busy.change("purposeArchive", json!({ "key": "letter" }))
        .await;
}

/// Changes what is defined in every way, with what a person is called wherever a text may name one.
async fn change_definitions(busy: &mut Busy<'_>, ada: &str) {
    let [email, name, text] = CANARIES;
    let condition = json!({ "text": format!("firstName = '{name}' OR email = '{email}'") });
    let segment =
        json!({ "key": "named", "name": name, "description": email, "condition": condition });
    let segment = busy.create("segmentCreate", "segment", segment).await;
    for mutation in [
        "segmentMembersAdd",
        "segmentMembersRemove",
        "segmentMembersRelease",
    ] {
        let document = format!(
            "mutation($input: SegmentMembersInput!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}"
        );
        let input = json!({ "id": segment, "profiles": [ada] });
        let done = busy.admin.query(&document, json!({ "input": input })).await;
        assert_eq!(done[mutation]["userErrors"], json!([]));
        busy.done.insert(mutation.to_owned());
    }
    let renamed = json!({ "id": segment, "name": email, "condition": condition });
    busy.change("segmentUpdate", renamed).await;
    busy.change("segmentArchive", json!({ "id": segment }))
        .await;

    let rule =
        json!({ "key": "named", "title": name, "points": 2.5, "when": { "holds": condition } });
    let definition = json!({ "kind": { "points": { "rules": [rule] } } });
    let model = json!({ "key": "named", "name": name, "definition": definition });
    let model = busy.create("scoreModelCreate", "scoreModel", model).await;
    busy.change("scoreModelUpdate", json!({ "id": model, "name": email }))
        .await;
    busy.change("scoreModelMeasure", json!({ "id": model }))
        .await;
    busy.change("scoreModelArchive", json!({ "id": model }))
        .await;

    let of = json!({ "touchpoints": { "filter": { "names": [text] }, "measure": { "aggregate": "COUNT" } } });
    let computed = json!({ "name": "visits", "description": name, "of": of });
    let computed = busy
        .create("computedTraitCreate", "computedTrait", computed)
        .await;
    busy.change(
        "computedTraitUpdate",
        json!({ "id": computed, "description": email }),
    )
    .await;
    busy.change("computedTraitArchive", json!({ "id": computed }))
        .await;

    busy.change("lifecycleRulesUpdate", json!({ "firstFactor": 1.75 }))
        .await;
    busy.change("lifecycleMeasure", json!({})).await;
}

#[rstest]
#[tokio::test]
async fn nothing_that_can_be_done_or_read_writes_a_persons_values_into_the_log(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let [email, name, text] = CANARIES;
    backend
        .accept(identify().user("ada").traits(json!({ "email": email })))
        .await;
    backend.accept(identify().anonymous("tablet")).await;
    backend
        .one(track("Opened").user(text).without("event"))
        .await;
    let ada = admin.customer("ada").await.id;
    let device = admin.device("tablet").await.id;

    let mut busy = Busy {
        admin: &admin,
        done: BTreeSet::new(),
    };
    change_profiles(&mut busy, &ada, &device).await;
    change_consents(&mut busy, &ada).await;
    change_definitions(&mut busy, &ada).await;
    let done = busy.done;
    let preview = json!({ "text": format!("email = '{email}' OR firstName = '{name}'") });
    let read = "query($source: ConditionSource!) { profiles(where: $source) { nodes { id } }
        segmentPreview(source: $source) { sample { id } } }";
    admin.query(read, json!({ "source": preview })).await;

    let schema = "{ __schema { mutationType { fields { name } } } }";
    let schema = admin.query(schema, json!({})).await;
    let fields = schema["__schema"]["mutationType"]["fields"]
        .as_array()
        .expect("a list");
    let all: BTreeSet<_> = fields
        .iter()
        .map(|field| field["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(done, all);

    let connection = server.database().connect().await;
    let engine = connection.get_database_backend();
    let ask = "SELECT actor || ' ' || action || ' ' || subject || ' ' || CAST(details AS text) AS line FROM audit_entry";
    let rows = connection
        .query_all_raw(Statement::from_string(engine, ask))
        .await
        .expect("rows");
    assert!(rows.len() > 25, "{}", rows.len());
    for row in rows {
        let line: String = row.try_get("", "line").expect("a line");
        for canary in CANARIES {
            assert!(!line.contains(canary), "{line}");
        }
    }
    let (whole, line) = doctor(&server, &[]).await;
    assert!(whole, "{line}");
}
