//! Deciding without a touchpoint: everybody for a new segment, and those whose membership time ends, while touchpoints come in.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use serde_json::json;
use tokio::{task::JoinHandle, time::sleep};

use super::ingestion::{BATCH, CONNECTIONS, touchpoints_per_second};
use crate::{
    Engine,
    bench::{
        Bench,
        engines::one,
        http::post,
        label,
        load::{Supply, closed},
        microseconds_each, number,
        population::multiply,
        process::Process,
        report::{Aim, say},
        server::Server,
        traffic::{People, Traffic},
        whole,
    },
    clock,
    engine::TestDatabase,
};

/// What a segment asks for whose members the database names, and what one asks for that is decided for everybody.
const KINDS: [(&str, &str); 2] = [
    ("named", "performed('Order Completed') >= 1"),
    (
        "everybody",
        "NOT performed('Product Viewed', WITHIN 30d) >= 1",
    ),
];

/// How long may be waited for a backfill to end, or for memberships to.
const PATIENCE: Duration = Duration::from_mins(10);

/// How often is looked how far something is.
const LOOK: Duration = Duration::from_millis(100);

/// How long each round of a load is that goes on beside something else.
const LOAD_ROUND: Duration = Duration::from_secs(1);

/// Runs the section.
pub async fn run(bench: &mut Bench) {
    bench.report.section("The timer");
    for engine in [Engine::Postgres, Engine::Sqlite] {
        backfills(bench, engine).await;
        expiries(bench, engine).await;
    }
}

/// A running server, and those who send to it and ask it.
struct Place {
    database: TestDatabase,
    server: Arc<Server>,
    token: String,
    traffic: Traffic,
}

/// What came of a load that went on for as long as something else did.
#[derive(Default)]
struct Beside {
    requests: u64,
    elapsed: Duration,
}

impl Beside {
    fn touchpoints_per_second(&self) -> f64 {
        let touchpoints = self.requests * u64::try_from(BATCH).unwrap_or_default();
        number(touchpoints) / self.elapsed.as_secs_f64().max(0.001)
    }
}

impl Place {
    /// So many profiles, copied so many times, under a running server on which something is defined.
    async fn fill(bench: &mut Bench, engine: Engine, profiles: u64, copies: u64) -> Self {
        let mut database = bench.database(engine).await;
        database.redis_url = None;
        let key = bench.installation.source(&database);
        let scopes = ["segments:read", "segments:write"];
        let token = bench.installation.token(&database, &scopes);
        let once = People {
            devices: profiles * 6 / 10,
            customers: profiles * 4 / 10,
            copies: 1,
        };
        let mut first = Traffic::new(once, &key, "base");
        let server = bench.installation.serve(&database).await;
        let arrivals = Supply::once(first.arrivals(BATCH));
        closed(server.address(), CONNECTIONS, &arrivals, None).await;
        let mut place = Self {
            database,
            server: Arc::new(server),
            token,
            traffic: Traffic::new(People { copies, ..once }, &key, "timer"),
        };
        // Where nothing ever was defined, the next start decides everybody.
        let nobody = place.create("nobody", "performed('Nothing') >= 1").await;
        place.done(&nobody, PATIENCE).await;
        if copies > 1 {
            let Self {
                database,
                server,
                token,
                traffic,
            } = place;
            drop(server);
            multiply(&database, copies).await;
            let server = Arc::new(bench.installation.serve(&database).await);
            place = Self {
                database,
                server,
                token,
                traffic,
            };
        }
        place
    }

    /// Makes a segment. Returns its id.
    async fn create(&self, key: &str, condition: &str) -> String {
        let document = "mutation($input: SegmentCreateInput!) { segmentCreate(input: $input) { segment { id } userErrors { code message } } }";
        let input = json!({ "key": key, "name": key, "condition": { "text": condition } });
        let variables = json!({ "input": input });
        let made = self.server.query(&self.token, document, variables).await;
        let id = made["segmentCreate"]["segment"]["id"].as_str();
        id.unwrap_or_else(|| panic!("{made}")).to_owned()
    }

    async fn archive(&self, id: &str) {
        let document = "mutation($id: ID!) { segmentArchive(input: { id: $id }) { segment { id } userErrors { code message } } }";
        let variables = json!({ "id": id });
        self.server.query(&self.token, document, variables).await;
        self.done(id, PATIENCE).await;
    }

