//! A proxy between a client and the server: it delivers each request, and then spoils answers.

use std::{
    collections::HashMap,
    io::Read,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::TestServer;

/// What belongs to one connection and not to the message (RFC 9110, section 7.6.1), or is counted anew.
const OF_THE_CONNECTION: [&str; 5] = [
    "host",
    "connection",
    "keep-alive",
    "transfer-encoding",
    "content-length",
];
const ARRIVES_WITHIN: Duration = Duration::from_mins(1);

/// What becomes of an answer on its way to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another status comes in its place.
    Status(u16),
    /// The status 503 comes in its place, with `Retry-After` in seconds.
    Busy(u32),
    /// The connection is closed.
    Drop,
    /// It comes late.
    Delay(Duration),
}

/// Which answers are spoiled, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spoil {
    /// None.
    Nothing,
    /// The first answer to each batch.
    EachBatchOnce(Fault),
    /// The first answers of all.
    First(usize, Fault),
}

/// A request that arrived at the proxy.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its path.
    pub path: String,
    /// The message ids in its body, in their order.
    pub messages: Vec<String>,
    /// What the server answered, whatever the client got; `None` while it has not.
    pub status: Option<u16>,
}

/// The running proxy. Dropping it closes its port.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    http: reqwest::Client,
    spoil: Spoil,
    server: Mutex<Option<String>>,
    deliveries: Mutex<Vec<Delivery>>,
    arrived: watch::Sender<usize>,
}

struct Request {
    method: String,
    path: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl FaultProxy {
    /// Starts a proxy in front of the server.
    pub async fn start(server: &TestServer, spoil: Spoil) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("the proxy has an address");
        let shared = Arc::new(Shared {
            http: server.http().clone(),
            spoil,
            server: Mutex::new(Some(server.url(""))),
            deliveries: Mutex::default(),
            arrived: watch::Sender::new(0),
        });
        let serving = Arc::clone(&shared);
        let accepting = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&serving)));
            }
        });
        Self {
            address,
            shared,
            accepting,
        }
    }

    /// The address that clients are given in place of the server's.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Every request so far, in the order of arrival.
    pub fn deliveries(&self) -> Vec<Delivery> {
        lock(&self.shared.deliveries).clone()
    }

    /// Waits until that many requests have arrived; the last may still be with the server.
    pub async fn arrived(&self, count: usize) {
        let mut arrived = self.shared.arrived.subscribe();
        timeout(ARRIVES_WITHIN, arrived.wait_for(|seen| *seen >= count))
            .await
            .expect("the client sends that many requests")
            .expect("the proxy lives");
    }

    /// Drops each further request, as if nobody listened, until the server is back.
    pub fn cut(&self) {
        *lock(&self.shared.server) = None;
    }

    /// Leads to the server again, which may listen elsewhere now.
    pub fn lead_to(&self, server: &TestServer) {
        *lock(&self.shared.server) = Some(server.url(""));
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves one connection; without an answer it is closed.
async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut stream = BufReader::new(stream);
    while let Some(request) = receive(&mut stream).await {
        let Some(answer) = shared.exchange(request).await else {
            return;
        };
        if stream.get_mut().write_all(&answer).await.is_err() {
            return;
        }
    }
}

async fn receive(stream: &mut BufReader<TcpStream>) -> Option<Request> {
    let first = line(stream).await?;
    let mut words = first.split(' ');
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let header = line(stream).await?;
        if header.is_empty() {
            break;
        }
        let (name, value) = header.split_once(':')?;
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    assert!(
        !headers.contains_key("transfer-encoding"),
        "no client of the tests sends its body in chunks"
    );
    let length = headers.get("content-length");
    let mut body = vec![0; length.map_or(Some(0), |length| length.parse().ok())?];
    stream.read_exact(&mut body).await.ok()?;
    Some(Request {
        method,
        path,
        headers,
        body,
    })
}

async fn line(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut text = String::new();
    let read = stream.read_line(&mut text).await.ok()?;
    (read > 0).then(|| text.trim_end().to_owned())
}

impl Shared {
    /// Delivers a request and gives back what the client gets.
    async fn exchange(&self, request: Request) -> Option<Vec<u8>> {
        let messages = messages(&request);
        let (number, fault) = self.arrive(request.path.clone(), messages);
        let server = lock(&self.server).clone()?;
        let method = request.method.parse().ok()?;
        let mut outgoing = self.http.request(method, server + &request.path);
        for (name, value) in &request.headers {
            if !OF_THE_CONNECTION.contains(&name.as_str()) {
                outgoing = outgoing.header(name, value);
            }
        }
        let response = outgoing.body(request.body).send().await.ok()?;
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type").cloned();
        let body = response.bytes().await.ok()?;
        if let Some(delivery) = lock(&self.deliveries).get_mut(number) {
            delivery.status = Some(status);
        }
        let content_type = content_type.as_ref().and_then(|value| value.to_str().ok());
        let (status, extra) = match fault {
            Some(Fault::Drop) => return None,
            Some(Fault::Status(status)) => (status, String::new()),
            Some(Fault::Busy(seconds)) => (503, format!("retry-after: {seconds}\r\n")),
            Some(Fault::Delay(time)) => {
                sleep(time).await;
                (status, String::new())
            }
            None => (status, String::new()),
        };
        let head = format!(
            "HTTP/1.1 {status} Answer\r\ncontent-type: {}\r\n{extra}content-length: {}\r\n\r\n",
            content_type.unwrap_or("text/plain"),
            body.len()
        );
        Some([head.as_bytes(), &body].concat())
    }

    /// Writes a request down, and says what becomes of its answer.
    fn arrive(&self, path: String, messages: Vec<String>) -> (usize, Option<Fault>) {
        let mut deliveries = lock(&self.deliveries);
        let number = deliveries.len();
        let is_new = !deliveries
            .iter()
            .any(|earlier| earlier.messages == messages);
        deliveries.push(Delivery {
            path,
            messages,
            status: None,
        });
        self.arrived.send_replace(number + 1);
        let fault = match self.spoil {
            Spoil::Nothing => None,
            Spoil::EachBatchOnce(fault) => is_new.then_some(fault),
            Spoil::First(count, fault) => (number < count).then_some(fault),
        };
        (number, fault)
    }
}

fn messages(request: &Request) -> Vec<String> {
    let mut inflated = Vec::new();
    let is_gzip = request.headers.get("content-encoding").map(String::as_str) == Some("gzip");
    if is_gzip {
        MultiGzDecoder::new(request.body.as_slice())
            .read_to_end(&mut inflated)
            .expect("the client sends gzip");
    }
    let body = if is_gzip { &inflated } else { &request.body };
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let one = std::slice::from_ref(&body);
    let items = body["batch"].as_array().map_or(one, Vec::as_slice);
    items
        .iter()
        .filter_map(|item| item["messageId"].as_str().map(ToOwned::to_owned))
        .collect()
}
