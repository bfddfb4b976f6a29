//! The load: clients that send batches of touchpoints with ids of their own, and send each again until it is answered item by item;
//! and readers who hold every answer to what had been acknowledged before they asked.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use lazo_tests::{
    TestServer,
    bench::http::post,
    segment::{Item, Outcome, track},
};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use super::{
    Random,
    ledger::{Call, Ending, Ledger},
};

/// How long a client waits for an answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// How long a client waits before it sends again.
const PAUSE: Duration = Duration::from_millis(100);

/// A process as the load sees it.
#[derive(Clone, Debug)]
pub(super) struct Door {
    base: String,
    key: String,
    token: String,
}

impl Door {
    pub(super) fn new(server: &TestServer, key: &str, token: &str) -> Self {
        Self {
            base: server.url(""),
            key: key.to_owned(),
            token: token.to_owned(),
        }
    }

    pub(super) fn batch(&self, http: &reqwest::Client) -> reqwest::RequestBuilder {
        http.post(format!("{}/v1/batch", self.base))
            .basic_auth(&self.key, Some(""))
    }

    pub(super) fn query(
        &self,
        http: &reqwest::Client,
        document: &str,
        variables: &Value,
    ) -> reqwest::RequestBuilder {
        http.post(format!("{}/graphql", self.base))
            .bearer_auth(&self.token)
            .json(&json!({ "query": document, "variables": variables }))
    }

    /// A read of a customer's version as it goes over the wire, and the address that it goes to.
    pub(super) fn raw_read(&self, whose: usize, least: i64) -> (String, Vec<u8>) {
        let address = self.address().to_owned();
        let variables = json!({ "by": { "customerId": customer(whose) }, "least": least });
        let body = json!({ "query": VERSION, "variables": variables }).to_string();
        let authorization = format!("Bearer {}", self.token);
        (address, post("/graphql", &authorization, &body))
    }

    /// A batch of items as it goes over the wire.
    pub(super) fn raw_batch(&self, items: &[(usize, Item)]) -> Vec<u8> {
        let credentials = BASE64_STANDARD.encode(format!("{}:", self.key));
        let authorization = format!("Basic {credentials}");
        post("/v1/batch", &authorization, &batch(items).to_string())
    }

    /// The host and port that the process listens on.
    pub(super) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }
}

/// What a load does.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What its message ids begin with.
    pub(super) name: &'static str,
    pub(super) clients: usize,
    pub(super) readers: usize,
    /// Touchpoints in a batch.
    pub(super) batch: usize,
    /// Customers that the touchpoints are of.
    pub(super) customers: usize,
    /// How long each client rests after a batch.
    pub(super) rest: Duration,
    pub(super) seed: u64,
}

impl Plan {
    /// The usual load.
    pub(super) fn new(seed: u64) -> Self {
        Self {
            name: "load",
            clients: super::pick(4, 8),
            readers: 2,
            batch: 50,
            customers: 200,
            rest: Duration::ZERO,
            seed,
        }
    }
}

/// An HTTP client of a load.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()
        .expect("an HTTP client")
}

/// The name of a customer of the load.
pub(super) fn customer(number: usize) -> String {
    format!("customer-{number}")
}

/// A load that runs.
pub(super) struct Load {
    pub(super) ledger: Arc<Ledger>,
    goes_on: Arc<AtomicBool>,
    tasks: JoinSet<()>,
}

impl Load {
    /// Starts a load. Clients and readers take the doors in turn.
    pub(super) fn start(doors: &[Door], plan: &Plan) -> Self {
        let ledger = Arc::new(Ledger::default());
        let goes_on = Arc::new(AtomicBool::new(true));
        let mut tasks = JoinSet::new();
        let at = |door: &Door| Client {
            http: client(),
            door: door.clone(),
            ledger: Arc::clone(&ledger),
            goes_on: Arc::clone(&goes_on),
        };
        for (number, door) in (0..plan.clients).zip(doors.iter().cycle()) {
            tasks.spawn(send(at(door), number, plan.clone()));
        }
        for (number, door) in (0..plan.readers).zip(doors.iter().cycle()) {
            tasks.spawn(read(at(door), number, plan.clone()));
        }
        Self {
            ledger,
            goes_on,
            tasks,
        }
    }

