//! One stream: what is told when, and when it ends.
//!
//! Nothing is made before it is asked for: the body of the answer asks for the next frame when the other end has room for it, and
//! only then is the next event read and resolved. So whoever takes them slowly costs no memory.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use async_graphql::Response as Told;
use bytes::Bytes;
use futures::{FutureExt, StreamExt};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};

use super::{Seat, Telling, frame};
use crate::error::{ApiError, Code};
use crate::http::graphql::response::{event, failure};

/// How often it is asked whether the caller may still be told of things.
const CHECKED_EVERY: Duration = Duration::from_secs(1);

/// What the library says next: an event, or nothing more.
type Said = Result<Option<Told>, ApiError>;

pub(super) struct Pump {
    seat: Seat,
    telling: Telling,
    /// What was said before the stream was answered.
    first: Option<Said>,
    /// When to pay for the next event; none once it is paid for.
    pays_at: Option<Instant>,
    ends_at: Instant,
    checks: Interval,
    heartbeats: Interval,
    ended: bool,
}

impl Pump {
    /// Starts a subscription whose first event is paid for, and waits until it is settled after what it begins.
    pub(super) async fn start(seat: Seat, mut telling: Telling) -> Result<Self, ApiError> {
        let delivery = telling.delivery.clone();
        let patience = telling.patience;
        let begun = async {
            tokio::select! {
                biased;
                said = said(&mut telling) => Some(said),
                () = delivery.begun() => None,
            }
        };
        let first = match timeout(patience, begun).await {
            Ok(Some(Err(error))) => return Err(error),
            Ok(first) => first,
            Err(_) => return Err(too_slow()),
        };
        seat.reads.settle().await?;
        Ok(Self {
            first,
            pays_at: None,
            ends_at: Instant::now() + seat.streams.life,
            checks: every(CHECKED_EVERY),
            heartbeats: every(seat.streams.heartbeat),
            ended: false,
            seat,
            telling,
        })
    }

    /// Waits for the next frame; none after the end.
    pub(super) async fn frame(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        if let Some(first) = self.first.take() {
            return Some(self.tell(first));
        }
        loop {
            let pays_at = self.pays_at.unwrap_or(self.ends_at);
            tokio::select! {
                biased;
                () = self.seat.streams.stop.cancelled() => return Some(self.end(None)),
                () = sleep_until(self.ends_at) => return Some(self.end(None)),
                _ = self.checks.tick() => {
                    if let Err(error) = self.check().await {
                        return Some(self.end(Some(&failure(&error))));
                    }
                }
                _ = self.heartbeats.tick() => return Some(frame::HEARTBEAT),
                () = sleep_until(pays_at), if self.pays_at.is_some() => self.pays_at = self.pay(),
                said = said(&mut self.telling), if self.pays_at.is_none() => {
                    let said = match self.seat.reads.settle().await {
                        Ok(()) => said,
                        Err(error) => Err(error.into()),
                    };
                    return Some(self.tell(said));
                }
            }
        }
    }

    /// Whether the stream may go on.
    async fn check(&mut self) -> Result<(), ApiError> {
        let resolving = self.telling.delivery.resolving();
        if resolving.is_some_and(|resolving| resolving > self.telling.patience) {
            return Err(too_slow());
        }
        (self.seat.check)().await
    }

    /// Pays for the next event, or says when to try again: a caller who spends faster than it may is told of things later.
    fn pay(&self) -> Option<Instant> {
        let budget = self.telling.budget.as_ref()?;
        let wait = budget.spend(self.telling.cost.requested_query_cost)?;
        Some(Instant::now() + wait)
    }

    fn tell(&mut self, said: Said) -> Bytes {
        let told = match said {
            Ok(Some(told)) => told,
            Ok(None) => return self.end(None),
            Err(error) => return self.end(Some(&failure(&error))),
        };
        self.telling.delivery.brought();
        self.telling.size.begin_anew();
        let event = event(told, self.telling.cost, self.telling.errors);
        if event.may_come_back {
            // Its place is not given away, so whoever goes on after the one before is told it then.
            return self.end(Some(&event.json));
        }
        self.seat.streams.events.inc();
        self.heartbeats.reset();
        self.pays_at = Some(Instant::now());
        frame::next(&event.json, self.telling.delivery.cursor().as_deref())
    }

    fn end(&mut self, last: Option<&[u8]>) -> Bytes {
        self.ended = true;
        frame::complete(last)
    }
}

async fn said(telling: &mut Telling) -> Said {
    let next = AssertUnwindSafe(telling.source.next()).catch_unwind();
    next.await.map_err(|_| {
        tracing::error!("a resolver panicked");
        ApiError::internal()
    })
}

fn too_slow() -> ApiError {
    ApiError::new(Code::Timeout, "The answer took too long.")
}

fn every(period: Duration) -> Interval {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
