//! Touchpoints over HTTP, resolved and visible, beside the same rows in a bare table.

use crate::{
    Engine,
    bench::{
        Bench, label,
        load::{Load, Supply, closed, open},
        microseconds_each, number,
        plain::PlainTable,
        process::Process,
        report::Aim,
        traffic::{People, Traffic},
        whole,
    },
};

/// Connections that send.
pub(super) const CONNECTIONS: usize = 16;
/// Touchpoints in a request.
pub(super) const BATCH: usize = 100;
/// No sender is faster than this, so this many requests last for a second.
const MOST_BATCHES: usize = 600;

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("Ingestion");
    for engine in [Engine::Postgres, Engine::Sqlite] {
        on(bench, engine).await;
    }
}

/// The processes whose time is counted.
struct Costs {
    server: Process,
    database: Option<Process>,
}

impl Costs {
    fn so_far(&self) -> [std::time::Duration; 3] {
        let database = self.database.map(Process::cpu);
        [
            self.server.cpu(),
            database.unwrap_or_default(),
            Process::own().cpu_of_threads(),
        ]
    }
}

async fn on(bench: &mut Bench, engine: Engine) {
    let database = bench.database(engine).await;
    let key = bench.installation.source(&database);
    let server = bench.installation.serve(&database).await;
    let people = People {
        devices: bench.pick(2_000, 20_000),
        customers: bench.pick(500, 5_000),
        copies: 1,
    };
    let mut traffic = Traffic::new(people, &key, "ingestion");
    let costs = Costs {
        server: server.process(),
        database: (engine == Engine::Postgres).then_some(bench.engines.postgres_process),
    };
    let rest = server.process().resident();
    let arrivals = Supply::once(traffic.arrivals(BATCH));
    closed(server.address(), CONNECTIONS, &arrivals, None).await;
    let mut plain = PlainTable::create(&database).await;

    let mut batches = Vec::new();
    let mut ratios = Vec::new();
    let mut plains = Vec::new();
    let mut singles = Vec::new();
    let mut cpu: [Vec<f64>; 4] = Default::default();
    let mut latencies: [Vec<f64>; 4] = Default::default();
    let mut rate = f64::INFINITY;
    let mut single_rate = 20_000.0;
    let seconds = bench.round().as_secs_f64();
    for _ in 0..bench.rounds() {
        let most = number(u64::try_from(MOST_BATCHES).unwrap_or_default());
        let requests = whole(seconds * most.min(rate * 1.5)) + CONNECTIONS;
        let supply = Supply::once(traffic.batches(requests, BATCH));
        let before = costs.so_far();
        let load = closed(server.address(), CONNECTIONS, &supply, Some(bench.round())).await;
        let after = costs.so_far();
        rate = load.per_second();
        let touchpoints = load.requests * u64::try_from(BATCH).unwrap_or_default();
        let per_second = touchpoints_per_second(&load);
        let (stored, plain_rate) = plain.catch_up().await;
        assert_eq!(
            u64::try_from(stored),
            Ok(touchpoints),
            "all are stored, each once"
        );
        batches.push(per_second);
        plains.push(plain_rate);
        ratios.push(per_second / plain_rate);
        for (place, (before, after)) in before.iter().zip(after).enumerate() {
            cpu[place].push(microseconds_each(*before, after, touchpoints));
        }

        let requests = whole(seconds * single_rate * 1.5) + CONNECTIONS;
        let supply = Supply::once(traffic.batches(requests, 1));
        let before = costs.server.cpu();
        let load = closed(server.address(), CONNECTIONS, &supply, Some(bench.round())).await;
        cpu[3].push(microseconds_each(before, costs.server.cpu(), load.requests));
        single_rate = load.per_second();
        singles.push(single_rate);
        latencies[0].push(load.p50());
        latencies[1].push(load.p99());
        let half = single_rate / 2.0;
        let requests = whole(seconds * half) + CONNECTIONS;
        let supply = Supply::once(traffic.batches(requests, 1));
        let load = open(server.address(), CONNECTIONS, &supply, half, bench.round()).await;
        latencies[2].push(load.p50());
        latencies[3].push(load.p99());
        plain.catch_up().await;
    }
    let memory = server.process();
    let on = label(engine);
    let report = &mut bench.report;
    report.add(
        "batches of 100, 16 connections",
        on,
        "touchpoints/s",
        &batches,
        Aim::AtLeast(5_000.0),
    );
    report.add(
        "the same rows by INSERT of 1,000 rows",
        on,
        "rows/s",
        &plains,
        Aim::None,
    );
    report.add("ratio of the two", on, "", &ratios, Aim::AtLeast(0.5));
    report.add(
        "server CPU in batches",
        on,
        "µs/touchpoint",
        &cpu[0],
        Aim::None,
    );
    if costs.database.is_some() {
        report.add(
            "PostgreSQL CPU in batches",
            on,
            "µs/touchpoint",
            &cpu[1],
            Aim::None,
        );
    }
    report.add(
        "load generator CPU in batches",
        on,
        "µs/touchpoint",
        &cpu[2],
        Aim::None,
    );
    report.add(
        "one touchpoint a request, 16 connections",
        on,
        "touchpoints/s",
        &singles,
        Aim::None,
    );
    report.add("one a request, p50", on, "ms", &latencies[0], Aim::None);
    report.add("one a request, p99", on, "ms", &latencies[1], Aim::None);
    report.add(
        "one a request at half load, p50",
        on,
        "ms",
        &latencies[2],
        Aim::None,
    );
    report.add(
        "one a request at half load, p99",
        on,
        "ms",
        &latencies[3],
        Aim::AtMost(25.0),
    );
    report.add(
        "server CPU, one a request",
        on,
        "µs/touchpoint",
        &cpu[3],
        Aim::None,
    );
    report.add(
        "server memory before ingestion",
        on,
        "MiB",
        &[rest],
        Aim::None,
    );
    report.add(
        "server memory after ingestion",
        on,
        "MiB",
        &[memory.resident()],
        Aim::None,
    );
    report.add(
        "server memory, the most during ingestion",
        on,
        "MiB",
        &[memory.peak()],
        Aim::AtMost(512.0),
    );
    drop(server);
    drop(plain);
    bench.engines.remove(database).await;
}

/// Touchpoints in a second, of a load of batches.
pub(super) fn touchpoints_per_second(load: &Load) -> f64 {
    load.per_second() * number(u64::try_from(BATCH).unwrap_or_default())
}
