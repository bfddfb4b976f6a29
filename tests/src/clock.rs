//! Time as the tests see it, and the door through which they move the server's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use chrono::{DateTime, SecondsFormat};
use serde_json::json;

use crate::TestServer;

/// A second, in milliseconds.
pub const SECOND: i64 = 1_000;
/// A minute, in milliseconds.
pub const MINUTE: i64 = 60 * SECOND;
/// An hour, in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day, in milliseconds.
pub const DAY: i64 = 24 * HOUR;

/// The machine's time, in milliseconds since 1970.
pub fn now() -> i64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "a caller of the server has a clock of its own"
    )]
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("the machine's clock is set");
    i64::try_from(since.as_millis()).expect("the time fits")
}

/// A time as clients write it: RFC 3339, UTC, milliseconds.
pub fn rfc3339(milliseconds: i64) -> String {
    DateTime::from_timestamp_millis(milliseconds)
        .expect("the time is in range")
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The time that much from now, as clients write it. Negative is in the past.
pub fn from_now(milliseconds: i64) -> String {
    rfc3339(now() + milliseconds)
}

/// The milliseconds of a time that the server wrote.
pub fn milliseconds(time: &str) -> i64 {
    DateTime::parse_from_rfc3339(time)
        .unwrap_or_else(|error| panic!("{time} is not a time: {error}"))
        .timestamp_millis()
}

impl TestServer {
    /// Sets the server's clock to the machine's time plus an offset.
    pub async fn move_clock(&self, offset: i64) {
        let answer = self
            .http()
            .post(self.url("/test/clock"))
            .json(&json!({ "offsetMs": offset }))
            .send()
            .await
            .expect("the clock's door answers");
        assert!(
            answer.status().is_success(),
            "the clock's door answered {}",
            answer.status()
        );
    }
}
