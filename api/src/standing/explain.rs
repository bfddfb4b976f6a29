//! Why a profile is a member of a segment now, or is none: decided anew from what is stored, and stored nowhere.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Because, Condition, Decision, evaluate};
use lazo_domain::id::{ProfileId, SegmentId};

use super::gather::Gathering;
use crate::app::App;
use crate::error::Error;

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
    /// From when on touchpoints are considered, of a profile that has more than conditions consider; none where all are.
    pub considered_from: Option<Timestamp>,
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
    let gathering = Gathering::of(app, &[profile]).await?;
    let at = gathering.now();
    let defined = gathering.definitions().segment(segment);
    let (Some(defined), Some(decided)) = (defined, gathering.decided().next()) else {
        return Ok(None);
    };
    let mut memberships = decided.standing.memberships.iter();
    let Some(membership) = memberships.find(|one| one.segment == segment) else {
        return Ok(None);
    };
    let explain = |condition: &Condition| {
        // What it asks of other segments and of scores is decided, and among the facts.
        let because = evaluate(condition, &decided.facts, at).because;
        (condition.clone(), because)
    };
    let member = decided.members.get(&segment);
    let member = member.filter(|_| membership.decision.holds);
    Ok(Some(Explained {
        decision: membership.decision,
        pinned: membership.pinned,
        since: member.map(|member| member.since),
        because: defined.condition.as_ref().map(explain),
        considered_from: decided.considered_from,
        at,
    }))
}
