//! A fresh evaluation of everything: each profile decided from what is known of it, beside where it is stored that it stands.

use std::collections::BTreeMap;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::{Condition, Filter, Measure, TouchpointTest, Window};
use lazo_domain::consent::Consents;
use lazo_domain::id::{FragmentId, ProfileId, SegmentId};
use lazo_domain::lifecycle;
use lazo_domain::standing::{Defined, Definitions, Segment, Standing};
use lazo_entity::segment_transition;
use sea_orm::{ConnectionTrait, EntityTrait, QueryOrder};
use uuid::Uuid;

use crate::app::App;
use crate::identity::store as identities;
use crate::profile::store::{self as profiles, ProfileRow};
use crate::standing::check::compare;
use crate::standing::consents::{Made, consents};
use crate::standing::facts::{Locale, Read, facts};
use crate::standing::load::{self, Wanted};
use crate::standing::store::History;
use crate::standing::{Kept, Step};

/// How often the timer may find something to do before they have to be at rest.
const MOST_STEPS: usize = 300;

/// Lets the timer do all that is due.
pub(super) async fn settle_due(app: &App) {
    for _ in 0..MOST_STEPS {
        if app.writer().stand(Step::Due).await.unwrap() == 0 {
            return;
        }
    }
    panic!("who is due never comes to rest");
}

/// Lets the timer do all that is due, and the sweep come to its end.
pub(super) async fn settle_all(app: &App) {
    super::sweep(app).await;
    settle_due(app).await;
}

/// In what the stored standings are not those of a fresh evaluation at this instant.
pub(super) async fn differences(app: &App) -> Vec<String> {
    let connection = app.db().read();
    let locale = Locale {
        currency: app.deployment().currency,
        time_zone: app.deployment().time_zone,
    };
    let definitions = Kept::default().current(connection).await.unwrap();
    let all: Vec<ProfileId> = ids(connection, "SELECT id FROM profile").await;
    let graph = identities::load_profiles(connection, &all).await.unwrap();
    let rows = profiles::profiles(connection, all).await.unwrap();
    let fragments = |id| -> Vec<FragmentId> {
        let node = graph.profile(id);
        let fragments = node.into_iter().flat_map(|node| node.fragments.iter());
        fragments.map(|(_, fragment)| *fragment).collect()
    };
    let wanted = rows.iter().map(|row| Wanted {
        profile: row.id,
        fragments: fragments(row.id),
        buys: true,
        all: true,
        regrouped: true,
        at: app.now(),
    });
    let wanted: Vec<Wanted> = wanted.collect();
    // Reads everything, so that it is seen when too little is read.
    let everything = everything();
    let reads = load::read(connection, &wanted, &everything, &locale.currency)
        .await
        .unwrap();
    let none = Read::default();
    let now = app.now();
    let mut found = Vec::new();
    for row in &rows {
        let read = reads.get(&row.id).unwrap_or(&none);
        let mut told = if row.merged_into.is_some() {
            left_behind(row, read)
        } else {
            let identifiers = &graph.profile(row.id).unwrap().identifiers;
            let named = identifiers.iter();
            let named =
                named.filter(|(namespace, values)| !values.is_empty() && !namespace.is_internal());
            let namespaces = named.map(|(namespace, _)| namespace);
            let mut facts = facts(row, namespaces, read, locale);
            let vouched = graph.vouched_fragments(row.id);
            let consents = consents(&definitions, &read.decisions, || vouched);
            facts.consents = consents.facts(now);
            let before = read.members.keys().copied().collect();
            let standing = Standing::decide(&definitions, &mut facts, &read.pins, &before, now);
            let rules = definitions.lifecycle();
            let history = History {
                profile: row.id,
                stages: lifecycle::stages(&facts, rules, now),
                levels: lifecycle::levels(&facts, rules, now),
            };
            let parts = compare(&definitions, row, read, &standing, now);
            let mut told: Vec<String> = parts
                .into_iter()
                .map(|part| {
                    format!(
                        "{part:?} {row:?} {:?} {:?}, not {standing:?}",
                        read.members, read.scores
                    )
                })
                .collect();
            if consents != read.consents {
                told.push(format!("consents {:?}, not {consents:?}", read.consents));
            }
            told.extend(overlooked(&read.consents, &read.decisions));
            if row.summary.orders > 0 && history.rows() != read.history {
                told.push(format!("history {:?}, not {history:?}", read.history));
            }
            told
        };
        found.extend(told.drain(..).map(|told| format!("{}: {told}", row.id)));
    }
    found.extend(transitions(app, &reads).await);
    found
}

