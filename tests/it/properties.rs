//! Laws that hold for every history, through the program's own doors.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicUsize, Ordering},
};

use lazo_tests::{
    Engine::{self, Postgres, Sqlite},
    TestServer,
    clock::{DAY, MINUTE, now, rfc3339},
    graphql::Caller,
    segment::{Item, Sender, identify, page, track},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestCaseResult, TestError, TestRunner},
};
use rstest::rstest;
use serde_json::{Value, json};

use crate::start;

const DEVICES: usize = 5;
const EMAILS: usize = 4;

/// A server that all cases of one law share; each case has names of its own.
struct World {
    runtime: tokio::runtime::Runtime,
    server: TestServer,
    backend: Sender,
    admin: Caller,
    cases: AtomicUsize,
    base: i64,
}

impl World {
    fn new(engine: Engine) -> Self {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (server, backend, admin) = runtime.block_on(async {
            let server = start(engine).await;
            let backend = server.backend().await;
            let admin = server.admin().await;
            (server, backend, admin)
        });
        Self {
            runtime,
            server,
            backend,
            admin,
            cases: AtomicUsize::new(0),
            base: now() - DAY,
        }
    }

    fn prefix(&self) -> String {
        format!("case{}", self.cases.fetch_add(1, Ordering::Relaxed))
    }

    /// The items of a history, each at a moment of its own.
    fn items(&self, steps: &[Step], prefix: &str) -> Vec<Item> {
        let moment = |number: usize, step: &Step| {
            let tick = i64::try_from(number).expect("a short history");
            rfc3339(self.base - step.minutes_ago * MINUTE + tick)
        };
        steps
            .iter()
            .enumerate()
            .map(|(number, step)| step.item(prefix, number).at(&moment(number, step)))
            .collect()
    }

    /// Checks a law on a few histories and shows the smallest that breaks it.
    fn check<S: Strategy>(&self, strategy: &S, law: impl Fn(S::Value) -> TestCaseResult) {
        let config = Config {
            cases: 12,
            max_shrink_iters: 40,
            failure_persistence: None,
            ..Config::default()
        };
        let outcome = TestRunner::new(config).run(strategy, law);
        if let Err(TestError::Fail(reason, history)) = outcome {
            panic!("{reason}\n{history:#?}\n{}", self.server.address());
        }
        outcome.expect("the law could be checked");
    }
}

/// One thing that a person did, by the numbers of the identifiers it carries.
#[derive(Clone, Debug)]
struct Step {
    device: Option<usize>,
    email: Option<usize>,
    action: usize,
    minutes_ago: i64,
}

fn step() -> impl Strategy<Value = Step> {
    (
        proptest::option::weighted(0.8, 0..DEVICES),
        proptest::option::weighted(0.4, 0..EMAILS),
        0..5_usize,
        1..600_i64,
    )
        .prop_map(|(device, email, action, minutes_ago)| Step {
            device: if device.is_none() && email.is_none() {
                Some(0)
            } else {
                device
            },
            email,
            action,
            minutes_ago,
        })
}

fn history() -> impl Strategy<Value = Vec<Step>> {
    proptest::collection::vec(step(), 1..14)
}

impl Step {
    fn item(&self, prefix: &str, number: usize) -> Item {
        // An order belongs to one person, so its id follows from an identifier.
        let whose = self.identifiers().first().copied().unwrap_or_default();
        let order = json!({ "order_id": format!("{prefix}-o{whose}"), "revenue": self.minutes_ago, "currency": "EUR" });
        let mut item = match self.action {
            0 => page("Home"),
            1 => track("Order Completed").properties(order),
            2 => track("Order Refunded").properties(order),
            _ => identify(),
        };
        if let Some(device) = self.device {
            item = item.anonymous(&format!("{prefix}-d{device}"));
        }
        let mut traits =
            json!({ "plan": self.minutes_ago, "city": format!("city {}", self.action) });
        if let Some(email) = self.email {
            traits["email"] = json!(format!("{prefix}-e{email}@example.com"));
        }
        item = if item.0["type"] == "identify" {
            item.traits(traits)
        } else {
            item.with("context", json!({ "traits": traits }))
        };
        item.message(&format!("{prefix}-m{number}"))
    }

    fn identifiers(&self) -> Vec<usize> {
        self.device
            .into_iter()
            .chain(self.email.map(|email| DEVICES + email))
            .collect()
    }
}

fn by(prefix: &str, identifier: usize) -> Value {
    if identifier < DEVICES {
        json!({ "anonymousId": format!("{prefix}-d{identifier}") })
    } else {
        json!({ "email": format!("{prefix}-e{}@example.com", identifier - DEVICES) })
    }
}

/// The connected components of the graph of steps and identifiers, each as the smallest identifier in it.
fn components(steps: &[Step]) -> BTreeMap<usize, usize> {
    let mut root: BTreeMap<usize, usize> = BTreeMap::new();
    for step in steps {
        let identifiers = step.identifiers();
        for identifier in &identifiers {
            root.entry(*identifier).or_insert(*identifier);
        }
        let joined: BTreeSet<usize> = identifiers
            .iter()
            .filter_map(|identifier| root.get(identifier).copied())
            .collect();
        if let Some(smallest) = joined.first().copied() {
            for value in root.values_mut().filter(|value| joined.contains(value)) {
                *value = smallest;
            }
        }
    }
    root
}

/// The portraits of all profiles of a case, by the identifier that finds them.
async fn portraits(
    admin: &Caller,
    prefix: &str,
    steps: &[Step],
) -> BTreeMap<usize, (String, Value)> {
    let mut found = BTreeMap::new();
    for identifier in components(steps).into_keys() {
        let profile = admin.profile(by(prefix, identifier)).await;
        found.insert(identifier, (profile.id.clone(), profile.portrait()));
    }
    found
}

