//! The reach of a segment, in the schema.

use async_graphql::{Enum, ID, Object};
use lazo_domain::privacy::Reach;

use crate::consent::reach::Step;
use crate::graphql::Int64;

/// How far a member of a segment comes on the way to being contacted: each step keeps those whom the ones before let pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Reach")]
pub enum SegmentReach {
    /// There is no address on the channel.
    Unreachable,
    /// Neither consent nor anything else allows it.
    NotConsented,
    /// An identifier is suppressed.
    Suppressed,
    /// The person was erased, or use of the profile is restricted.
    Restricted,
    /// The person may be contacted.
    Reached,
}

/// A step as the schema shows it.
pub struct SegmentReachStep(pub Step);

/// How many members of a segment come so far on the way to being contacted.
#[Object]
impl SegmentReachStep {
    /// How far.
    async fn reach(&self) -> SegmentReach {
        self.0.reach.into()
    }

    /// How many members.
    async fn count(&self) -> Int64 {
        Int64(i64::try_from(self.0.count).unwrap_or(i64::MAX))
    }

    /// The global ids of the first of them, at most 100. Profiles whose use is restricted are named to the privacy role alone.
    async fn profile_ids(&self) -> Vec<ID> {
        let profiles = self.0.profiles.iter();
        profiles.map(|id| id.to_string().into()).collect()
    }
}
