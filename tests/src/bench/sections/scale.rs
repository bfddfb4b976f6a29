//! The same work by the same number of active people at many more profiles: what it costs beside few.

use std::time::Instant;

use super::{
    ingestion::{BATCH, CONNECTIONS, touchpoints_per_second},
    reads::{self, Reading, readings},
};
use crate::{
    Engine,
    bench::{
        Bench, label,
        load::{Supply, closed},
        population::multiply,
        report::{Aim, say},
        server::Server,
        traffic::{People, Traffic},
    },
    engine::TestDatabase,
};

/// Profiles that are read, out of all.
const SAMPLE: u64 = 1_000;

/// A server on so many profiles.
struct Place {
    database: TestDatabase,
    server: Server,
    without_cache: Option<Server>,
    /// Profiles that do something, out of all.
    active: u64,
    traffic: Traffic,
    readings: Vec<Reading>,
    ingestion: Vec<f64>,
    /// Requests in a second from the cache, for each reading.
    hot: Vec<Vec<f64>>,
    /// Requests in a second from the database, one after the other, for each reading.
    cold: Vec<Vec<f64>>,
}

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("Many profiles");
    let (few, many) = bench.pick((2_000, 20_000), (10_000, 1_000_000));
    for engine in [Engine::Postgres, Engine::Sqlite] {
        let mut small = Place::fill(bench, engine, few, 1).await;
        let mut large = Place::fill(bench, engine, few, many / few).await;
        small.warm_up().await;
        large.warm_up().await;
        for _ in 0..bench.rounds() {
            small.round(bench).await;
            large.round(bench).await;
        }
        let names = [few, many].map(|count| format!("{}, {count} profiles", label(engine)));
        for (place, on) in [&small, &large].into_iter().zip(&names) {
            let report = &mut bench.report;
            report.add(
                "batches of 100",
                on,
                "touchpoints/s",
                &place.ingestion,
                Aim::None,
            );
            for (manner, rounds) in place.rounds() {
                report.add(&manner, on, "requests/s", rounds, Aim::None);
            }
        }
        let on = label(engine);
        let cost = |small: &[f64], large: &[f64]| -> Vec<f64> {
            small
                .iter()
                .zip(large)
                .map(|(small, large)| small / large)
                .collect()
        };
        let what = |name: &str| format!("{name}: cost at {many} to cost at {few}");
        let ratios = cost(&small.ingestion, &large.ingestion);
        bench
            .report
            .add(&what("batches"), on, "times", &ratios, Aim::AtMost(1.1));
        for ((manner, small), (_, large)) in small.rounds().zip(large.rounds()) {
            let ratios = cost(small, large);
            bench
                .report
                .add(&what(&manner), on, "times", &ratios, Aim::AtMost(1.1));
        }
        for place in [small, large] {
            drop((place.server, place.without_cache));
            bench.engines.remove(place.database).await;
        }
    }
}

impl Place {
    /// So many profiles, copied so many times, under a running server.
    async fn fill(bench: &mut Bench, engine: Engine, profiles: u64, copies: u64) -> Self {
        let started = Instant::now();
        let mut database = bench.database(engine).await;
        database.redis_url = None;
        let key = bench.installation.source(&database);
        let once = People {
            devices: profiles * 6 / 10,
            customers: profiles * 4 / 10,
            copies: 1,
        };
        let mut first = Traffic::new(once, &key, "base");
        let server = bench.installation.serve(&database).await;
        let arrivals = Supply::once(first.arrivals(BATCH));
        closed(server.address(), CONNECTIONS, &arrivals, None).await;
        drop(server);
        multiply(&database, copies).await;
        let people = People { copies, ..once };
        let server = bench.installation.serve(&database).await;
        let all = people.customers * copies;
        let customers: Vec<String> = (0..SAMPLE)
            .map(|number| people.customer(number * all / SAMPLE))
            .collect();
        let readings = readings(bench, &database, &server, &customers).await;
        let without_cache = match bench.installation.with("LAZO_CACHE__PROCESS_MIB", "0") {
            Some(installation) => Some(installation.serve(&database).await),
            None => None,
        };
        let seconds = started.elapsed().as_secs();
        say(&format!(
            "{} profiles filled in within {seconds} s",
            profiles * copies
        ));
        Self {
            hot: vec![Vec::new(); readings.len()],
            cold: vec![Vec::new(); readings.len()],
            active: profiles,
            traffic: Traffic::new(people, &key, "scale"),
            ingestion: Vec::new(),
            database,
            server,
            without_cache,
            readings,
        }
    }

    /// Lets the active people do what they do, until the pages that hold them have been written once: the first change of a page
    /// after a checkpoint costs PostgreSQL a copy of it, wherever few of its rows are active.
    async fn warm_up(&mut self) {
        let touchpoints = usize::try_from(2 * self.active).unwrap_or_default();
        let supply = Supply::once(self.traffic.batches(touchpoints / BATCH, BATCH));
        closed(self.server.address(), CONNECTIONS, &supply, None).await;
    }

    async fn round(&mut self, bench: &Bench) {
        let length = bench.round();
        let address = self.server.address();
        let requests = usize::try_from(length.as_millis()).unwrap_or_default() / 2;
        let supply = Supply::once(self.traffic.batches(requests, BATCH));
        let load = closed(address, CONNECTIONS, &supply, Some(length)).await;
        self.ingestion.push(touchpoints_per_second(&load));
        for (reading, rounds) in self.readings.iter().zip(&mut self.hot) {
            let requests = &reading.supply;
            let first = Supply::once(requests.all().to_vec());
            closed(address, reads::CONNECTIONS, &first, None).await;
            let load = closed(address, reads::CONNECTIONS, requests, Some(length / 2)).await;
            rounds.push(load.per_second());
        }
        let Some(server) = &self.without_cache else {
            return;
        };
        for (reading, rounds) in self.readings.iter().zip(&mut self.cold) {
            let load = closed(server.address(), 1, &reading.supply, Some(length / 2)).await;
            rounds.push(load.per_second());
        }
    }

    /// What was read in which manner, with what each round saw.
    fn rounds(&self) -> impl Iterator<Item = (String, &[f64])> {
        let hot = self.readings.iter().zip(&self.hot);
        let cold = self.readings.iter().zip(&self.cold);
        let hot =
            hot.map(|(reading, rounds)| (format!("{}, hot", reading.name), rounds.as_slice()));
        let cold = cold.map(|(reading, rounds)| {
            let manner = format!("{}, from the database, one by one", reading.name);
            (manner, rounds.as_slice())
        });
        hot.chain(cold).filter(|(_, rounds)| !rounds.is_empty())
    }
}