/// A portrait as it would read had the case had another prefix.
fn renamed(
    portraits: &BTreeMap<usize, (String, Value)>,
    from: &str,
    to: &str,
) -> BTreeMap<usize, Value> {
    portraits
        .iter()
        .map(|(identifier, (_, portrait))| {
            let text = portrait
                .to_string()
                .replace(&format!("{from}-"), &format!("{to}-"));
            (*identifier, serde_json::from_str(&text).expect("JSON"))
        })
        .collect()
}

#[rstest]
fn profiles_are_the_connected_components_in_any_order_of_arrival(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::new(engine);
    let shuffled = history().prop_flat_map(|steps| {
        let order: Vec<usize> = (0..steps.len()).collect();
        (Just(steps), Just(order).prop_shuffle(), 1..6_usize)
    });

    world.check(&shuffled, |(steps, order, batch)| {
        let (one, two) = (world.prefix(), world.prefix());
        let (first, second) = world.runtime.block_on(async {
            world.backend.accepted(&world.items(&steps, &one)).await;
            let arriving = world.items(&steps, &two);
            let arriving: Vec<Item> = order
                .iter()
                .filter_map(|place| arriving.get(*place).cloned())
                .collect();
            for chunk in arriving.chunks(batch) {
                world.backend.accepted(chunk).await;
            }
            (
                portraits(&world.admin, &one, &steps).await,
                portraits(&world.admin, &two, &steps).await,
            )
        });

        let components = components(&steps);
        for found in [&first, &second] {
            for (left, left_root) in &components {
                for (right, right_root) in &components {
                    prop_assert_eq!(found[left].0 == found[right].0, left_root == right_root);
                }
            }
        }
        prop_assert_eq!(renamed(&first, &one, &two), renamed(&second, &two, &two));
        Ok(())
    });
}

#[rstest]
fn any_part_of_a_history_sent_twice_changes_nothing(#[values(Sqlite, Postgres)] engine: Engine) {
    let world = World::new(engine);
    let with_part = history().prop_flat_map(|steps| {
        let count = steps.len();
        (Just(steps), proptest::collection::vec(any::<bool>(), count))
    });

    world.check(&with_part, |(steps, part)| {
        let prefix = world.prefix();
        let sent = world.items(&steps, &prefix);
        let again: Vec<Item> = sent
            .iter()
            .zip(&part)
            .filter(|(_, again)| **again)
            .map(|(item, _)| item.clone())
            .collect();
        let (before, outcomes, after) = world.runtime.block_on(async {
            world.backend.accepted(&sent).await;
            let before = portraits(&world.admin, &prefix, &steps).await;
            let outcomes = world.backend.batch(&again).await;
            let after = portraits(&world.admin, &prefix, &steps).await;
            (before, outcomes, after)
        });

        for outcome in outcomes {
            prop_assert_eq!(outcome.status, "DUPLICATE");
            prop_assert_eq!(outcome.code, None);
        }
        prop_assert_eq!(before, after);
        Ok(())
    });
}

#[rstest]
fn merged_by_hand_and_parted_again_is_as_if_never_merged(
    #[values(Sqlite, Postgres)] engine: Engine,
) {
    let world = World::new(engine);
    // Two people who share no identifier: the first has the even devices, the second the odd ones.
    let own = |step: Step, person: usize| Step {
        device: Some(person + 2 * step.device.unwrap_or(0).min(1)),
        email: None,
        ..step
    };
    let part = move || {
        (history(), history()).prop_map(move |(left, right)| {
            let left = left.into_iter().map(move |step| own(step, 0));
            let right = right.into_iter().map(move |step| own(step, 1));
            let mut steps = vec![];
            let (mut left, mut right) = (left.peekable(), right.peekable());
            while left.peek().is_some() || right.peek().is_some() {
                steps.extend(left.next());
                steps.extend(right.next());
            }
            steps
        })
    };

    world.check(&(part(), part()), |(before, after)| {
        let (never, merged) = (world.prefix(), world.prefix());
        let steps: Vec<Step> = before.iter().chain(&after).cloned().collect();
        let (expected, found) = world.runtime.block_on(async {
            let anchor = |prefix: &str| {
                [0, 1].map(|device| {
                    page("Anchor")
                        .anonymous(&format!("{prefix}-d{device}"))
                        .message(&format!("{prefix}-a{device}"))
                        .at(&rfc3339(world.base - DAY))
                })
            };
            world.backend.accepted(&anchor(&never)).await;
            world.backend.accepted(&world.items(&steps, &never)).await;

            world.backend.accepted(&anchor(&merged)).await;
            let all = world.items(&steps, &merged);
            let (early, late) = all.split_at(before.len());
            world.backend.accepted(early).await;
            let left = world.admin.profile(by(&merged, 0)).await.id;
            let right = world.admin.profile(by(&merged, 1)).await.id;
            let selection = "profile { id } ";
            let input = json!({ "profiles": [left, right] });
            let survivor = world.admin.mutate("profilesMerge", selection, input).await;
            let absorbed = if survivor["profile"]["id"] == json!(left) {
                right
            } else {
                left
            };
            world.backend.accepted(late).await;
            world
                .admin
                .mutate("profileUnmerge", selection, json!({ "id": absorbed }))
                .await;
            (
                portraits(&world.admin, &never, &steps).await,
                portraits(&world.admin, &merged, &steps).await,
            )
        });

        prop_assert_eq!(
            renamed(&expected, &never, &merged),
            renamed(&found, &merged, &merged)
        );
        Ok(())
    });
}