    /// Waits until a segment is decided, for so long at most. Returns how many profiles were decided for it, and whether that is all.
    async fn done(&self, id: &str, most: Duration) -> (u64, bool) {
        let document = "query($id: ID!) { segment(id: $id) { progress { done total completed } } }";
        let started = Instant::now();
        loop {
            let variables = json!({ "id": id });
            let read = self.server.query(&self.token, document, variables).await;
            let progress = &read["segment"]["progress"];
            let completed = progress["completed"] == true;
            if completed || started.elapsed() >= most {
                return (progress["done"].as_u64().unwrap_or_default(), completed);
            }
            sleep(LOOK).await;
        }
    }

    /// Touchpoints in a second that come in with nothing beside them.
    async fn alone(&mut self, length: Duration) -> f64 {
        let requests = whole(length.as_secs_f64() * 600.0);
        let supply = Supply::once(self.traffic.batches(requests, BATCH));
        let load = closed(self.server.address(), CONNECTIONS, &supply, Some(length)).await;
        touchpoints_per_second(&load)
    }

    /// Begins to send as fast as the server answers, at most so long; ends when it is told.
    fn send(&mut self, most: Duration, rate: f64) -> (Arc<AtomicBool>, JoinHandle<Beside>) {
        let requests = whole(most.as_secs_f64() * rate * 1.5 / 100.0) + CONNECTIONS;
        let supply = Supply::once(self.traffic.batches(requests, BATCH));
        let over = Arc::new(AtomicBool::new(false));
        let (server, told) = (Arc::clone(&self.server), Arc::clone(&over));
        let task = tokio::spawn(async move {
            let mut beside = Beside::default();
            while !told.load(Ordering::SeqCst) && beside.elapsed < most {
                let load = closed(server.address(), CONNECTIONS, &supply, Some(LOAD_ROUND)).await;
                beside.requests += load.requests;
                beside.elapsed += load.elapsed;
            }
            beside
        });
        (over, task)
    }

    async fn close(self, bench: &mut Bench) {
        drop(self.server);
        bench.engines.remove(self.database).await;
    }
}

/// A new segment of each kind over many profiles: at rest, and beside touchpoints.
async fn backfills(bench: &mut Bench, engine: Engine) {
    let profiles = bench.pick(2_000, 10_000);
    let copies = match engine {
        Engine::Postgres => bench.pick(10, 100),
        Engine::Sqlite => bench.pick(10, 10),
    };
    let mut place = Place::fill(bench, engine, profiles, copies).await;
    let on = format!("{}, {} profiles", label(engine), profiles * copies);
    say(&format!("{on}, filled in"));
    let length = bench.pick(Duration::from_secs(3), Duration::from_secs(15));
    let postgres = (engine == Engine::Postgres).then_some(bench.engines.postgres_process);
    for (kind, condition) in KINDS {
        let costs = || {
            let database = postgres.map(Process::cpu).unwrap_or_default();
            [place.server.process().cpu(), database]
        };
        let before = costs();
        let asked = Instant::now();
        let id = place.create(kind, condition).await;
        let answered = asked.elapsed();
        let (done, _) = place.done(&id, PATIENCE).await;
        let took = asked.elapsed();
        let after = costs();
        place.archive(&id).await;
        let alone = place.alone(length).await;
        let (over, beside) = place.send(length, alone);
        let asked = Instant::now();
        let id = place.create(&format!("{kind}-beside"), condition).await;
        let (done_beside, completed) = place.done(&id, length).await;
        let took_beside = asked.elapsed();
        over.store(true, Ordering::SeqCst);
        let beside = beside.await.expect("the load ends");
        if !completed {
            place.done(&id, PATIENCE).await;
        }
        place.archive(&id).await;
        let report = &mut bench.report;
        let what = |what: &str| format!("a segment of the kind \"{kind}\": {what}");
        let milliseconds = [answered.as_secs_f64() * 1e3];
        report.add(&what("answered"), &on, "ms", &milliseconds, Aim::None);
        report.add(
            &what("decided"),
            &on,
            "profiles",
            &[number(done)],
            Aim::None,
        );
        let seconds = [took.as_secs_f64()];
        report.add(&what("decided within"), &on, "s", &seconds, Aim::None);
        let names = ["server CPU", "PostgreSQL CPU"];
        for (name, (before, after)) in names.into_iter().zip(before.into_iter().zip(after)) {
            let each = [microseconds_each(before, after, done)];
            report.add(&what(name), &on, "µs/profile", &each, Aim::None);
        }
        let rate = [number(done) / took.as_secs_f64()];
        report.add(
            &what("decided at rest"),
            &on,
            "profiles/s",
            &rate,
            Aim::None,
        );
        let rate = [number(done_beside) / took_beside.as_secs_f64()];
        let name = what("decided beside touchpoints");
        report.add(&name, &on, "profiles/s", &rate, Aim::None);
        let sent = beside.touchpoints_per_second();
        let name = what("touchpoints beside it");
        report.add(&name, &on, "touchpoints/s", &[sent], Aim::None);
        let name = what("touchpoints beside it, to those without");
        report.add(&name, &on, "", &[sent / alone], Aim::None);
    }
    place.close(bench).await;
}

