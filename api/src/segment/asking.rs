//! Asking the database for whom conditions hold, as of one instant. Few do so at once, and none for long.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::condition::check::{Reference, references};
use lazo_domain::id::SegmentId;
use lazo_domain::standing::Definitions;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::store::{self, Pinned};
use crate::app::App;
use crate::condition::sql::{
    CompileError, Definition, Query, Scope, Segments, all_placed, compile,
};
use crate::db::Preview;
use crate::error::{Error, Violation, sentence};

/// How long all that is asked at once may take: as long as its caller waits for the answer.
const LIMIT: Duration = Duration::from_secs(8);
/// How long to wait for a turn.
const PATIENCE: Duration = Duration::from_secs(1);
/// When to come back if there was none.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Nobody is a member of a list but those that people put into it.
static NOBODY: Condition = Condition::Any(Vec::new());

/// How many may ask at once in this process.
#[derive(Clone, Debug)]
pub struct Turns(Arc<Semaphore>);

impl Turns {
    /// So many.
    pub fn new(most: usize) -> Self {
        Self(Arc::new(Semaphore::new(most)))
    }

    pub(super) async fn take(&self) -> Result<OwnedSemaphorePermit, Error> {
        let turn = Arc::clone(&self.0).acquire_owned();
        match tokio::time::timeout(PATIENCE, turn).await {
            Ok(turn) => turn.map_err(|closed| Error::Internal(closed.to_string())),
            Err(_) => Err(Error::Throttled {
                retry_after: RETRY_AFTER,
            }),
        }
    }
}

/// Runs what asks the database, in its turn. It runs to its end or its limit even if nobody waits for it any longer, so that whoever
/// comes and goes takes up no more than a turn.
pub async fn in_turn<T, F>(app: &App, asked: impl FnOnce(App) -> F) -> Result<T, Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let turn = app.turns().take().await?;
    let asked = tokio::time::timeout(LIMIT, asked(app.clone()));
    let task = tokio::spawn(async move {
        let answered = asked.await;
        drop(turn);
        answered
    });
    match task.await {
        Ok(answered) => answered.unwrap_or(Err(Error::Timeout)),
        Err(failed) => Err(Error::Internal(failed.to_string())),
    }
}

/// The database at one instant, with what conditions may name.
pub struct Asking {
    app: App,
    preview: Preview,
    definitions: Arc<Definitions>,
    pinned: BTreeMap<SegmentId, Pinned>,
    as_of: Timestamp,
    all_placed: bool,
}

impl Segments for Asking {
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

impl Asking {
    /// Opens the database for these conditions.
    pub async fn of(app: &App, conditions: &[&Condition]) -> Result<Self, Error> {
        let preview = app.db().preview(LIMIT).await?;
        let connection = preview.connection();
        let definitions = app.definitions().current(connection).await?;
        let pinned = pinned(connection, &definitions, conditions).await?;
        let as_of = app.now();
        Ok(Self {
            all_placed: all_placed(connection, as_of).await?,
            app: app.clone(),
            preview,
            definitions,
            pinned,
            as_of,
        })
    }

    /// The profiles for whom a condition holds. It must have passed its check. What cannot be asked of the database is told with its
    /// path inside the condition.
    pub fn query(&self, condition: &Condition) -> Result<Query, Error> {
        let deployment = self.app.deployment();
        let scores = self.definitions.scores();
        let computed = self.definitions.computed().iter();
        let scope = Scope {
            engine: self.app.db().engine(),
            now: self.as_of,
            currency: deployment.currency,
            time_zone: deployment.time_zone,
            segments: self,
            scores: &scores.map(|model| (model.key.as_str(), model)).collect(),
            computed: &computed.map(|one| one.definition.name.as_str()).collect(),
            all_placed: self.all_placed,
        };
        compile(condition, &scope).map_err(|error| refused(error, condition, &scope))
    }

    /// For queries in it.
    pub fn connection(&self) -> &DatabaseTransaction {
        self.preview.connection()
    }

    /// The instant of which all answers are.
    pub fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Ends it.
    pub async fn end(self) -> Result<(), Error> {
        Ok(self.preview.end().await?)
    }
}

/// What people decided of the segments that conditions lead to.
async fn pinned(
    connection: &impl ConnectionTrait,
    definitions: &Definitions,
    conditions: &[&Condition],
) -> Result<BTreeMap<SegmentId, Pinned>, DbErr> {
    let conditions = conditions.iter().copied();
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
    store::pinned(connection, found).await
}

fn refused(error: CompileError, condition: &Condition, scope: &Scope<'_>) -> Error {
    let (code, field) = match error {
        CompileError::Fading => ("INVALID", path_of(error, condition, scope)),
        CompileError::TooDeep | CompileError::TooLarge => ("LIMIT_EXCEEDED", Vec::new()),
    };
    Error::Invalid(vec![Violation {
        field,
        code,
        message: sentence(&error.to_string()),
    }])
}

/// The way to the first test that is refused for this, in the schema.
fn path_of(error: CompileError, condition: &Condition, scope: &Scope<'_>) -> Vec<String> {
    let mut parts: Box<dyn Iterator<Item = (Vec<String>, &Condition)>> = match condition {
        Condition::All(parts) => Box::new(numbered("all", parts)),
        Condition::Any(parts) => Box::new(numbered("any", parts)),
        Condition::Not(part) => Box::new(std::iter::once((vec!["not".to_owned()], part.as_ref()))),
        Condition::Score(_) => return ["score", "value"].map(str::to_owned).to_vec(),
        Condition::Segment(_) => return vec!["segment".to_owned()],
        _ => return Vec::new(),
    };
    let found = parts.find(|(_, part)| compile(part, scope).err() == Some(error));
    found.map_or_else(Vec::new, |(mut path, part)| {
        path.extend(path_of(error, part, scope));
        path
    })
}

fn numbered<'c>(
    name: &'static str,
    parts: &'c [Condition],
) -> impl Iterator<Item = (Vec<String>, &'c Condition)> {
    let numbered = parts.iter().enumerate();
    numbered.map(move |(place, part)| (vec![name.to_owned(), place.to_string()], part))
}
