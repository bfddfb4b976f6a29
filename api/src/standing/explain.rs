//! Why a profile is a member of a segment now, or is none: decided anew from what is stored, and stored nowhere.

use std::collections::BTreeSet;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Because, Condition, Decision, evaluate};
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::standing::{Definitions, Standing};
use sea_orm::{ConnectionTrait, DbErr};

use super::facts::{Locale, Read, facts};
use super::load::{self, Wanted};
use crate::app::App;
use crate::error::Error;
use crate::{identity, profile};

/// Whether a profile is a member of a segment, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Whether it is a member, and the first instant at which time alone may change that.
    pub decision: Decision,
    /// Whether a person decided it, whatever the condition says.
    pub pinned: bool,
    /// Since when it is a member; none if it is none, or became one within this second.
    pub since: Option<Timestamp>,
    /// The condition, and what each part of it found; none in a list that people alone put members into.
    pub because: Option<(Condition, Because)>,
    /// The instant of which all this is.
    pub at: Timestamp,
}

/// Explains the membership of a profile, named by its present id, in a segment that is not archived; none if there is no such profile
/// or segment. All is read as of one instant.
pub async fn explain(
    app: &App,
    profile: ProfileId,
    segment: SegmentId,
) -> Result<Option<Explained>, Error> {
    let snapshot = app.db().snapshot().await?;
    let definitions = app.definitions().current(&snapshot).await?;
    let deployment = app.deployment();
    let locale = Locale {
        currency: deployment.currency,
        time_zone: deployment.time_zone,
    };
    let explained = of(
        &snapshot,
        &definitions,
        locale,
        (profile, segment),
        app.now(),
    )
    .await?;
    snapshot.commit().await?;
    Ok(explained)
}

async fn of(
    connection: &impl ConnectionTrait,
    definitions: &Definitions,
    locale: Locale,
    (profile, segment): (ProfileId, SegmentId),
    at: Timestamp,
) -> Result<Option<Explained>, DbErr> {
    let graph = identity::store::load_profiles(connection, &[profile]).await?;
    let rows = profile::store::profiles(connection, [profile]).await?;
    let (Some(row), Some(node), Some(segment)) = (
        rows.first(),
        graph.profile(profile),
        definitions.segment(segment),
    ) else {
        return Ok(None);
    };
    let wanted = Wanted {
        profile,
        fragments: node.fragments.iter().map(|(_, id)| *id).collect(),
        buys: row.summary.orders > 0,
        all: false,
    };
    let mut reads = load::read(connection, &[wanted], definitions, &locale.currency).await?;
    let read: Read = reads.remove(&profile).unwrap_or_default();
    let named = node.identifiers.iter();
    let named = named.filter(|(namespace, values)| !values.is_empty() && !namespace.is_internal());
    let mut facts = facts(row, named.map(|(namespace, _)| namespace), &read, locale);
    let before: BTreeSet<SegmentId> = read.members.keys().copied().collect();
    // What the condition asks of other segments and of scores is decided by this, and known to the facts from then on.
    let standing = Standing::decide(definitions, &mut facts, &read.pins, &before, at);
    let membership = standing
        .memberships
        .iter()
        .find(|one| one.segment == segment.id);
    let Some(membership) = membership else {
        return Ok(None);
    };
    let explain = |condition: &Condition| {
        let because = evaluate(condition, &facts, at).because;
        (condition.clone(), because)
    };
    let member = read.members.get(&segment.id);
    Ok(Some(Explained {
        decision: membership.decision,
        pinned: membership.pinned,
        since: member
            .filter(|_| membership.decision.holds)
            .map(|member| member.since),
        because: segment.condition.as_ref().map(explain),
        at,
    }))
}
