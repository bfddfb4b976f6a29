//! The reach of a segment: how far its members come on the way to being contacted, and what keeps them back.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lazo_domain::clock::Timestamp;
use lazo_domain::consent::{Consents, Purpose, PurposeKey, State};
use lazo_domain::id::{ProfileId, SegmentId};
use lazo_domain::identity::Namespace;
use lazo_domain::privacy::{Person, Reach, reach};
use lazo_domain::touchpoint::Channel;
use sea_orm::{ConnectionTrait, QueryResult};

use super::read::{BIRTHDAY, Known, person};
use super::service::no_purpose;
use crate::app::App;
use crate::auth::caller::Caller;
use crate::db::{Document, Part, Rows};
use crate::error::Error;
use crate::profile::service::sees_restricted;
use crate::segment::asking::in_turn;

/// How many members are looked at in one go.
const PAGE: u32 = 5_000;

/// How many profiles are named of each step.
const MOST_NAMED: usize = 100;

/// How many members come so far, and who the first of them are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// How far.
    pub reach: Reach,
    /// How many.
    pub count: u64,
    /// The first of them by their ids, at most 100; those whose use is restricted are named to nobody who may not see them.
    pub profiles: Vec<ProfileId>,
}

/// A member, as far as it matters here.
struct Member {
    profile: ProfileId,
    restricted: bool,
    buys: bool,
    born: Option<String>,
    state: State,
}

/// How far each member of a segment comes now, as [`can_contact`](super::read::can_contact) decides for one: every step is there, and
/// the counts add up to the members.
pub async fn of_segment(
    app: &App,
    caller: &Caller,
    segment: SegmentId,
    channel: Channel,
    key: &PurposeKey,
) -> Result<Vec<Step>, Error> {
    let definitions = app.definitions().current(app.db().read()).await?;
    let mut all = definitions.purposes().iter();
    let purpose = all.find(|purpose| purpose.key == *key).cloned();
    let purpose = purpose.ok_or_else(no_purpose)?;
    let names_restricted = sees_restricted(Some(caller));
    in_turn(app, move |app| async move {
        let snapshot = app.db().snapshot().await?;
        let now = app.now();
        let mut steps: BTreeMap<Reach, (u64, Vec<ProfileId>)> = BTreeMap::new();
        let mut after = None;
        loop {
            let page = members(&snapshot, segment, channel, &purpose, now, after).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.profile);
            let mut named = namespaces(&snapshot, &page).await?;
            for member in page {
                let namespaces = named.remove(&member.profile).unwrap_or_default();
                let came = far(&app, &member, &namespaces, &purpose, channel, now);
                let (count, profiles) = steps.entry(came).or_default();
                *count += 1;
                if profiles.len() < MOST_NAMED && (!member.restricted || names_restricted) {
                    profiles.push(member.profile);
                }
            }
        }
        snapshot.rollback().await?;
        let steps = Reach::ALL.iter().map(|reach| {
            let (count, profiles) = steps.remove(reach).unwrap_or_default();
            Step {
                reach: *reach,
                count,
                profiles,
            }
        });
        Ok(steps.collect())
    })
    .await
}

/// How far a member comes.
fn far(
    app: &App,
    member: &Member,
    namespaces: &BTreeSet<Namespace>,
    purpose: &Purpose,
    channel: Channel,
    now: Timestamp,
) -> Reach {
    let mut consents = Consents::default();
    consents.set(
        purpose.key.clone(),
        decided_on(purpose, channel),
        member.state,
    );
    let known = Known {
        restricted: member.restricted,
        buys: member.buys,
        born: member.born.as_deref(),
        zone: app.locale().time_zone,
    };
    let person: Person<'_> = person(&consents, namespaces, known);
    reach(&person, purpose, channel, now)
}

/// The channel under which a purpose is decided for messages on a channel.
fn decided_on(purpose: &Purpose, channel: Channel) -> Option<Channel> {
    (!purpose.channels.is_empty()).then_some(channel)
}

async fn members(
    connection: &impl ConnectionTrait,
    segment: SegmentId,
    channel: Channel,
    purpose: &Purpose,
    now: Timestamp,
    after: Option<ProfileId>,
) -> Result<Vec<Member>, Error> {
    let after = after.map_or_else(
        || Part::truth(true),
        |after| Part::fill("m.profile_id > {}", [Part::value(after.0)]),
    );
    let decided = decided_on(purpose, channel).map_or("", Channel::as_str);
    let query = Part::fill(
        "SELECT m.profile_id, p.restricted, p.orders, c.state, \
         (SELECT min(t.text) FROM profile_trait AS t WHERE t.profile_id = m.profile_id AND t.name = {}) AS born \
         FROM segment_member AS m JOIN profile AS p ON p.id = m.profile_id \
         LEFT JOIN consent_state AS c ON c.profile_id = m.profile_id AND c.purpose = {} AND c.channel = {} \
         WHERE m.segment_id = {} AND (m.valid_until IS NULL OR m.valid_until > {}) AND {} ORDER BY m.profile_id LIMIT {}",
        [
            Part::value(BIRTHDAY),
            Part::value(purpose.key.as_str()),
            Part::value(decided),
            Part::value(segment.0),
            Part::value(now.0),
            after,
            Part::value(i64::from(PAGE)),
        ],
    );
    let rows = connection
        .query_all_raw(query.statement(connection))
        .await?;
    let member = |row: &QueryResult| {
        let orders: i64 = row.try_get("", "orders")?;
        let state: Option<Document<State>> = row.try_get("", "state")?;
        Ok(Member {
            profile: row.try_get("", "profile_id")?,
            restricted: row.try_get("", "restricted")?,
            buys: orders > 0,
            born: row.try_get("", "born")?,
            state: state.map(|state| state.0).unwrap_or_default(),
        })
    };
    rows.iter().map(member).collect()
}

/// The namespaces of the identifiers of members.
async fn namespaces(
    connection: &impl ConnectionTrait,
    members: &[Member],
) -> Result<HashMap<ProfileId, BTreeSet<Namespace>>, Error> {
    let rows = Rows::of_ids(members.iter().map(|member| member.profile.0));
    let query = rows.query(
        connection,
        "SELECT DISTINCT f.profile_id, i.namespace FROM {rows} AS given JOIN fragment AS f ON f.profile_id = given.id \
         JOIN identifier AS i ON i.fragment_id = f.id",
        Vec::new(),
    );
    let mut found: HashMap<ProfileId, BTreeSet<Namespace>> = HashMap::new();
    for row in connection.query_all_raw(query).await? {
        let name: String = row.try_get("", "namespace")?;
        let own = found.entry(row.try_get("", "profile_id")?).or_default();
        own.extend(Namespace::new(&name));
    }
    Ok(found)
}
