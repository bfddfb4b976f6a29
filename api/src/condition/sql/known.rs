//! Tests of what is known of a profile without a computation: stage, level, consent, identifiers, when it was seen.

use lazo_domain::condition::{ConsentTest, IdentifierTest, LevelTest, Seen, SeenTest, StageTest};

use super::{Scope, compare};
use crate::db::Part;

pub(super) fn stage(test: &StageTest, scope: &Scope<'_>) -> Part {
    is_one_of(
        "p.stage",
        test.stages.iter().map(|stage| stage.as_str()),
        scope,
    )
}

pub(super) fn level(test: &LevelTest, scope: &Scope<'_>) -> Part {
    is_one_of(
        "p.level",
        test.levels.iter().map(|level| level.as_str()),
        scope,
    )
}

fn is_one_of<'t>(
    column: &'static str,
    texts: impl Iterator<Item = &'t str>,
    scope: &Scope<'_>,
) -> Part {
    let texts: Vec<_> = texts.map(str::to_owned).collect();
    let is_one = scope.engine.is_text_of(Part::new(column), &texts);
    Part::fill("coalesce({}, FALSE)", [is_one])
}

/// Of a purpose that is decided by channel, a grant on any of them is one where no channel is asked for.
pub(super) fn consent(test: &ConsentTest, scope: &Scope<'_>) -> Part {
    let channel = test.channel.map_or_else(
        || Part::truth(true),
        |channel| Part::fill("c.channel = {}", [Part::value(channel.as_str())]),
    );
    let granted = Part::fill(
        "p.id IN (SELECT c.profile_id FROM consent_state AS c WHERE c.purpose = {} AND {} AND c.granted \
         AND (c.valid_until IS NULL OR c.valid_until > {}))",
        [
            Part::value(test.purpose.as_str()),
            channel,
            Part::value(scope.now.0),
        ],
    );
    if test.granted {
        granted
    } else {
        granted.negated()
    }
}

pub(super) fn identifier(test: &IdentifierTest) -> Part {
    Part::fill(
        "p.id IN (SELECT f.profile_id FROM identifier AS i JOIN fragment AS f ON f.id = i.fragment_id WHERE i.namespace = {})",
        [Part::value(test.namespace.as_str())],
    )
}

pub(super) fn seen(test: &SeenTest, scope: &Scope<'_>) -> Part {
    let instant = Part::new(match test.which {
        Seen::First => "p.first_seen",
        Seen::Last => "p.last_seen",
    });
    let passes = compare::passes_time(&instant, test.time, scope.now);
    Part::fill("coalesce({}, FALSE)", [passes])
}
