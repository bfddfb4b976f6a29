//! Queries of members and transitions.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Because;
use lazo_domain::id::{ProfileId, SegmentId, TouchpointId};
use sea_orm::{ConnectionTrait, DbErr};

use crate::db::{ColumnKind, Rows, Table, Writes, Written, take_numbers};
use crate::standing::Cause;

/// The counter of transitions.
const TRANSITIONS: &str = "segment_transition";

const MEMBER: Table = Table {
    name: "segment_member",
    columns: &[
        ("profile_id", ColumnKind::Uuid),
        ("segment_id", ColumnKind::Uuid),
        ("since", ColumnKind::Integer),
        ("valid_until", ColumnKind::Integer),
    ],
    key: 2,
};
const TRANSITION: Table = Table {
    name: "segment_transition",
    columns: &[
        ("seq", ColumnKind::Integer),
        ("segment_id", ColumnKind::Uuid),
        ("profile_id", ColumnKind::Uuid),
        ("entered", ColumnKind::Bool),
        ("at", ColumnKind::Integer),
        ("recorded_at", ColumnKind::Integer),
        ("segment_version", ColumnKind::Integer),
        ("cause", ColumnKind::Text),
        ("touchpoint_id", ColumnKind::Uuid),
        ("because", ColumnKind::Text),
    ],
    key: 1,
};

/// Since when a profile is a member of a segment, and until when that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::standing) struct Member {
    pub(in crate::standing) since: Timestamp,
    pub(in crate::standing) valid_until: Option<Timestamp>,
}

/// For how long what is stored of a membership must hold to be left as it is, in milliseconds.
const LONG_ENOUGH: i64 = 600_000;

impl Member {
    /// Whether this can stay stored though the membership is known to last longer.
    pub(in crate::standing) fn outlasts(self, known: Self, now: Timestamp) -> bool {
        let Some(until) = self.valid_until else {
            return false;
        };
        self.since == known.since
            && until > now.plus_millis(LONG_ENOUGH)
            && known.valid_until.is_none_or(|known| known > until)
    }
}

/// An entry into a segment or an exit from it.
pub(in crate::standing) struct Transition {
    pub(in crate::standing) segment: SegmentId,
    pub(in crate::standing) profile: ProfileId,
    pub(in crate::standing) entered: bool,
    pub(in crate::standing) at: Timestamp,
    pub(in crate::standing) segment_version: i64,
    pub(in crate::standing) cause: Cause,
    pub(in crate::standing) touchpoint: Option<TouchpointId>,
    pub(in crate::standing) because: Option<Because>,
}

/// What is to be stored of members.
#[derive(Default)]
pub(in crate::standing) struct Changed {
    /// Those that are new.
    pub(in crate::standing) entered: Vec<(ProfileId, SegmentId, Member)>,
    /// Those that are stored otherwise.
    pub(in crate::standing) members: Vec<(ProfileId, SegmentId, Member)>,
    pub(in crate::standing) gone: Vec<(ProfileId, SegmentId)>,
    pub(in crate::standing) transitions: Vec<Transition>,
}

impl Changed {
    pub(super) async fn save(
        &self,
        connection: &impl ConnectionTrait,
        writes: &mut Writes,
        now: Timestamp,
    ) -> Result<(), DbErr> {
        writes.insert(rows(&self.entered), MEMBER);
        writes.update(rows(&self.members), MEMBER);
        let mut gone = Rows::new(&MEMBER.columns[..MEMBER.key]);
        for (profile, segment) in &self.gone {
            gone.push([&profile.0, &segment.0]);
        }
        writes.change(
            gone,
            "DELETE FROM segment_member WHERE (profile_id, segment_id) IN \
             (SELECT profile_id, segment_id FROM {rows} AS given)",
        );
        if self.transitions.is_empty() {
            return Ok(());
        }
        let count = i64::try_from(self.transitions.len()).unwrap_or(i64::MAX);
        let first = take_numbers(connection, TRANSITIONS, count).await?;
        let mut transitions = Rows::new(TRANSITION.columns);
        for (seq, one) in (first..).zip(&self.transitions) {
            transitions.push([
                &seq,
                &one.segment.0,
                &one.profile.0,
                &one.entered,
                &one.at,
                &now,
                &one.segment_version,
                &one.cause.as_str(),
                &one.touchpoint.map(|id| id.0),
                &one.because.as_ref().map(Written),
            ]);
        }
        writes.insert(transitions, TRANSITION);
        Ok(())
    }
}

fn rows(members: &[(ProfileId, SegmentId, Member)]) -> Rows {
    let mut rows = Rows::new(MEMBER.columns);
    for (profile, segment, member) in members {
        rows.push([&profile.0, &segment.0, &member.since, &member.valid_until]);
    }
    rows
}