    /// Waits until that many touchpoints are acknowledged.
    pub(super) async fn reaches(&self, count: usize) {
        let reached = || async { self.ledger.count() >= count };
        super::until(
            Duration::from_mins(10),
            "touchpoints are acknowledged",
            reached,
        )
        .await;
    }

    /// Lets each client end the batch that it has begun.
    pub(super) async fn finish(self) -> Arc<Ledger> {
        self.goes_on.store(false, Ordering::Relaxed);
        self.tasks.join_all().await;
        self.ledger
    }
}

struct Client {
    http: reqwest::Client,
    door: Door,
    ledger: Arc<Ledger>,
    goes_on: Arc<AtomicBool>,
}

impl Client {
    fn goes_on(&self) -> bool {
        self.goes_on.load(Ordering::Relaxed)
    }
}

async fn send(client: Client, number: usize, plan: Plan) {
    let mut random = Random(plan.seed ^ (u64::try_from(number).expect("64 bits") << 32));
    let mut sent = 0_usize;
    while client.goes_on() {
        let items: Vec<(usize, Item)> = (0..plan.batch)
            .map(|_| {
                sent += 1;
                let whose = random.below(plan.customers);
                let item = track("Opened").user(&customer(whose));
                (
                    whose,
                    item.message(&format!("{}-{number}-{sent}", plan.name)),
                )
            })
            .collect();
        send_until_answered(&client.http, &client.door, &client.ledger, &items).await;
        sleep(plan.rest).await;
    }
}

/// Sends the same items again until each is answered for itself.
pub(super) async fn send_until_answered(
    http: &reqwest::Client,
    door: &Door,
    ledger: &Ledger,
    items: &[(usize, Item)],
) {
    while !send_once(http, door, ledger, items).await {
        // As long as `Retry-After` asks for would be long for an experiment.
        sleep(PAUSE).await;
    }
}

/// Sends items, and tells whether each was answered for itself.
pub(super) async fn send_once(
    http: &reqwest::Client,
    door: &Door,
    ledger: &Ledger,
    items: &[(usize, Item)],
) -> bool {
    let mut call = Call::begin();
    let request = door.batch(http).json(&batch(items));
    if let Ok(body) = received(request, &mut call).await {
        call.acknowledged = noted(ledger, items, body);
    }
    ledger.wrote(call);
    call.ending.is_good()
}

fn batch(items: &[(usize, Item)]) -> Value {
    let values: Vec<&Value> = items.iter().map(|(_, item)| &item.0).collect();
    json!({ "batch": values })
}

/// Notes what an answer of status 200 acknowledges; how many of the touchpoints for the first time.
pub(super) fn noted(ledger: &Ledger, items: &[(usize, Item)], mut body: Value) -> usize {
    match serde_json::from_value::<Vec<Outcome>>(body["items"].take()) {
        Ok(outcomes) => note(ledger, items, &outcomes),
        Err(error) => {
            ledger.wrong(format!("an answer of 200 has another form: {error}"));
            0
        }
    }
}

/// The body of an answer of status 200.
async fn received(request: reqwest::RequestBuilder, call: &mut Call) -> Result<Value, ()> {
    let answered = async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let retry_after = retry_after(&response);
        Ok((status, retry_after, response.bytes().await?))
    };
    let answered: Result<_, reqwest::Error> = answered.await;
    call.took = call.began.elapsed();
    let (status, retry_after, bytes) =
        answered.map_err(|error| call.ending = Ending::of(&error))?;
    call.ending = Ending::Status(status);
    call.retry_after = retry_after;
    if status != 200 {
        return Err(());
    }
    serde_json::from_slice(&bytes).map_err(|_| call.ending = Ending::Broken)
}

fn retry_after(response: &Response) -> Option<u64> {
    let text = response.headers().get("retry-after")?.to_str().ok()?;
    text.parse().ok()
}