async fn ids<T: sea_orm::TryGetable>(connection: &impl ConnectionTrait, sql: &str) -> Vec<T> {
    let query = crate::db::statement(connection, sql, []);
    let rows = connection.query_all_raw(query).await.unwrap();
    let ids = rows.iter().map(|row| row.try_get("", "id").unwrap());
    ids.collect()
}

fn everything() -> Definitions {
    // All that touchpoints have that are generated.
    let properties = [
        "category", "price", "tags", "order_id", "revenue", "currency", "products",
    ];
    let happened = properties.map(|property| {
        let more = lazo_domain::condition::Comparison::More(0);
        Condition::Touchpoint(TouchpointTest {
            filter: Filter::default(),
            window: Window::Ever,
            measure: Measure::Distinct(property.to_owned(), more),
        })
    });
    let happened = Condition::Any(happened.to_vec());
    let segment = Segment {
        id: SegmentId(Uuid::nil()),
        key: "everything".to_owned(),
        version: 1,
        condition: Some(happened),
    };
    let rules = lifecycle::Rules::default();
    Definitions::new(1, Vec::new(), rules, vec![Defined::Segment(segment)])
}

/// Refusals after which consent is stored, though nobody consented later.
fn overlooked(consents: &Consents, decisions: &[Made]) -> Vec<String> {
    let mut found = Vec::new();
    for (purpose, channel, state) in consents.iter() {
        let Some(grant) = state.grant(Timestamp(i64::MIN)) else {
            continue;
        };
        let refusals = decisions.iter().map(|(_, decision)| decision);
        let refusals = refusals.filter(|one| {
            let concerns = one.channel.is_none() || one.channel == channel;
            one.kind.refuses() && one.purpose == *purpose && concerns && one.at >= grant.at
        });
        found.extend(refusals.map(|one| format!("{grant:?} is stored after {one:?}")));
    }
    found
}

/// What is stored of a profile that is no more.
fn left_behind(row: &ProfileRow, read: &Read) -> Vec<String> {
    let mut told = Vec::new();
    if !read.members.is_empty() {
        told.push("was absorbed and is a member".to_owned());
    }
    if !read.scores.is_empty() || !read.computed.is_empty() || !read.history.is_empty() {
        told.push("was absorbed and stands somewhere".to_owned());
    }
    if !read.consents.is_empty() {
        told.push("was absorbed and consents".to_owned());
    }
    if row.next_evaluation_at.is_some() {
        told.push("was absorbed and is due".to_owned());
    }
    told
}

/// In what the transitions are not how the members came to be: entries and exits take turns, in the order of time, and the last of
/// them says since when who is a member.
async fn transitions(app: &App, reads: &std::collections::HashMap<ProfileId, Read>) -> Vec<String> {
    let all = segment_transition::Entity::find()
        .order_by_asc(segment_transition::Column::Seq)
        .all(app.db().read())
        .await
        .unwrap();
    let mut found = Vec::new();
    let mut last: BTreeMap<(ProfileId, SegmentId), (bool, Timestamp)> = BTreeMap::new();
    for one in all {
        let place = (one.profile_id, one.segment_id);
        let before = last.insert(place, (one.entered, one.at));
        if before.map_or(!one.entered, |(entered, at)| {
            entered == one.entered || at > one.at
        }) {
            found.push(format!("{place:?}: {before:?} and then {one:?}"));
        }
    }
    let members = reads.iter().flat_map(|(profile, read)| {
        let members = read.members.iter();
        members.map(|(segment, member)| ((*profile, *segment), member.since))
    });
    let members: BTreeMap<_, _> = members.collect();
    let entered = last.into_iter().filter(|(_, (entered, _))| *entered);
    let entered: BTreeMap<_, _> = entered.map(|(place, (_, at))| (place, at)).collect();
    if members != entered {
        found.push(format!("members {members:?}, by transitions {entered:?}"));
    }
    found
}
