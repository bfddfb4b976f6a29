//! Who would be a member of a segment by a condition, asked of the database as of one instant. Nothing is stored.

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Condition, SegmentTest};
use lazo_domain::id::ProfileId;
use lazo_entity::segment::Model;

use super::asking::{Asking, in_turn};
use crate::app::App;
use crate::condition::sql::Query;
use crate::error::Error;

/// The most profiles of a sample.
pub const MAX_SAMPLE: u32 = 50;

/// What is to be known of a preview: each is a look of its own at all profiles, but for the sample, which is counted by the way.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Whether they are counted.
    pub count: bool,
    /// How many of them are shown.
    pub sample: u32,
    /// Whether those of each test of the condition are counted.
    pub leaves: bool,
    /// A segment whose members are compared with them.
    pub overlap: Option<Arc<Model>>,
}

/// Who would be a member, as far as it was asked for.
#[derive(Clone, Debug)]
pub struct Preview {
    /// How many there would be.
    pub count: Option<u64>,
    /// The first of them by their ids.
    pub sample: Vec<ProfileId>,
    /// For how many each test of the condition holds, in its order.
    pub leaves: Vec<(Condition, u64)>,
    /// How many of them are members of another segment.
    pub overlap: Option<Overlap>,
    /// The instant of which all this is.
    pub as_of: Timestamp,
}

/// What a condition shares with a segment.
#[derive(Clone, Debug)]
pub struct Overlap {
    /// The segment.
    pub segment: Arc<Model>,
    /// How many members the segment has by its condition and by what people decided.
    pub members: u64,
    /// For how many of them the condition holds.
    pub count: u64,
}

/// Asks who would be a member by a condition, which must have passed its check.
pub async fn preview(app: &App, condition: &Condition, wanted: Wanted) -> Result<Preview, Error> {
    let condition = condition.clone();
    in_turn(
        app,
        |app| async move { ask(&app, &condition, wanted).await },
    )
    .await
}

async fn ask(app: &App, condition: &Condition, wanted: Wanted) -> Result<Preview, Error> {
    let other = wanted.overlap.as_ref().map(|segment| {
        Condition::Segment(SegmentTest {
            key: segment.key.clone(),
        })
    });
    let named: Vec<_> = std::iter::once(condition).chain(&other).collect();
    let asking = Asking::of(app, &named).await?;
    let whole = asking.query(condition)?;
    let (count, sample) = members(&asking, &whole, &wanted).await?;
    let mut leaves = Vec::new();
    for leaf in wanted
        .leaves
        .then(|| leaves_of(condition))
        .into_iter()
        .flatten()
    {
        let held = match count {
            Some(count) if leaf == condition => count,
            _ => asking.query(leaf)?.count(asking.connection()).await?,
        };
        leaves.push((leaf.clone(), held));
    }
    let mut overlap = None;
    if let (Some(segment), Some(other)) = (wanted.overlap, &other) {
        let other = asking.query(other)?;
        overlap = Some(Overlap {
            segment,
            members: other.count(asking.connection()).await?,
            count: whole.and(&other).count(asking.connection()).await?,
        });
    }
    let as_of = asking.as_of();
    asking.end().await?;
    Ok(Preview {
        count,
        sample,
        leaves,
        overlap,
        as_of,
    })
}

/// The number of the members and the first of them, as far as they are wanted.
async fn members(
    asking: &Asking,
    whole: &Query,
    wanted: &Wanted,
) -> Result<(Option<u64>, Vec<ProfileId>), Error> {
    let connection = asking.connection();
    let sample = wanted.sample.min(MAX_SAMPLE);
    Ok(match (wanted.count, sample) {
        (false, 0) => (None, Vec::new()),
        (true, 0) => (Some(whole.count(connection).await?), Vec::new()),
        (false, most) => (None, whole.first(connection, most).await?),
        (true, most) => {
            let (count, first) = whole.count_and_first(connection, most).await?;
            (Some(count), first)
        }
    })
}

/// The tests of a condition, in its order.
fn leaves_of(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(leaves_of).collect(),
        Condition::Not(part) => leaves_of(part),
        leaf => vec![leaf],
    }
}
