//! What GraphQL operations are measured by. Names of operations are the clients' and so no labels.

use std::array;
use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::Labels;

/// What became of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GraphqlOutcome {
    /// It was executed without errors.
    Success,
    /// It was executed, with errors of fields or as a whole.
    Errors,
    /// The request or its document was refused before it was executed.
    Refused,
    /// It was beyond the caller's rate.
    Throttled,
    /// It took longer than the limit, or a resolver panicked.
    Failed,
}

const OUTCOMES: [&str; 5] = ["success", "errors", "refused", "throttled", "failed"];

/// What the operations of one schema are measured by; cheap to clone.
#[derive(Clone, Debug)]
pub struct GraphqlMeters {
    outcomes: [Counter; OUTCOMES.len()],
    cost: Histogram,
    seconds: Histogram,
}

/// Meters that nobody scrapes, for a schema by itself.
impl Default for GraphqlMeters {
    fn default() -> Self {
        Self {
            outcomes: array::from_fn(|_| Counter::default()),
            cost: costs(),
            seconds: times(),
        }
    }
}

impl GraphqlMeters {
    pub(super) fn registered<const N: usize>(
        registry: &mut Registry,
        schemas: [&'static str; N],
    ) -> [Self; N] {
        let outcomes = Family::<Labels, Counter>::default();
        let cost = Family::<Labels, Histogram>::new_with_constructor(costs);
        let seconds = Family::<Labels, Histogram>::new_with_constructor(times);
        registry.register(
            "graphql_operations",
            "GraphQL requests, by what became of them",
            outcomes.clone(),
        );
        registry.register(
            "graphql_operation_cost",
            "The cost of operations that were within all limits",
            cost.clone(),
        );
        registry.register_with_unit(
            "graphql_execution_duration",
            "How long operations were executed",
            Unit::Seconds,
            seconds.clone(),
        );
        schemas.map(|schema| {
            let label = ("schema", schema);
            Self {
                outcomes: OUTCOMES.map(|outcome| {
                    outcomes.get_or_create_owned(&vec![label, ("outcome", outcome)])
                }),
                cost: cost.get_or_create_owned(&vec![label]),
                seconds: seconds.get_or_create_owned(&vec![label]),
            }
        })
    }

    /// A request was answered.
    pub fn answered(&self, outcome: GraphqlOutcome) {
        let place = match outcome {
            GraphqlOutcome::Success => 0,
            GraphqlOutcome::Errors => 1,
            GraphqlOutcome::Refused => 2,
            GraphqlOutcome::Throttled => 3,
            GraphqlOutcome::Failed => 4,
        };
        self.outcomes[place].inc();
    }

    /// An operation of that cost is about to be executed.
    pub fn measured(&self, cost: usize) {
        let cost = u32::try_from(cost).unwrap_or(u32::MAX);
        self.cost.observe(f64::from(cost));
    }

    /// An operation was executed.
    pub fn executed(&self, took: Duration) {
        self.seconds.observe(took.as_secs_f64());
    }
}

fn costs() -> Histogram {
    Histogram::new(exponential_buckets(1.0, 4.0, 9))
}

fn times() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.5, 12))
}
