//! Who would be a member of a segment by a condition, asked of the database as of one instant. Nothing is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::check::{Reference, references};
use lazo_domain::condition::{Condition, SegmentTest};
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::standing::Definitions;
use lazo_entity::segment::Model;
use sea_orm::{ConnectionTrait, DbErr};

use super::store::{self, Pinned};
use crate::app::App;
use crate::condition::sql::{CompileError, Definition, Query, Scope, Segments, compile};
use crate::error::{Error, sentence};

/// How long a preview may take.
const LIMIT: Duration = Duration::from_secs(20);
/// The most profiles of a sample.
pub const MAX_SAMPLE: u32 = 50;

/// Nobody is a member of a list but those that people put into it.
static NOBODY: Condition = Condition::Any(Vec::new());

/// Who would be a member.
#[derive(Clone, Debug)]
pub struct Preview {
    /// How many there would be.
    pub count: u64,
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

/// What may be named by a condition that is asked of the database.
struct Named {
    definitions: Arc<Definitions>,
    pinned: BTreeMap<SegmentId, Pinned>,
}

impl Segments for Named {
    fn definition(&self, key: &str) -> Option<Definition<'_>> {
        let segment = self.definitions.segments().find(|one| one.key == key)?;
        let pinned = self.pinned.get(&segment.id);
        Some(Definition {
            condition: segment.condition.as_ref().unwrap_or(&NOBODY),
            added: pinned.map_or(&[], |pinned| &pinned.added),
            removed: pinned.map_or(&[], |pinned| &pinned.removed),
        })
    }
}

/// Asks who would be a member by a condition, which must have passed its check, and how many of them are members of a segment.
pub async fn preview(
    app: &App,
    condition: &Condition,
    sample: u32,
    overlap: Option<Arc<Model>>,
) -> Result<Preview, Error> {
    let asked = ask(app, condition, sample.min(MAX_SAMPLE), overlap);
    match tokio::time::timeout(LIMIT, asked).await {
        Ok(answered) => answered,
        Err(_) => Err(Error::Timeout),
    }
}

async fn ask(
    app: &App,
    condition: &Condition,
    sample: u32,
    overlap: Option<Arc<Model>>,
) -> Result<Preview, Error> {
    let snapshot = app.db().preview(LIMIT + Duration::from_secs(1)).await?;
    let other = overlap.as_ref().map(|segment| {
        Condition::Segment(SegmentTest {
            key: segment.key.clone(),
        })
    });
    let all = [Some(condition), other.as_ref()];
    let named = named(app, &snapshot, all.into_iter().flatten()).await?;
    let as_of = app.now();
    let (whole, leaves, other) = {
        let computed = named.definitions.computed().iter();
        let computed = computed.map(|one| one.definition.name.as_str()).collect();
        let scope = scope(app, &named, &computed, as_of);
        let ask = |condition: &Condition| compile(condition, &scope).map_err(refused);
        let leaves = leaves(condition).into_iter();
        let leaves: Vec<(&Condition, Query)> = leaves
            .map(|leaf| Ok((leaf, ask(leaf)?)))
            .collect::<Result<_, Error>>()?;
        (
            ask(condition)?,
            leaves,
            other.as_ref().map(ask).transpose()?,
        )
    };
    let both = other
        .iter()
        .flat_map(|other| [other.clone(), whole.and(other)]);
    let queries: Vec<Query> = std::iter::once(whole.clone())
        .chain(both)
        .chain(leaves.iter().map(|(_, query)| query.clone()))
        .collect();
    let mut counts = Query::counts(&queries, &snapshot).await?.into_iter();
    let mut next = || counts.next().unwrap_or_default();
    let count = next();
    let overlap = overlap.map(|segment| Overlap {
        segment,
        members: next(),
        count: next(),
    });
    let leaves = leaves.iter().map(|(leaf, _)| ((*leaf).clone(), next()));
    let leaves = leaves.collect();
    let sample = whole.page(&snapshot, None, sample).await?;
    snapshot.commit().await?;
    Ok(Preview {
        count,
        sample,
        leaves,
        overlap,
        as_of,
    })
}

fn scope<'a>(
    app: &App,
    named: &'a Named,
    computed: &'a BTreeSet<&'a str>,
    now: Timestamp,
) -> Scope<'a> {
    let deployment = app.deployment();
    Scope {
        engine: app.db().engine(),
        now,
        currency: deployment.currency,
        time_zone: deployment.time_zone,
        segments: named,
        computed,
    }
}

/// What is defined, with what people decided of the segments that the conditions lead to.
async fn named(
    app: &App,
    connection: &impl ConnectionTrait,
    conditions: impl Iterator<Item = &Condition>,
) -> Result<Named, DbErr> {
    let definitions = app.definitions().current(connection).await?;
    let mut open: Vec<Reference> = conditions.flat_map(references).collect();
    let mut found = BTreeSet::new();
    while let Some(reference) = open.pop() {
        let Reference::Segment(key) = reference else {
            continue;
        };
        let segment = definitions.segments().find(|one| one.key == key);
        let Some(segment) = segment.filter(|segment| found.insert(segment.id)) else {
            continue;
        };
        open.extend(segment.condition.iter().flat_map(references));
    }
    let pinned = store::pinned(connection, found).await?;
    Ok(Named {
        definitions,
        pinned,
    })
}

/// The tests of a condition, in its order.
fn leaves(condition: &Condition) -> Vec<&Condition> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().flat_map(leaves).collect(),
        Condition::Not(part) => leaves(part),
        leaf => vec![leaf],
    }
}

fn refused(error: CompileError) -> Error {
    let code = match error {
        CompileError::Score => "INVALID",
        CompileError::TooDeep | CompileError::TooLarge => "LIMIT_EXCEEDED",
    };
    Error::violation("source", code, sentence(&error.to_string()))
}
