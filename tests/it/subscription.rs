//! What happens is told to who subscribes, once and in order, whichever process it happens on and however often the client comes back.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    engine::TestDatabase,
    events::Events,
    graphql::Caller,
    redis::PrivateRedis,
    segment::{Item, Sender, identify},
};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    process::Command,
    time::{sleep, timeout},
};

use crate::{PROGRAM, trusted};

const TRANSITIONS: &str = "subscription($segment: ID!, $after: String) {
    segmentTransitions(segment: $segment, after: $after) { cursor transition { seq entered profileId profile { version } } } }";
const CHANGES: &str = "subscription($id: ID!, $after: String) {
    profileChanged(id: $id, after: $after) { cursor profile { id version trait(name: \"plan\") { value } } } }";
const READS: [&str; 2] = ["segments:read", "profiles:read"];

fn plan(user: &str, plan: &str) -> Item {
    identify().user(user).traits(json!({ "plan": plan }))
}

/// Somebody who is known by an address alone, which nothing keeps from merging.
fn known(name: &str, plan: &str) -> Item {
    let traits = json!({ "email": format!("{name}@example.com"), "plan": plan });
    identify().anonymous(name).traits(traits)
}

/// Who has the plan gold, of whom all are decided; its id.
async fn gold(admin: &Caller) -> String {
    let input = json!({ "key": "gold", "name": "Gold", "condition": { "text": "plan = 'gold'" } });
    let payload = admin.mutate("segmentCreate", "segment { id }", input).await;
    let id = payload["segment"]["id"].as_str().expect("an id").to_owned();
    let query = "query($id: ID!) { segment(id: $id) { progress { completed } } }";
    let began = Instant::now();
    loop {
        let data = admin.query(query, json!({ "id": id })).await;
        if data["segment"]["progress"]["completed"] == true {
            return id;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "the sweep ends");
        sleep(Duration::from_millis(50)).await;
    }
}

async fn transitions(caller: &Caller, segment: &str, last_id: Option<&str>) -> Events {
    Events::open(caller, TRANSITIONS, json!({ "segment": segment }), last_id).await
}

/// What a segment has stored, as a list: numbers and directions.
async fn stored(admin: &Caller, segment: &str) -> Vec<(i64, bool)> {
    let query = "query($id: ID!) { segment(id: $id) { transitions(first: 250) { nodes { seq entered } } } }";
    let data = admin.query(query, json!({ "id": segment })).await;
    let nodes = data["segment"]["transitions"]["nodes"].as_array();
    nodes.expect("transitions").iter().map(told).collect()
}

fn told(transition: &Value) -> (i64, bool) {
    let seq = &transition["seq"];
    let seq = seq.as_i64().or_else(|| seq.as_str()?.parse().ok());
    let entered = transition["entered"].as_bool();
    (seq.expect("a number"), entered.expect("a direction"))
}

async fn next(events: &mut Events) -> (i64, bool) {
    let data = events.data().await;
    let event = &data["segmentTransitions"];
    assert_eq!(event["cursor"], events.last_id);
    told(&event["transition"])
}

/// Two processes on one database.
async fn two(redis: Option<&PrivateRedis>) -> (TestServer, TestServer) {
    let mut started = Vec::new();
    let mut url: Option<String> = None;
    for _ in 0..2 {
        let folder = tempfile::tempdir().expect("a folder");
        let mut database = match &url {
            None => TestDatabase::create(Postgres, folder.path()).await,
            Some(url) => TestDatabase::existing(Postgres, url.clone()),
        };
        database.redis_url = redis.map(PrivateRedis::url);
        url = Some(database.url.clone());
        started.push(TestServer::start_on(database, folder, PROGRAM, &[]).await);
    }
    let other = started.pop().expect("two");
    (started.pop().expect("two"), other)
}

#[rstest]
#[tokio::test]
async fn transitions_are_told_once_and_in_order_through_broken_connections(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let segment = gold(&admin).await;
    let listener = server.integration(&READS).await;
    let mut events = transitions(&listener, &segment, None).await;
    let writing = async {
        for number in 0..60 {
            let user = format!("u{}", number % 7);
            let word = if number % 3 == 0 { "silver" } else { "gold" };
            backend.accept(plan(&user, word)).await;
        }
        backend.accept(plan("last", "gold")).await
    };
    let reading = async {
        let mut seen = Vec::new();
        loop {
            // Nobody says goodbye to a connection that breaks.
            for _ in 0..=seen.len() % 5 {
                let data = events.data().await;
                let transition = &data["segmentTransitions"]["transition"];
                seen.push((told(transition), transition["profileId"].clone()));
            }
            let id = events.last_id.clone();
            events = transitions(&listener, &segment, Some(&id)).await;
            if seen.len() >= stored(&admin, &segment).await.len() {
                return seen;
            }
        }
    };
    let (last, mut seen) = tokio::join!(writing, reading);
    while seen.last().map(|(_, profile)| profile) != Some(&json!(last)) {
        let data = events.data().await;
        let transition = &data["segmentTransitions"]["transition"];
        seen.push((told(transition), transition["profileId"].clone()));
    }
    let seen: Vec<_> = seen.into_iter().map(|(told, _)| told).collect();
    assert!(seen.len() > 15, "{seen:?}");
    assert_eq!(seen, stored(&admin, &segment).await);
    assert!(events.within(Duration::from_millis(500)).await.is_none());
}

#[rstest]
#[tokio::test]
async fn a_list_and_a_subscription_go_on_where_the_other_ends(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (_server, backend, admin) = trusted(engine).await;
    let segment = gold(&admin).await;
    for user in ["ana", "bea", "eva"] {
        backend.accept(plan(user, "gold")).await;
    }
    let query = "query($id: ID!) { segment(id: $id) { transitions(first: 1) { nodes { seq entered } pageInfo { endCursor } } } }";
    let data = admin.query(query, json!({ "id": segment })).await;
    let after = &data["segment"]["transitions"]["pageInfo"]["endCursor"];
    let variables = json!({ "segment": segment, "after": after });
    let mut events = Events::open(&admin, TRANSITIONS, variables, None).await;
    let seen = [next(&mut events).await, next(&mut events).await];
    assert_eq!(seen, stored(&admin, &segment).await[1..]);
}

#[rstest]
#[case::with_redis(true)]
#[case::without_redis(false)]
#[tokio::test]
async fn what_one_process_commits_is_told_by_another(#[case] shared: bool) {
    let mut redis = PrivateRedis::away();
    if shared {
        redis.up();
    }
    let (one, other) = two(shared.then_some(&redis)).await;
    let admin = one.admin().await;
    let segment = gold(&admin).await;
    let here = one.backend().await;
    let there = Sender::new(&other, here.key().to_owned());
    let listener = other.integration(&READS).await;
    let ana = here.accept(plan("ana", "silver")).await;
    let mut events = transitions(&listener, &segment, None).await;
    let mut changes = Events::open(&listener, CHANGES, json!({ "id": ana }), None).await;

    let mut slowest = Duration::ZERO;
    for word in ["gold", "silver", "gold", "silver"] {
        here.accept(plan("ana", word)).await;
        let began = Instant::now();
        let (_, entered) = next(&mut events).await;
        assert_eq!(entered, word == "gold");
        let data = changes.data().await;
        let profile = &data["profileChanged"]["profile"];
        assert_eq!(profile["trait"]["value"], word);
        slowest = slowest.max(began.elapsed());
    }
    assert!(slowest < Duration::from_secs(2), "it took {slowest:?}");

    // Both write at once, and the reader changes sides.
    let write = async |backend: &Sender, side: &str| {
        for number in 0..20 {
            backend
                .accept(plan(&format!("{side}{number}"), "gold"))
                .await;
        }
    };
    let reading = async {
        let mut seen = Vec::new();
        while seen.len() < 40 {
            for _ in 0..3 {
                if seen.len() < 40 {
                    seen.push(next(&mut events).await);
                }
            }
            let server = if seen.len() % 2 == 0 { &one } else { &other };
            let listener = server.integration(&READS).await;
            let id = events.last_id.clone();
            events = transitions(&listener, &segment, Some(&id)).await;
        }
        seen
    };
    let ((), (), seen) = tokio::join!(write(&here, "a"), write(&there, "b"), reading);
    assert_eq!(seen, stored(&admin, &segment).await[4..]);
}

#[rstest]
#[tokio::test]
async fn a_profile_is_told_of_as_it_is_now_and_as_the_one_it_was_merged_into(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let ana = backend.accept(known("ana", "gold")).await;
    let bea = backend.accept(known("bea", "gold")).await;
    let listener = server.integration(&READS).await;
    let subscribe = async |after: Option<&str>| {
        Events::open(
            &listener,
            CHANGES,
            json!({ "id": bea, "after": after }),
            None,
        )
        .await
    };
    let mut events = subscribe(None).await;
    let begins = events.last_id.clone();
    assert!(events.within(Duration::from_millis(500)).await.is_none());
    for word in ["silver", "bronze"] {
        backend.accept(known("bea", word)).await;
    }
    let mut data = events.data().await;
    if data["profileChanged"]["profile"]["trait"]["value"] != "bronze" {
        data = events.data().await;
    }
    let profile = &data["profileChanged"]["profile"];
    assert_eq!(
        (&profile["id"], &profile["trait"]["value"]),
        (&json!(bea), &json!("bronze"))
    );

    let merge = json!({ "profiles": [ana, bea] });
    let merged = admin.mutate("profilesMerge", "profile { id }", merge).await;
    let survivor = &merged["profile"]["id"];
    assert_eq!(survivor, &json!(ana));
    let data = events.data().await;
    assert_eq!(data["profileChanged"]["profile"]["id"], *survivor);
    // Whoever was away is told once, of what is so now.
    let mut late = subscribe(Some(&begins)).await;
    let data = late.data().await;
    assert_eq!(data["profileChanged"]["profile"]["id"], *survivor);
    assert!(late.within(Duration::from_millis(500)).await.is_none());
}

#[rstest]
#[tokio::test]
async fn who_may_not_read_something_is_not_told_of_it(#[values(Sqlite, Postgres)] engine: Engine) {
    let (server, backend, admin) = trusted(engine).await;
    let segment = gold(&admin).await;
    let ana = backend.accept(plan("ana", "gold")).await;
    let of_segment = json!({ "segment": segment });
    for (scopes, query, variables, code) in [
        (&READS[..1], TRANSITIONS, of_segment.clone(), "FORBIDDEN"),
        (&READS[1..], TRANSITIONS, of_segment.clone(), "FORBIDDEN"),
        (&READS[..1], CHANGES, json!({ "id": ana }), "FORBIDDEN"),
        (
            &READS[..],
            TRANSITIONS,
            json!({ "segment": ana }),
            "NOT_FOUND",
        ),
        (&READS[..], CHANGES, json!({ "id": "prf_x" }), "NOT_FOUND"),
        (
            &READS[..],
            CHANGES,
            json!({ "id": ana, "after": "x" }),
            "BAD_USER_INPUT",
        ),
        (
            &READS[..],
            "subscription { nothing }",
            json!({}),
            "GRAPHQL_VALIDATION_FAILED",
        ),
    ] {
        let caller = server.integration(scopes).await;
        let mut events = Events::open(&caller, query, variables, None).await;
        let event = events.next().await.expect("an event");
        assert_eq!(
            (event.name.as_str(), event.code()),
            ("next", code),
            "{query}"
        );
        let event = events.next().await.expect("the end");
        assert_eq!(event.name, "complete");
        assert_eq!(events.next().await, None);
    }
    let stranger = server.platform(None);
    let refused = Events::refused(&stranger, TRANSITIONS, of_segment.clone()).await;
    assert_eq!(
        (refused.status.as_u16(), refused.codes()),
        (401, vec!["UNAUTHENTICATED"])
    );
    let plain = admin.send(TRANSITIONS, of_segment.clone()).await;
    assert_eq!(
        (plain.status.as_u16(), plain.codes()),
        (406, vec!["NOT_ACCEPTABLE"])
    );
    let storefront = server.storefront(None);
    let refused = Events::refused(&storefront, TRANSITIONS, of_segment).await;
    assert_eq!(refused.status, 401);
}

#[rstest]
#[tokio::test]
async fn a_revoked_token_ends_its_stream_within_seconds(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, _backend, admin) = trusted(engine).await;
    let segment = gold(&admin).await;
    let input = json!({ "name": "feed", "scopes": READS });
    let made = admin
        .mutate("tokenCreate", "secret token { id }", input)
        .await;
    let secret = made["secret"].as_str().expect("a secret").to_owned();
    let mut events = transitions(&server.platform(Some(secret)), &segment, None).await;
    assert!(events.within(Duration::from_millis(1_500)).await.is_none());
    let id = json!({ "id": made["token"]["id"] });
    admin.mutate("tokenRevoke", "token { revokedAt }", id).await;
    let revoked = Instant::now();
    let event = events.next().await.expect("an event");
    assert_eq!(event.code(), "UNAUTHENTICATED");
    assert!(revoked.elapsed() < Duration::from_secs(3));
    assert_eq!(events.next().await.expect("the end").name, "complete");
    assert_eq!(events.next().await, None);
}

#[rstest]
#[tokio::test]
async fn a_server_that_stops_completes_its_streams_and_they_go_on_after_it(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (mut server, backend, admin) = trusted(engine).await;
    let segment = gold(&admin).await;
    let token = server.integration_token(&READS).await;
    let mut events = transitions(&server.platform(Some(token.clone())), &segment, None).await;
    backend.accept(plan("ana", "gold")).await;
    next(&mut events).await;
    server.terminate();
    let stopping = Instant::now();
    assert_eq!(events.next().await.expect("the end").name, "complete");
    assert_eq!(events.next().await, None);
    assert!(server.wait().await.success());
    assert!(
        stopping.elapsed() < Duration::from_secs(5),
        "{:?}",
        stopping.elapsed()
    );

    server.restart().await;
    let backend = Sender::new(&server, backend.key().to_owned());
    backend.accept(plan("bea", "gold")).await;
    let listener = server.platform(Some(token));
    let id = events.last_id.clone();
    let mut events = transitions(&listener, &segment, Some(&id)).await;
    assert_eq!(next(&mut events).await, (2, true));
}

#[rstest]
#[tokio::test]
async fn streams_live_for_their_time_show_that_they_live_and_are_counted(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let server = TestServer::start_with(
        engine,
        PROGRAM,
        &[
            ("LAZO_SUBSCRIPTIONS__HEARTBEAT_SECONDS", "1"),
            ("LAZO_SUBSCRIPTIONS__LIFE_SECONDS", "4"),
            ("LAZO_SUBSCRIPTIONS__TOKEN_STREAMS", "2"),
        ],
    )
    .await;
    let segment = gold(&server.admin().await).await;
    let listener = server.integration(&READS).await;
    let began = Instant::now();
    let mut one = transitions(&listener, &segment, None).await;
    let _other = transitions(&listener, &segment, None).await;
    let beyond = Events::refused(&listener, TRANSITIONS, json!({ "segment": segment })).await;
    assert_eq!(
        (beyond.status.as_u16(), beyond.codes()),
        (429, vec!["THROTTLED"])
    );
    assert!(beyond.headers.contains_key("retry-after"));
    let metrics = server.http().get(server.url("/metrics")).send().await;
    let text = metrics.expect("an answer").text().await.expect("text");
    assert!(text.contains("\nlazo_subscription_streams 2\n"), "{text}");
    assert_eq!(one.next().await.expect("the end").name, "complete");
    let took = began.elapsed();
    assert!((3..7).contains(&took.as_secs()), "it took {took:?}");
    assert!((2..=5).contains(&one.comments), "{}", one.comments);
}

#[rstest]
#[tokio::test]
async fn who_takes_events_slowly_gets_all_of_them_and_costs_little(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let (server, backend, admin) = trusted(engine).await;
    let segment = gold(&admin).await;
    let token = server.integration_token(&READS).await;
    let note = "x".repeat(2_000);
    let person = |number| {
        let traits = json!({ "plan": "gold", "note": note });
        identify().user(&format!("u{number}")).traits(traits)
    };
    let people: Vec<Item> = (0..PEOPLE).map(person).collect();
    for people in people.chunks(250) {
        backend.accepted(people).await;
    }
    // After the first of them.
    let list =
        "query($id: ID!) { segment(id: $id) { transitions(first: 1) { pageInfo { endCursor } } } }";
    let data = admin.query(list, json!({ "id": segment })).await;
    let after = &data["segment"]["transitions"]["pageInfo"]["endCursor"];
    let query = "subscription($segment: ID!, $after: String) { segmentTransitions(segment: $segment, after: $after) {
        transition { seq profile { a: traits { value } b: traits { value } c: traits { value } d: traits { value } } } } }";
    let variables = json!({ "segment": segment, "after": after });
    let body = json!({ "query": query, "variables": variables }).to_string();
    let head = format!(
        "POST /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\naccept: text/event-stream\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = narrow(server.address()).await;
    let sent = stream.write_all((head + &body).as_bytes()).await;
    sent.expect("it is sent");
    // It takes nothing, and nothing more is made than the network holds.
    let (began, mut told, mut stalled) = (Instant::now(), 1, 0);
    while told != stalled || told == 0 {
        assert!(began.elapsed() < Duration::from_secs(25), "{told}");
        stalled = told;
        sleep(Duration::from_secs(2)).await;
        told = events_told(&server).await;
    }
    assert!((1..PEOPLE - 1).contains(&stalled), "{stalled}");

    let mut read = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(size) = timeout(Duration::from_secs(3), stream.read(&mut buffer)).await {
        let size = size.expect("the connection lives");
        assert!(size > 0, "it ends early");
        read.extend_from_slice(&buffer[..size]);
    }
    let text = String::from_utf8(read).expect("text");
    let place = |number: u64| text.find(&format!("\"seq\":{number},"));
    let places: Vec<_> = (2..=PEOPLE)
        .map(|number| place(number).expect("it is told"))
        .collect();
    assert!(places.is_sorted(), "in their order");
    assert_eq!(text.matches("event: next\n").count(), places.len());
}

#[rstest]
#[case::to_the_end(2, false)]
#[case::of_what_is_refused(9, true)]
#[tokio::test]
async fn a_client_library_of_the_protocol_understands_what_it_is_told(
    #[case] take: usize,
    #[case] is_wrong: bool,
) {
    let (server, backend, admin) = trusted(Sqlite).await;
    let segment = gold(&admin).await;
    backend.accept(plan("ana", "gold")).await;
    let list =
        "query($id: ID!) { segment(id: $id) { transitions(first: 1) { pageInfo { endCursor } } } }";
    let data = admin.query(list, json!({ "id": segment })).await;
    let after = &data["segment"]["transitions"]["pageInfo"]["endCursor"];
    let after = if is_wrong { &json!("x") } else { after };
    backend.accept(plan("ana", "silver")).await;
    let task = json!({ "url": server.url("/graphql"), "token": server.integration_token(&READS).await,
        "query": TRANSITIONS, "variables": { "segment": segment, "after": after }, "take": take });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    assert!(
        folder.join("node_modules/graphql-sse").exists(),
        "the client libraries are not installed: ./tests/run does it"
    );
    let client = Command::new("node")
        .arg("graphql_sse.mjs")
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn();
    let mut client = client.expect("it starts");
    let mut input = client.stdin.take().expect("a pipe");
    let written = input.write_all(task.to_string().as_bytes()).await;
    written.expect("it reads its task");
    drop(input);
    let output = timeout(Duration::from_mins(1), client.wait_with_output());
    // It waits by now; and if not, it is told all the same.
    let later = async {
        sleep(Duration::from_secs(3)).await;
        backend.accept(plan("ana", "gold")).await
    };
    let (output, _) = tokio::join!(output, later);
    let output = output.expect("it ends").expect("it is waited for");
    let text = String::from_utf8(output.stdout).expect("text");
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let seen = |line: &Value| told(&line["data"]["segmentTransitions"]["transition"]);
    if is_wrong {
        assert_eq!(
            lines[0]["errors"][0]["extensions"]["code"],
            "BAD_USER_INPUT"
        );
        assert_eq!(lines[1], json!({ "completed": true }));
    } else {
        assert_eq!([seen(&lines[0]), seen(&lines[1])], [(2, false), (3, true)]);
        assert_eq!(lines[2], json!({ "completed": false }));
    }
}

/// How many make a backlog that no network holds.
const PEOPLE: u64 = 1_200;

/// A connection that holds little of what nobody takes.
async fn narrow(address: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket
        .set_recv_buffer_size(256 * 1024)
        .expect("a small buffer");
    let address = address.parse().expect("an address");
    socket.connect(address).await.expect("a connection")
}

async fn events_told(server: &TestServer) -> u64 {
    let answer = server.http().get(server.url("/metrics")).send().await;
    let text = answer.expect("an answer").text().await.expect("text");
    let mut lines = text.lines();
    let told = lines.find_map(|line| line.strip_prefix("lazo_subscription_events_total "));
    told.expect("it is counted").parse().expect("a number")
}
