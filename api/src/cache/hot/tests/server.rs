//! A Redis server of one test's own, for faults that other tests must not see.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;

use tempfile::TempDir;

use super::*;
use crate::config::RedisUrl;

/// A server, stopped when it is dropped.
pub(super) struct Server {
    port: u16,
    process: Option<Child>,
    folder: TempDir,
}

impl Server {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut server = Self {
            port,
            process: None,
            folder: tempfile::tempdir().unwrap(),
        };
        server.up();
        server
    }

    /// Starts it, empty.
    pub(super) fn up(&mut self) {
        let process = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .args(["--port", &self.port.to_string()])
            .arg("--dir")
            .arg(self.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .expect("redis-server is in PATH: ./tests/run says what is missing");
        self.process = Some(process);
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            sleep(Duration::from_millis(10));
        }
    }

    pub(super) fn crash(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// It takes what it is told, and does not answer, until it thaws.
    pub(super) fn freeze(&self) {
        self.signal("-STOP");
    }

    pub(super) fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let process = self.process.as_ref().unwrap().id().to_string();
        let status = Command::new("kill").args([signal, &process]).status();
        assert!(status.unwrap().success());
    }

    /// Loses all it holds.
    pub(super) async fn flush(&self) {
        let client = ::redis::Client::open(format!("redis://127.0.0.1:{}", self.port)).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let flush = ::redis::cmd("FLUSHALL");
        flush.exec_async(&mut connection).await.unwrap();
    }

    pub(super) fn url(&self) -> RedisUrl {
        serde_json::from_value(format!("redis://127.0.0.1:{}", self.port).into()).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.crash();
    }
}
