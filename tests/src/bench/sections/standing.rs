//! Where profiles stand by fifty segments and five score models: what that costs ingestion, and one decision by itself.

use std::{collections::BTreeSet, hint::black_box, time::Instant};

use lazo_domain::{
    condition::text,
    id::{ScoreModelId, SegmentId},
    lifecycle::Rules,
    standing::{Defined, Definitions, Pins, ScoreModel, Segment, Standing},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ingestion::{BATCH, CONNECTIONS, touchpoints_per_second};
use crate::{
    Engine,
    bench::{
        Bench,
        customer::{Customer, NOW},
        definitions::{SEGMENTS, models},
        label,
        load::{Supply, closed},
        microseconds_each, number,
        process::Process,
        report::Aim,
        server::Server,
        traffic::{People, Traffic},
        whole,
    },
    engine::TestDatabase,
};

/// What ingestion keeps of its rate.
const LEAST_KEPT: f64 = 0.6;
/// How long a profile may take, in microseconds.
const LONGEST: f64 = 200.0;
/// No sender is faster than this, so this many requests last for a second.
const MOST_BATCHES: f64 = 600.0;

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("Standing");
    for engine in [Engine::Postgres, Engine::Sqlite] {
        on(bench, engine).await;
    }
}

/// A server that defines all or nothing.
struct Place {
    database: TestDatabase,
    server: Server,
    /// The database's process where it is one of its own.
    engine: Option<Process>,
    traffic: Traffic,
    rate: f64,
    rates: Vec<f64>,
    /// Microseconds of the server and of the database for each touchpoint.
    cpu: [Vec<f64>; 2],
}

async fn on(bench: &mut Bench, engine: Engine) {
    let mut without = Place::open(bench, engine, false).await;
    let mut with = Place::open(bench, engine, true).await;
    let mut kept = Vec::new();
    for _ in 0..bench.rounds() {
        let rate = without.round(bench).await;
        kept.push(with.round(bench).await / rate);
    }
    let on = label(engine);
    for (place, name) in [
        (&without, "nothing defined"),
        (&with, "50 segments, 5 scores"),
    ] {
        let report = &mut bench.report;
        let what = format!("batches of 100, {name}");
        report.add(&what, on, "touchpoints/s", &place.rates, Aim::None);
        let what = format!("server CPU, {name}");
        report.add(&what, on, "µs/touchpoint", &place.cpu[0], Aim::None);
        if place.engine.is_some() {
            let what = format!("PostgreSQL CPU, {name}");
            report.add(&what, on, "µs/touchpoint", &place.cpu[1], Aim::None);
        }
    }
    bench
        .report
        .add("ratio of the two", on, "", &kept, Aim::AtLeast(LEAST_KEPT));
    if engine == Engine::Sqlite {
        decisions(bench, &with.database).await;
    }
    for place in [without, with] {
        drop(place.server);
        bench.engines.remove(place.database).await;
    }
}

impl Place {
    async fn open(bench: &mut Bench, engine: Engine, defines: bool) -> Self {
        let database = bench.database(engine).await;
        let key = bench.installation.source(&database);
        let token = bench
            .installation
            .token(&database, &["segments:write", "scores:write"]);
        let server = bench.installation.serve(&database).await;
        if defines {
            define(&server, &token).await;
        }
        let people = People {
            devices: bench.pick(2_000, 20_000),
            customers: bench.pick(500, 5_000),
            copies: 1,
        };
        let mut traffic = Traffic::new(people, &key, "standing");
        let arrivals = Supply::once(traffic.arrivals(BATCH));
        closed(server.address(), CONNECTIONS, &arrivals, None).await;
        Self {
            engine: (engine == Engine::Postgres).then_some(bench.engines.postgres_process),
            database,
            server,
            traffic,
            rate: MOST_BATCHES,
            rates: Vec::new(),
            cpu: Default::default(),
        }
    }

    /// Loads the server for a round. Returns how many touchpoints it took in a second.
    async fn round(&mut self, bench: &Bench) -> f64 {
        let seconds = bench.round().as_secs_f64();
        let requests = whole(seconds * MOST_BATCHES.min(self.rate * 1.5)) + CONNECTIONS;
        let supply = Supply::once(self.traffic.batches(requests, BATCH));
        let processes = [Some(self.server.process()), self.engine];
        let so_far = || processes.map(|process| process.map(Process::cpu).unwrap_or_default());
        let before = so_far();
        let address = self.server.address();
        let load = closed(address, CONNECTIONS, &supply, Some(bench.round())).await;
        let touchpoints = load.requests * u64::try_from(BATCH).unwrap_or_default();
        for (place, (before, after)) in before.into_iter().zip(so_far()).enumerate() {
            self.cpu[place].push(microseconds_each(before, after, touchpoints));
        }
        self.rate = load.per_second();
        let rate = touchpoints_per_second(&load);
        self.rates.push(rate);
        rate
    }
}