/// Memberships that end within a minute, or within seconds in a quick run, while touchpoints come in.
async fn expiries(bench: &mut Bench, engine: Engine) {
    let members = bench.pick(5_000, 100_000);
    let (window, spread) = bench.pick((30, 6), (240, 60));
    let mut place = Place::fill(bench, engine, bench.pick(2_000, 10_000), 1).await;
    let condition = format!("performed('Promotion Seen', WITHIN {window}s) >= 1");
    let id = place.create("recent", &condition).await;
    place.done(&id, PATIENCE).await;
    let began = clock::now();
    let first = began - spread * clock::SECOND;
    let visits = Supply::once(place.visits(members, first, spread * clock::SECOND));
    closed(place.server.address(), CONNECTIONS, &visits, None).await;
    let connection = place.database.connect().await;
    let stored: i64 = one(&connection, "SELECT count(*) FROM segment_member").await;
    assert_eq!(u64::try_from(stored), Ok(members), "nobody has left yet");
    let length = bench.pick(Duration::from_secs(3), Duration::from_secs(15));
    let alone = place.alone(length).await;
    let ends = first + window * clock::SECOND;
    let wait = u64::try_from(ends - clock::now());
    let wait = wait.expect("all was sent before the first left");
    sleep(Duration::from_millis(wait)).await;
    let minutes = Duration::from_secs(3 * u64::try_from(spread).unwrap_or_default());
    let (over, beside) = place.send(minutes, alone);
    let started = Instant::now();
    while one::<i64>(&connection, "SELECT count(*) FROM segment_member").await > 0 {
        assert!(started.elapsed() < PATIENCE, "some never leave");
        sleep(LOOK).await;
    }
    over.store(true, Ordering::SeqCst);
    let beside = beside.await.expect("the load ends");
    let mut late = Vec::new();
    for place in [members / 2, members * 99 / 100, members - 1] {
        let sql = format!(
            "SELECT recorded_at - at FROM segment_transition WHERE entered = false ORDER BY 1 LIMIT 1 OFFSET {place}"
        );
        let milliseconds: i64 = one(&connection, &sql).await;
        late.push(number(u64::try_from(milliseconds).unwrap_or_default()) / 1e3);
    }
    let _ = connection.close().await;
    let on = format!("{}, {members} that end within {spread} s", label(engine));
    let report = &mut bench.report;
    let names = ["p50", "p99", "the latest"];
    for (name, seconds) in names.into_iter().zip(&late) {
        let aim = match name {
            "the latest" => Aim::AtMost(10.0),
            _ => Aim::None,
        };
        let what = format!("memberships that time ends beside touchpoints, late: {name}");
        report.add(&what, &on, "s", &[*seconds], aim);
    }
    let sent = beside.touchpoints_per_second();
    report.add(
        "touchpoints beside them",
        &on,
        "touchpoints/s",
        &[sent],
        Aim::None,
    );
    report.add(
        "touchpoints without",
        &on,
        "touchpoints/s",
        &[alone],
        Aim::None,
    );
    report.add("ratio of the two", &on, "", &[sent / alone], Aim::None);
    place.close(bench).await;
}

impl Place {
    /// Requests in which so many devices each see a promotion once, evenly over a time.
    fn visits(&self, devices: u64, first: i64, spread: i64) -> Vec<Vec<u8>> {
        let count = i64::try_from(devices).unwrap_or(i64::MAX);
        let numbers: Vec<i64> = (0..count).collect();
        let requests = numbers.chunks(BATCH).map(|numbers| {
            let items = numbers.iter().map(|number| {
                let at = clock::rfc3339(first + spread * number / count);
                json!({ "type": "track", "event": "Promotion Seen", "anonymousId": format!("promoted-{number}"),
                    "messageId": format!("promotion-{number}"), "timestamp": at })
            });
            let items: Vec<_> = items.collect();
            let body = json!({ "batch": items }).to_string();
            post("/v1/batch", self.traffic.authorization(), &body)
        });
        requests.collect()
    }
}
