//! What conditions may refer to, and their check.

use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Condition;
use lazo_domain::condition::check::{self, Checked, Known, Problem, WarningCode};
use tokio::sync::Mutex;

use super::store;
use crate::app::App;
use crate::error::Error;

/// How long names are taken as they were read, in milliseconds.
const KEPT_MS: i64 = 10_000;

/// The most names of a kind that are read. Anybody who may send touchpoints can make up names.
const MOST: u32 = 10_000;

/// The names of traits, touchpoints and sources, as they were read last.
#[derive(Default)]
pub struct KnownNames(Mutex<Option<(Timestamp, Arc<Names>)>>);

#[derive(Default)]
struct Names {
    known: Known,
    /// The kinds of which there may be more names than were read, so that nobody can say that one is not there.
    cut: Vec<WarningCode>,
}

/// What a condition may refer to now: segments and score models as they are, and the names of traits, touchpoints and sources as of at
/// most ten seconds ago.
pub async fn known(app: &App) -> Result<Known, Error> {
    let names = names(app).await?;
    with_definitions(app, &names).await
}

/// Checks a condition against what is known now. The inner error is what is wrong with it.
pub async fn check(
    app: &App,
    condition: &Condition,
) -> Result<Result<Checked, Vec<Problem>>, Error> {
    let names = names(app).await?;
    let known = with_definitions(app, &names).await?;
    Ok(check::check(condition, &known).map(|mut checked| {
        let is_sure = |code: &WarningCode| !names.cut.contains(code);
        checked.warnings.retain(|warning| is_sure(&warning.code));
        checked
    }))
}

/// The names with the keys of what is defined, of which one that is not there is an error: so they are never old.
async fn with_definitions(app: &App, names: &Names) -> Result<Known, Error> {
    let definitions = app.definitions().current(app.db().read()).await?;
    let segments = definitions.segments().map(|one| one.key.clone());
    let computed = definitions.computed().iter();
    let mut traits = names.known.traits.clone();
    traits.extend(computed.map(|one| one.definition.name.clone()));
    let scores = definitions.scores().map(|one| {
        let grades = one.model.grades.iter().map(|grade| grade.name.clone());
        (one.key.clone(), grades.collect())
    });
    let purposes = definitions.purposes().iter();
    let purposes = purposes.map(|purpose| purpose.key.as_str().to_owned());
    Ok(Known {
        traits,
        segments: segments.collect(),
        scores: scores.collect(),
        purposes: purposes.collect(),
        ..names.known.clone()
    })
}

/// The names, read by one caller at a time and kept for a while.
async fn names(app: &App) -> Result<Arc<Names>, Error> {
    let mut kept = app.known_names().0.lock().await;
    let now = app.now();
    if let Some((read_at, names)) = &*kept
        && (0..KEPT_MS).contains(&(now.0 - read_at.0))
    {
        return Ok(Arc::clone(names));
    }
    let names = Arc::new(read(app).await?);
    *kept = Some((now, Arc::clone(&names)));
    Ok(names)
}

async fn read(app: &App) -> Result<Names, Error> {
    let connection = app.db().read();
    let traits = store::traits(connection, MOST).await?;
    let events = store::touchpoints(connection, MOST).await?;
    let sources = store::sources(connection, MOST).await?;
    let most = usize::try_from(MOST).unwrap_or(usize::MAX);
    let cut = [
        (WarningCode::UnknownTrait, traits.len()),
        (WarningCode::UnknownEvent, events.len()),
        (WarningCode::UnknownSource, sources.len()),
    ];
    Ok(Names {
        known: Known {
            traits: traits.into_iter().collect(),
            events: events.into_iter().collect(),
            sources: sources.into_iter().collect(),
            ..Known::default()
        },
        cut: cut
            .into_iter()
            .filter(|(_, read)| *read >= most)
            .map(|(code, _)| code)
            .collect(),
    })
}