/// Creates all segments and score models.
async fn define(server: &Server, token: &str) {
    const MODEL: &str = "mutation($input: ScoreModelCreateInput!) { \
                         scoreModelCreate(input: $input) { userErrors { message } } }";
    const SEGMENT: &str = "mutation($input: SegmentCreateInput!) { \
                           segmentCreate(input: $input) { userErrors { message } } }";
    let create = async |mutation: &str, input: Value| {
        let answer = server
            .query(token, mutation, json!({ "input": input }))
            .await;
        let errors = answer.pointer("/scoreModelCreate/userErrors");
        let errors = errors.or_else(|| answer.pointer("/segmentCreate/userErrors"));
        assert_eq!(errors, Some(&json!([])), "{input}");
    };
    // Those that are asked for are there before those that ask for them.
    for model in models() {
        create(MODEL, model).await;
    }
    for (key, text) in SEGMENTS {
        let input = json!({ "key": key, "name": key, "condition": { "text": text } });
        create(SEGMENT, input).await;
    }
}

/// Measures decisions by what the server of this database decides by.
async fn decisions(bench: &mut Bench, database: &TestDatabase) {
    let definitions = definitions(database).await;
    let customer = Customer::of_a_year();
    let mut facts = customer.facts();
    let decide = |facts: &mut _, before: &BTreeSet<SegmentId>| {
        Standing::decide(&definitions, facts, &Pins::new(), before, NOW)
    };
    let standing = decide(&mut facts, &BTreeSet::new());
    let members = standing.memberships.iter();
    let members = members.filter(|membership| membership.decision.holds);
    let members: BTreeSet<SegmentId> = members.map(|membership| membership.segment).collect();
    let times = bench.pick(200, 2_000);
    let (mut again, mut anew) = (Vec::new(), Vec::new());
    for _ in 0..bench.rounds() {
        let started = Instant::now();
        for _ in 0..times {
            black_box(decide(&mut facts, &members));
        }
        let each = |started: Instant| started.elapsed().as_secs_f64() * 1e6 / f64::from(times);
        again.push(each(started));
        let started = Instant::now();
        for _ in 0..times {
            black_box(decide(&mut customer.facts(), &members));
        }
        anew.push(each(started));
    }
    let report = &mut bench.report;
    let joined = number(u64::try_from(members.len()).unwrap_or_default());
    report.add(
        "one profile of 200 touchpoints and 20 purchases decided",
        "50 segments, 5 scores",
        "µs",
        &again,
        Aim::AtMost(LONGEST),
    );
    report.add(
        "the same with its facts put in order",
        "50 segments, 5 scores",
        "µs",
        &anew,
        Aim::None,
    );
    report.add("segments it is in", "of 50", "", &[joined], Aim::None);
}

/// What is defined there.
async fn definitions(database: &TestDatabase) -> Definitions {
    let connection = database.connect().await;
    let query = "SELECT key, model FROM score_model ORDER BY key";
    let query = Statement::from_string(connection.get_database_backend(), query);
    let stored = connection.query_all_raw(query).await.expect("the models");
    let _ = connection.clone().close().await;
    let models = stored.iter().zip(1..).map(|(row, id)| {
        let model: Value = row.try_get("", "model").expect("a model");
        Defined::Score(ScoreModel {
            id: ScoreModelId(Uuid::from_u128(id)),
            key: row.try_get("", "key").expect("a key"),
            version: 1,
            model: serde_json::from_value(model).expect("it is a model"),
        })
    });
    let segments = SEGMENTS.iter().zip(1..).map(|((key, condition), id)| {
        Defined::Segment(Segment {
            id: SegmentId(Uuid::from_u128(id)),
            key: (*key).to_owned(),
            version: 1,
            condition: Some(text::parse(condition).expect("it is a condition")),
        })
    });
    let defined = segments.chain(models).collect();
    Definitions::new(1, Vec::new(), Rules::default(), defined)
}
