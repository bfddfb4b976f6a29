//! The transitions of a segment as they are stored: each once, in their order, for as long as somebody takes them.

use std::collections::VecDeque;
use std::sync::Arc;

use lazo_domain::id::SegmentId;
use lazo_entity::segment;
use lazo_entity::segment_transition::Model as Transition;
use sea_orm::{ConnectionTrait, DbErr};

use super::read::transitions_after;
use super::service;
use crate::app::App;
use crate::db::{Engine, statement};
use crate::error::Error;
use crate::subscription::{Topic, Wake};

/// How many are read at once; no more are held while nobody takes them.
const PAGE: u64 = 100;

/// The transitions of a segment, from a place on.
pub struct Transitions {
    app: App,
    segment: Arc<segment::Model>,
    /// The number of the last one that was taken.
    taken: i64,
    read: VecDeque<Transition>,
    wake: Wake,
}

impl Transitions {
    /// Those after this place, or those that are still to come. There must be such a segment, and such a place.
    pub async fn after(app: &App, id: SegmentId, place: Option<i64>) -> Result<Self, Error> {
        let wake = app.wakes().wait_for(Topic::Segment(id));
        let segment = find(app, id).await?;
        let last = last(app.db().read()).await?;
        if place.is_some_and(|place| place > last) {
            let message = "The cursor is of a transition that there is not.";
            return Err(Error::violation("after", "INVALID", message));
        }
        Ok(Self {
            app: app.clone(),
            segment,
            taken: place.unwrap_or(last),
            read: VecDeque::new(),
            wake,
        })
    }

    /// The number of the last one that was taken, or of the one after which they begin.
    pub fn taken(&self) -> i64 {
        self.taken
    }

    /// Waits for the next one. It comes with the segment as it was when it was read.
    pub async fn next(&mut self) -> Result<(Transition, Arc<segment::Model>), Error> {
        loop {
            if let Some(next) = self.read.pop_front() {
                self.taken = next.seq;
                return Ok((next, Arc::clone(&self.segment)));
            }
            self.wake.arm();
            let id = self.segment.id;
            let read = transitions_after(&self.app, id, self.taken, PAGE).await?;
            if read.is_empty() {
                self.wake.woken().await;
            } else {
                self.segment = find(&self.app, id).await?;
                self.read = read.into();
            }
        }
    }
}

async fn find(app: &App, id: SegmentId) -> Result<Arc<segment::Model>, Error> {
    let found = service::find(app, id).await?;
    found
        .map(Arc::new)
        .ok_or(Error::NotFound { what: "segment" })
}

/// The number of the last transition of all; 0 if there is none.
pub(crate) async fn last(connection: &impl ConnectionTrait) -> Result<i64, DbErr> {
    let sql = "SELECT coalesce(max(seq), 0) AS last FROM segment_transition";
    let row = connection
        .query_one_raw(statement(connection, sql, []))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "last"))
}

/// The segments that have transitions beyond a number, up to another.
pub(crate) async fn moved(
    connection: &impl ConnectionTrait,
    beyond: i64,
    to: i64,
) -> Result<Vec<SegmentId>, DbErr> {
    if beyond >= to {
        return Ok(Vec::new());
    }
    let engine = Engine::of(connection);
    let sql = format!(
        "SELECT DISTINCT segment_id FROM segment_transition WHERE seq > {} AND seq <= {}",
        engine.parameter(1),
        engine.parameter(2)
    );
    let query = statement(connection, sql, [beyond.into(), to.into()]);
    let rows = connection.query_all_raw(query).await?;
    rows.iter()
        .map(|row| row.try_get("", "segment_id"))
        .collect()
}
