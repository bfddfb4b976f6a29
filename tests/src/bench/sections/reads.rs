//! Hot profiles: what a visitor reads of themselves and what an integration reads of a customer, beside a route of plain text.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    Engine,
    bench::{
        Bench,
        http::{get, post},
        label,
        load::{Supply, closed, open},
        microseconds_each,
        process::Process,
        report::Aim,
        server::Server,
        traffic::{People, Traffic},
    },
    engine::TestDatabase,
};

/// Connections that read.
pub(super) const CONNECTIONS: usize = 64;
/// Reads in a second from any cache, so that a storefront can ask on every page view.
const LEAST_READS: Aim = Aim::AtLeast(15_000.0);
/// Profiles that are read.
const PROFILES: u64 = 500;

/// What an integration reads: 15 fields and two lists.
const PROFILE: &str = "query Customer($id: ID!) { profile(by: { id: $id }) { id version known createdAt \
    summary { firstSeen lastSeen touchpoints orders ordersLeftOut firstOrderAt lastOrderAt meanOrderIntervalDays \
    spend { minor currency } refunded { minor } } \
    traits { name value } identifiers { namespace value } } }";
/// What a storefront reads of its visitor: 15 fields and two lists.
const VIEWER: &str = "query Visitor { viewer { version whole summary { firstSeen lastSeen touchpoints orders \
    ordersLeftOut firstOrderAt lastOrderAt meanOrderIntervalDays spend { minor amount currency } refunded { minor currency } } \
    traits { name value } identifiers { namespace value } } }";

const SCOPES: [&str; 4] = [
    "profiles:read",
    "identity:read",
    "touchpoints:read",
    "visitors:issue",
];

/// Requests that read.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) name: &'static str,
    pub(super) supply: Arc<Supply>,
}

/// Reads of these customers, both by an integration and by the customers themselves.
pub(super) async fn readings(
    bench: &Bench,
    database: &TestDatabase,
    server: &Server,
    customers: &[String],
) -> Vec<Reading> {
    let token = bench.installation.token(database, &SCOPES);
    let bearer = format!("Bearer {token}");
    let (mut profiles, mut viewers) = (Vec::new(), Vec::new());
    for customer in customers {
        let find = "query($by: ProfileBy!) { profile(by: $by) { id } }";
        let by = json!({ "by": { "customerId": customer } });
        let found = server.query(&token, find, by).await;
        let body = json!({ "query": PROFILE, "variables": { "id": found["profile"]["id"] } });
        profiles.push(post("/graphql", &bearer, &body.to_string()));
        let issue = "mutation($input: VisitorTokenIssueInput!) { visitorTokenIssue(input: $input) { token } }";
        let input = json!({ "input": { "customerId": customer, "expiresInSeconds": 3600 } });
        let issued = server.query(&token, issue, input).await;
        let visitor = issued["visitorTokenIssue"]["token"].as_str();
        let visitor = format!("Bearer {}", visitor.expect("a visitor token"));
        let body = json!({ "query": VIEWER }).to_string();
        viewers.push(post("/storefront/graphql", &visitor, &body));
    }
    let first = |requests: &[Vec<u8>]| requests.first().cloned().unwrap_or_default();
    for (name, request) in [("profile", first(&profiles)), ("viewer", first(&viewers))] {
        let answer = crate::bench::http::ask(server.address(), &request).await;
        let found = &answer["data"][name];
        let whole = |list: &str| found[list].as_array().is_some_and(|list| list.len() >= 3);
        assert!(
            whole("traits")
                && whole("identifiers")
                && found["summary"]["touchpoints"] != Value::Null,
            "{name} reads all that it asks for: {answer:#}"
        );
    }
    [("profile", profiles), ("viewer", viewers)]
        .map(|(name, requests)| Reading {
            name,
            supply: Supply::again(requests),
        })
        .to_vec()
}

/// A server that is read from, and what it answers from.
struct Place {
    on: String,
    server: Server,
    readings: Vec<Reading>,
    with: Vec<Process>,
    aim: Aim,
}

#[derive(Default)]
struct Rounds {
    plain: Vec<f64>,
    each: Vec<[Vec<f64>; 7]>,
}

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("Hot reads");
    let mut databases = Vec::new();
    let mut places = Vec::new();
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let database = bench.database(engine).await;
        places.extend(places_on(bench, &database).await);
        databases.push(database);
    }
    let mut rounds: Vec<Rounds> = Vec::new();
    for place in &places {
        rounds.push(Rounds {
            plain: Vec::new(),
            each: place.readings.iter().map(|_| Default::default()).collect(),
        });
    }
    for _ in 0..bench.rounds() {
        for (place, rounds) in places.iter().zip(&mut rounds) {
            round(bench, place, rounds).await;
        }
    }
    for (place, rounds) in places.iter().zip(&rounds) {
        tell(bench, place, rounds);
    }
    drop(places);
    for database in databases {
        bench.engines.remove(database).await;
    }
}

