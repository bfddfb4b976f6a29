//! A client of HTTP/1.1 that costs as little as can be: bytes that are ready go out, status and length of the answer are read.

use std::io::{Error, ErrorKind, Result};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const BUFFER_BYTES: usize = 64 * 1024;

/// A connection that is kept open from request to request.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
    body_at: usize,
}

impl Connection {
    /// Connects to a server.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(BUFFER_BYTES),
            body_at: 0,
        })
    }

    /// Sends a request and reads its answer whole. Returns the status.
    pub async fn exchange(&mut self, request: &[u8]) -> Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head = loop {
            self.read().await?;
            if let Some(head) = Head::of(&self.buffer)? {
                break head;
            }
        };
        self.body_at = head.bytes;
        while self.buffer.len() < head.bytes + head.body_bytes {
            self.read().await?;
        }
        Ok(head.status)
    }

    /// The body of the last answer.
    pub fn body(&self) -> &[u8] {
        self.buffer.get(self.body_at..).unwrap_or_default()
    }

    /// A header of the last answer.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(self.buffer.get(..self.body_at)?).ok()?;
        header(head, name)
    }

    async fn read(&mut self) -> Result<()> {
        self.buffer.reserve(BUFFER_BYTES / 4);
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

struct Head {
    status: u16,
    bytes: usize,
    body_bytes: usize,
}

impl Head {
    /// The head of an answer, once all of it is there.
    fn of(answer: &[u8]) -> Result<Option<Self>> {
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else {
            return Ok(None);
        };
        let invalid = || Error::new(ErrorKind::InvalidData, "not an answer of HTTP");
        let head = std::str::from_utf8(&answer[..end]).map_err(|_| invalid())?;
        let status = head.split(' ').nth(1);
        let length = header(head, "content-length").and_then(|length| length.parse().ok());
        Ok(Some(Self {
            status: status
                .and_then(|status| status.parse().ok())
                .ok_or_else(invalid)?,
            bytes: end + 4,
            body_bytes: length.unwrap_or_default(),
        }))
    }
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut fields = head.split("\r\n").filter_map(|line| line.split_once(": "));
    let field = fields.find(|(found, _)| found.eq_ignore_ascii_case(name));
    field.map(|(_, value)| value)
}

/// The bytes of a GET.
pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// The bytes of a POST of JSON with its credentials.
pub fn post(path: &str, authorization: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: {authorization}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Sends one request that must succeed, and reads its JSON.
pub async fn ask(address: &str, request: &[u8]) -> Value {
    let mut connection = Connection::open(address).await.expect("a connection");
    let status = connection.exchange(request).await.expect("an answer");
    let text = String::from_utf8_lossy(connection.body());
    assert_eq!(status, 200, "{text}");
    serde_json::from_str(&text).expect("the answer is JSON")
}
