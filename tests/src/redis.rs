//! A Redis server of one test's own, for faults that other tests must not see.

use std::{
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::process::{Signal, signal};

const STARTS_WITHIN: Duration = Duration::from_secs(30);

/// A private Redis server, which runs once `up` is called. Dropping it stops the server.
#[derive(Debug)]
pub struct PrivateRedis {
    port: u16,
    process: Option<Child>,
    folder: TempDir,
}

impl PrivateRedis {
    /// Finds a port for a server, and starts none yet.
    pub fn away() -> Self {
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        Self {
            port,
            process: None,
            folder: tempfile::tempdir().expect("a folder for the server"),
        }
    }

    /// The address of the server.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Starts the server and waits until it listens.
    pub fn up(&mut self) {
        self.crash();
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &self.port.to_string()])
            .arg("--dir")
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is in PATH: ./tests/run says what is missing");
        self.process = Some(process);
        let started = Instant::now();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        while TcpStream::connect(address).is_err() {
            assert!(
                started.elapsed() < STARTS_WITHIN,
                "redis-server does not listen"
            );
            sleep(Duration::from_millis(10));
        }
    }

    /// Freezes the server: connections stay open, and nothing answers on them.
    pub fn freeze(&self) {
        self.send(Signal::Stop);
    }

    /// Lets a frozen server go on.
    pub fn thaw(&self) {
        self.send(Signal::Continue);
    }

    fn send(&self, what: Signal) {
        let process = self.process.as_ref().expect("the server runs");
        signal(process.id(), what);
    }

    /// Runs a command that needs no quotes, and gives back each text or number of its reply.
    ///
    /// It reads the protocol as it is written down at <https://redis.io/docs/latest/develop/reference/protocol-spec/>.
    pub fn command(&self, command: &str) -> Vec<String> {
        let mut stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("the server listens");
        stream
            .write_all(format!("{command}\r\n").as_bytes())
            .expect("the command is sent");
        let mut replies = vec![];
        read_reply(&mut BufReader::new(stream), &mut replies);
        replies
    }

    /// Ends the server at once, as a crash does.
    pub fn crash(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the server can be killed");
            process.wait().expect("the server can be waited for");
        }
    }
}

impl Drop for PrivateRedis {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn read_reply(from: &mut impl BufRead, replies: &mut Vec<String>) {
    let head = line(from);
    let (kind, rest) = head.split_at_checked(1).expect("a reply");
    match kind {
        "*" => {
            for _ in 0..rest.parse::<i64>().expect("a length") {
                read_reply(from, replies);
            }
        }
        "$" if rest != "-1" => replies.push(line(from)),
        "-" => panic!("Redis answers {rest}"),
        _ => replies.push(rest.to_owned()),
    }
}

fn line(from: &mut impl BufRead) -> String {
    let mut bytes = vec![];
    from.read_until(b'\n', &mut bytes).expect("a reply arrives");
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}