async fn places_on(bench: &mut Bench, database: &TestDatabase) -> Vec<Place> {
    let key = bench.installation.source(database);
    let people = People {
        devices: 500,
        customers: 1_000,
        copies: 1,
    };
    let mut traffic = Traffic::new(people, &key, "reads");
    let mut places = Vec::new();
    let redis = bench.installation.with("LAZO_CACHE__PROCESS_MIB", "0");
    let redis = redis.filter(|_| database.redis_url.is_some());
    let process = (
        "the process cache",
        bench.installation.clone(),
        Aim::AtLeast(0.4),
    );
    let redis = redis.map(|installation| ("Redis", installation, Aim::AtLeast(0.25)));
    for (from, installation, aim) in [process].into_iter().chain(redis) {
        let server = installation.serve(database).await;
        if places.is_empty() {
            let mut requests = traffic.arrivals(100);
            requests.extend(traffic.batches(50, 100));
            closed(server.address(), 16, &Supply::once(requests), None).await;
        }
        let customers: Vec<String> = (0..PROFILES)
            .map(|number| people.customer(number))
            .collect();
        let readings = readings(bench, database, &server, &customers).await;
        let with = match database.engine {
            Engine::Postgres => vec![bench.engines.postgres_process, bench.engines.redis_process],
            Engine::Sqlite => Vec::new(),
        };
        let on = format!("{}, {from}", label(database.engine));
        places.push(Place {
            on,
            server,
            readings,
            with,
            aim,
        });
    }
    places
}

async fn round(bench: &Bench, place: &Place, rounds: &mut Rounds) {
    let address = place.server.address();
    let length = bench.round() / 2;
    let plain = Supply::again(vec![get("/health/live")]);
    let plain = closed(address, CONNECTIONS, &plain, Some(length))
        .await
        .per_second();
    rounds.plain.push(plain);
    for (reading, rounds) in place.readings.iter().zip(&mut rounds.each) {
        let beside = || {
            place
                .with
                .iter()
                .map(|process| process.cpu())
                .sum::<std::time::Duration>()
        };
        let process = place.server.process();
        let before = (process.cpu(), beside());
        let load = closed(address, CONNECTIONS, &reading.supply, Some(length)).await;
        let after = (process.cpu(), beside());
        let half = open(
            address,
            CONNECTIONS,
            &reading.supply,
            load.per_second() / 2.0,
            length,
        )
        .await;
        let numbers = [
            load.per_second(),
            load.per_second() / plain,
            load.p50(),
            load.p99(),
            half.p99(),
            microseconds_each(before.0, after.0, load.requests),
        ];
        for (rounds, number) in rounds.iter_mut().zip(numbers) {
            rounds.push(number);
        }
        if let (false, Some(rounds)) = (place.with.is_empty(), rounds.get_mut(6)) {
            rounds.push(microseconds_each(before.1, after.1, load.requests));
        }
    }
}

fn tell(bench: &mut Bench, place: &Place, rounds: &Rounds) {
    let report = &mut bench.report;
    report.add(
        "plain text, 64 connections",
        &place.on,
        "requests/s",
        &rounds.plain,
        Aim::None,
    );
    for (reading, rounds) in place.readings.iter().zip(&rounds.each) {
        let name = reading.name;
        let [per_second, ratio, p50, p99, half, cpu, beside] = rounds;
        let mut add = |what: &str, unit, rounds: &[f64], aim| {
            report.add(&format!("{name}{what}"), &place.on, unit, rounds, aim);
        };
        add(", 64 connections", "requests/s", per_second, LEAST_READS);
        add(", ratio to plain text", "", ratio, place.aim);
        add(", saturated, p50", "ms", p50, Aim::None);
        add(", saturated, p99", "ms", p99, Aim::None);
        add(", at half load, p99", "ms", half, Aim::AtMost(5.0));
        add(", server CPU", "µs/request", cpu, Aim::None);
        if !beside.is_empty() {
            add(
                ", CPU of PostgreSQL and Redis",
                "µs/request",
                beside,
                Aim::None,
            );
        }
    }
    let memory = place.server.process().resident();
    report.add(
        "server memory after reads",
        &place.on,
        "MiB",
        &[memory],
        Aim::None,
    );
}
