//! Points and their rules as an input.

use async_graphql::{InputObject, OneofObject};
use lazo_domain::score as domain;

use crate::condition::graphql::reading::{Readable, Reading};
use crate::condition::graphql::{ConditionSource, Span, TouchpointFilter, Window};

/// How many touchpoints count at most in a time.
#[derive(Clone, InputObject)]
pub struct ScoreCapInput {
    /// How many of one period count: the first of it.
    most: i64,
    /// How long a period is. Periods follow one another from 1970-01-01T00:00:00Z on.
    per: Span,
}

/// Points for the first touchpoint that passes.
#[derive(Clone, InputObject)]
pub struct ScoreOnceInput {
    /// Which touchpoints count. Null lets all pass.
    filter: Option<TouchpointFilter>,
    /// When they must have happened to count. Null means whenever.
    window: Option<Window>,
}

/// Points for each touchpoint that passes.
#[derive(Clone, InputObject)]
pub struct ScoreEachInput {
    /// Which touchpoints count. Null lets all pass.
    filter: Option<TouchpointFilter>,
    /// When they must have happened to count. Null means whenever.
    window: Option<Window>,
    /// How many of them count at most. Null means all.
    cap: Option<ScoreCapInput>,
}

/// When points are given: exactly one of these. Only touchpoints that the person did count.
#[derive(Clone, OneofObject)]
pub enum ScoreWhenInput {
    /// Once, while a condition holds.
    Holds(ConditionSource),
    /// Once, for the first touchpoint in the window that passes.
    Once(ScoreOnceInput),
    /// For each touchpoint in the window that passes.
    Each(ScoreEachInput),
}

/// What points are given for.
#[derive(Clone, InputObject)]
pub struct ScoreRuleInput {
    /// Its name for programs, unique in the model: 1 to 64 characters of a to z, 0 to 9, `_` and `-`.
    key: String,
    /// Its name for people.
    title: String,
    /// How many points, from -10,000 to 10,000; below zero for what speaks against.
    points: f64,
    /// When they are given.
    when: ScoreWhenInput,
    /// Whether they fade from the touchpoint on that they are given for.
    #[graphql(default)]
    fades: bool,
}

/// Points for what a person is and does.
#[derive(Clone, InputObject)]
pub struct ScorePointsInput {
    /// What points are given for: 1 to 100 rules.
    rules: Vec<ScoreRuleInput>,
    /// In what time half of the points that fade are gone. Null means that none fade.
    half_life: Option<Span>,
}

impl ScorePointsInput {
    /// For each rule, whether its condition is given as text.
    pub(super) fn in_text(&self) -> Vec<bool> {
        let is_text = |rule: &ScoreRuleInput| {
            matches!(rule.when, ScoreWhenInput::Holds(ConditionSource::Text(_)))
        };
        self.rules.iter().map(is_text).collect()
    }
}

impl Readable for ScoreCapInput {
    type Value = domain::Cap;

    fn read(self, reading: &mut Reading) -> Option<domain::Cap> {
        let most = reading.part("most", self.most);
        let per = reading.part("per", self.per);
        Some(domain::Cap {
            most: most?,
            per: per?,
        })
    }
}

impl Readable for ScoreOnceInput {
    type Value = domain::When;

    fn read(self, reading: &mut Reading) -> Option<domain::When> {
        let filter = reading.part_or_default("filter", self.filter);
        let window = reading.part_or_default("window", self.window);
        Some(domain::When::Once {
            filter: filter?,
            window: window?,
        })
    }
}

impl Readable for ScoreEachInput {
    type Value = domain::When;

    fn read(self, reading: &mut Reading) -> Option<domain::When> {
        let filter = reading.part_or_default("filter", self.filter);
        let window = reading.part_or_default("window", self.window);
        let cap = reading.part_or_none("cap", self.cap);
        Some(domain::When::Each {
            filter: filter?,
            window: window?,
            cap: cap?,
        })
    }
}

impl Readable for ScoreWhenInput {
    type Value = domain::When;

    fn read(self, reading: &mut Reading) -> Option<domain::When> {
        match self {
            Self::Holds(source) => reading.part("holds", source).map(domain::When::Holds),
            Self::Once(once) => reading.part("once", once),
            Self::Each(each) => reading.part("each", each),
        }
    }
}

impl Readable for ScoreRuleInput {
    type Value = domain::Rule;

    fn read(self, reading: &mut Reading) -> Option<domain::Rule> {
        let points = reading.part("points", self.points);
        let when = reading.part("when", self.when);
        Some(domain::Rule {
            key: self.key,
            title: self.title,
            points: points?,
            when: when?,
            fades: self.fades,
        })
    }
}

impl Readable for ScorePointsInput {
    type Value = domain::Points;

    fn read(self, reading: &mut Reading) -> Option<domain::Points> {
        let rules = reading.part("rules", self.rules);
        let half_life = reading.part_or_none("halfLife", self.half_life);
        Some(domain::Points {
            rules: rules?,
            half_life: half_life?,
        })
    }
}

impl From<&domain::When> for ScoreWhenInput {
    fn from(when: &domain::When) -> Self {
        match when {
            domain::When::Holds(condition) => {
                Self::Holds(ConditionSource::Condition(condition.into()))
            }
            domain::When::Once { filter, window } => Self::Once(ScoreOnceInput {
                filter: Some(filter.into()),
                window: Window::of(*window),
            }),
            domain::When::Each {
                filter,
                window,
                cap,
            } => Self::Each(ScoreEachInput {
                filter: Some(filter.into()),
                window: Window::of(*window),
                cap: cap.map(|cap| ScoreCapInput {
                    most: cap.most.into(),
                    per: cap.per.into(),
                }),
            }),
        }
    }
}

impl From<&domain::Points> for ScorePointsInput {
    fn from(points: &domain::Points) -> Self {
        let rule = |rule: &domain::Rule| ScoreRuleInput {
            key: rule.key.clone(),
            title: rule.title.clone(),
            points: rule.points.get(),
            when: (&rule.when).into(),
            fades: rule.fades,
        };
        Self {
            rules: points.rules.iter().map(rule).collect(),
            half_life: points.half_life.map(Into::into),
        }
    }
}