fn note(ledger: &Ledger, items: &[(usize, Item)], outcomes: &[Outcome]) -> usize {
    if outcomes.len() != items.len() {
        ledger.wrong(format!(
            "{} items were answered {} times",
            items.len(),
            outcomes.len()
        ));
    }
    let mut first = 0;
    for ((customer, item), outcome) in items.iter().zip(outcomes) {
        match outcome.status.as_str() {
            "ACCEPTED" | "DUPLICATE" => {
                let version = outcome.profile_version;
                if ledger.acknowledge(*customer, &item.message_id(), version) {
                    first += 1;
                }
            }
            _ => ledger.wrong(format!("a good item was answered {outcome:?}")),
        }
    }
    first
}

const PROFILE: &str =
    "query($by: ProfileBy!) { profile(by: $by) { version summary { touchpoints } } }";
const TIMELINE: &str = "query($by: ProfileBy!) { profile(by: $by) { touchpoints(first: 250) { nodes { messageId } } } }";
const VERSION: &str =
    "query($by: ProfileBy!, $least: Int) { profile(by: $by, minVersion: $least) { version } }";
/// Past this a page does not show all touchpoints of a customer.
const PAGE: usize = 250;

/// Reads customers at random. What had been acknowledged before a read began is in what it answers.
async fn read(client: Client, number: usize, plan: Plan) {
    let mut random = Random(plan.seed ^ (u64::try_from(number).expect("64 bits") << 48));
    let mut turn = 0_usize;
    while client.goes_on() {
        let whose = random.below(plan.customers);
        let expected = client.ledger.messages(whose);
        turn += 1;
        let whole = turn.is_multiple_of(4) && expected.len() < PAGE / 2;
        let document = if whole { TIMELINE } else { PROFILE };
        let (call, answer) = ask(&client.http, &client.door, document, whose, None).await;
        client.ledger.read(call);
        let Some(profile) = answer else {
            sleep(PAUSE).await;
            continue;
        };
        if whole {
            let nodes = profile["touchpoints"]["nodes"]
                .as_array()
                .map_or(&[][..], Vec::as_slice);
            let found: Vec<&str> = nodes
                .iter()
                .filter_map(|node| node["messageId"].as_str())
                .collect();
            if let Some(missing) = expected.iter().find(|id| !found.contains(&id.as_str())) {
                client.ledger.wrong(format!(
                    "{missing} was acknowledged, and a later read misses it"
                ));
            }
        } else {
            let found = profile["summary"]["touchpoints"].as_i64().unwrap_or(0);
            if usize::try_from(found).is_ok_and(|found| found < expected.len()) {
                client.ledger.wrong(format!(
                    "{} of {} were acknowledged, and a later read counts {found}",
                    customer(whose),
                    expected.len()
                ));
            }
        }
        // Readers leave the machine to the writers.
        sleep(Duration::from_millis(5)).await;
    }
}

/// The version that a profile has at least, and a read of it.
pub(super) async fn read_version(
    http: &reqwest::Client,
    door: &Door,
    whose: usize,
    least: Option<i64>,
) -> (Call, Option<i64>) {
    let (call, profile) = ask(http, door, VERSION, whose, least).await;
    (
        call,
        profile.map(|profile| profile["version"].as_i64().unwrap_or(0)),
    )
}

/// Asks for a customer's profile; a profile that is not there is null.
async fn ask(
    http: &reqwest::Client,
    door: &Door,
    document: &str,
    whose: usize,
    least: Option<i64>,
) -> (Call, Option<Value>) {
    let variables = match least {
        Some(least) => json!({ "by": { "customerId": customer(whose) }, "least": least }),
        None => json!({ "by": { "customerId": customer(whose) } }),
    };
    let mut call = Call::begin();
    match received(door.query(http, document, &variables), &mut call).await {
        Ok(body) if body.get("errors").is_none() => (call, Some(body["data"]["profile"].clone())),
        Ok(body) => {
            let error = &body["errors"][0]["extensions"];
            call.ending = Ending::Status(status_of(error));
            call.retry_after = error["retryAfter"].as_u64();
            (call, None)
        }
        Err(()) => (call, None),
    }
}

/// The HTTP status that goes with the first error of a GraphQL answer.
fn status_of(error: &Value) -> u16 {
    match error["code"].as_str() {
        Some("UNAVAILABLE") => 503,
        Some("TIMEOUT") => 504,
        Some("THROTTLED") => 429,
        Some("CONFLICT") => 409,
        _ => 500,
    }
}
