//! What can be asked of the writer besides recording touchpoints.

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{DecisionKind, DecisionProblem, Evidence, PurposeKey};
use lazo_domain::id::{ConsentRecordId, FragmentId, ProfileId};
use lazo_domain::identity::MergeRefusal;
use lazo_domain::profile::{Projection, PurchaseSummary};
use lazo_domain::touchpoint::Channel;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::Error;
use crate::standing::Step;
use crate::touchpoint::{Answer, Incoming};

pub(super) type Reply<T> = oneshot::Sender<Result<T, Error>>;

pub(super) enum Command {
    Record {
        items: Vec<Incoming>,
        reply: Reply<Vec<Answer>>,
    },
    Edit {
        edit: Box<Edit>,
        reply: Reply<EditOutcome>,
    },
    Merge {
        merge: Box<MergeByHand>,
        reply: Reply<MergeOutcome>,
    },
    Unmerge {
        unmerge: Box<UnmergeByHand>,
        reply: Reply<UnmergeOutcome>,
    },
    Consent {
        consent: Box<Consent>,
        reply: Reply<ConsentOutcome>,
    },
    Stand {
        step: Step,
        reply: Reply<usize>,
    },
}

/// What makes a repeated call harmless: the caller's key, and a digest of what was asked.
#[derive(Clone, Debug)]
pub struct Once {
    /// Whose key it is.
    pub caller: String,
    /// The key.
    pub key: String,
    /// A digest of the input, to tell a repeat from another call under the same key.
    pub input: Uuid,
}

/// An edit of a profile's traits.
#[derive(Clone)]
pub struct Edit {
    /// The profile, under its present or a former id.
    pub profile: ProfileId,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
    /// The touchpoint that the edit is.
    pub item: Incoming,
    /// Who.
    pub actor: String,
    /// Against repeats.
    pub once: Option<Once>,
}

/// What became of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditOutcome {
    /// It is in force.
    Done(ProfileId),
    /// There is no such profile.
    NotFound,
    /// The profile has changed since; it is at this version.
    Stale(i64),
    /// The key was used for another call.
    KeyReused,
}

/// A merge by hand.
#[derive(Clone, Debug)]
pub struct MergeByHand {
    /// The profiles.
    pub profiles: Vec<ProfileId>,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// Against repeats.
    pub once: Option<Once>,
}

/// What became of a merge by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MergeOutcome {
    /// They are one profile.
    Done(ProfileId),
    /// There are no such profiles.
    NotFound(Vec<ProfileId>),
    /// Rules stand against it.
    Refused(Vec<MergeRefusal>),
    /// The key was used for another call.
    KeyReused,
}

/// What a merge would give.
#[derive(Clone, Debug)]
pub struct MergePreview {
    /// The profile that would go on.
    pub survivor: ProfileId,
    /// What it would be.
    pub projection: Projection,
    /// What its purchases would add up to.
    pub summary: PurchaseSummary,
    /// What stands against it.
    pub refusals: Vec<MergeRefusal>,
}

/// A parting by hand.
#[derive(Clone, Debug)]
pub struct UnmergeByHand {
    /// The id of the profile that was absorbed.
    pub former: ProfileId,
    /// Who.
    pub actor: String,
    /// Why.
    pub reason: Option<String>,
    /// Against repeats.
    pub once: Option<Once>,
}

/// What became of a parting by hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnmergeOutcome {
    /// There are two profiles again.
    Done {
        /// The side that had been absorbed.
        restored: ProfileId,
        /// The other side.
        survivor: ProfileId,
    },
    /// No merge absorbed such a profile, or it was parted since.
    NotMerged,
    /// There is no such profile.
    NotFound,
    /// The key was used for another call.
    KeyReused,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Whom a profile stands for; under a former id, the part of it that had this id.
    Profile(ProfileId),
    /// Whoever a fragment is of.
    Fragment(FragmentId),
}

/// A decision about a purpose, to be written down.
#[derive(Clone, Debug)]
pub struct Consent {
    /// Who decided.
    pub whose: Whose,
    /// About what.
    pub purpose: PurposeKey,
    /// The channel; none if it is about the purpose on all its channels.
    pub channel: Option<Channel>,
    /// What it says.
    pub kind: DecisionKind,
    /// When it was made; none for now.
    pub at: Option<Timestamp>,
    /// What shows it.
    pub evidence: Evidence,
    /// Who writes it down.
    pub actor: String,
    /// Against repeats.
    pub once: Option<Once>,
}

/// What became of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConsentOutcome {
    /// It is in force.
    Done {
        /// The profile, under its present id.
        profile: ProfileId,
        /// The record it is written in.
        record: ConsentRecordId,
    },
    /// There is no such profile.
    NotFound,
    /// There is no such purpose, or it is archived.
    NoPurpose,
    /// It cannot be written down.
    Refused(Vec<DecisionProblem>),
    /// The key was used for another call.
    KeyReused,
}
