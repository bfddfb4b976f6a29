//! What a test found.

use async_graphql::{Object, SimpleObject};
use lazo_domain::condition::evaluate::Found as Value;

use super::{LifecycleStage, PyramidLevel, ScalarValue};
use crate::graphql::DateTime;

/// What a test found, as the schema shows it.
pub struct Found<'a>(pub &'a Value);

/// A score that was found.
#[derive(Clone, SimpleObject)]
pub struct FoundScore {
    /// Its value.
    value: f64,
    /// Its grade. Null means that it has none.
    grade: Option<String>,
}

/// The value that was tested. Where it is not missing, exactly one of the other fields is not null.
#[Object]
impl Found<'_> {
    /// Whether there is no value.
    async fn missing(&self) -> bool {
        matches!(self.0, Value::Missing)
    }

    /// The values of a trait, at most 10; texts without case and accents.
    async fn values(&self) -> Option<Vec<ScalarValue>> {
        match self.0 {
            Value::Values(values) => Some(values.iter().map(Into::into).collect()),
            _ => None,
        }
    }

    /// How many there are.
    async fn count(&self) -> Option<u32> {
        match self.0 {
            Value::Count(count) => Some(*count),
            _ => None,
        }
    }

    /// A number; an amount is in major units of the deployment's currency.
    async fn number(&self) -> Option<f64> {
        match self.0 {
            Value::Number(number) => Some(number.get()),
            _ => None,
        }
    }

    /// An instant.
    async fn instant(&self) -> Option<DateTime> {
        match self.0 {
            Value::Instant(instant) => Some((*instant).into()),
            _ => None,
        }
    }

    /// Whether something is so: a membership, a consent, an identifier that is there.
    async fn truth(&self) -> Option<bool> {
        match self.0 {
            Value::Truth(truth) => Some(*truth),
            _ => None,
        }
    }

    /// A score.
    async fn score(&self) -> Option<FoundScore> {
        match self.0 {
            Value::Score { value, grade } => Some(FoundScore {
                value: value.get(),
                grade: grade.clone(),
            }),
            _ => None,
        }
    }

    /// A lifecycle stage.
    async fn stage(&self) -> Option<LifecycleStage> {
        match self.0 {
            Value::Stage(stage) => Some((*stage).into()),
            _ => None,
        }
    }

    /// A pyramid level.
    async fn level(&self) -> Option<PyramidLevel> {
        match self.0 {
            Value::Level(level) => Some((*level).into()),
            _ => None,
        }
    }

    /// In how many days an anniversary is; 0 is today.
    async fn days(&self) -> Option<u32> {
        match self.0 {
            Value::Days(days) => Some(*days),
            _ => None,
        }
    }
}
