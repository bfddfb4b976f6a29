//! Measuring the population: what score models compare a profile with.

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::Window;
use lazo_domain::id::ProfileId;
use lazo_domain::score::{Kind, Model, Rfm, RfmBoundaries, Similarity};
use sea_orm::{ConnectionTrait, DbErr};

use crate::app::App;
use crate::db::{Engine, statement};
use crate::error::Error;
use crate::segment;
use crate::standing::gather::Gathering;

/// How many customers are read at a time.
const CUSTOMERS: usize = 5_000;
/// The most members of a segment that its centre is taken from.
const MOST_MEMBERS: u64 = 10_000;
/// How many members are gathered at a time.
const MEMBERS: usize = 200;

/// The same model with what it compares with as that is now.
pub(super) async fn measured(app: &App, model: &Model) -> Result<Model, Error> {
    let kind = match &model.kind {
        Kind::Points(points) => Kind::Points(points.clone()),
        Kind::Similarity(similarity) => Kind::Similarity(centred(app, similarity).await?),
        Kind::Rfm(rfm) => Kind::Rfm(Rfm {
            boundaries: boundaries(app, rfm.window).await?,
            ..rfm.clone()
        }),
    };
    Ok(Model {
        kind,
        ..model.clone()
    })
}

/// Where the quintiles of all customers who bought in the window begin.
async fn boundaries(app: &App, window: Window) -> Result<RfmBoundaries, Error> {
    let (from, until) = bounds(window, app.now());
    let snapshot = app.db().snapshot().await?;
    let (mut customers, mut after) = (Vec::new(), None);
    loop {
        let page = bought(&snapshot, from, until, after).await?;
        let count = page.len();
        after = page.last().map(|(profile, _)| *profile);
        customers.extend(page.into_iter().map(|(_, values)| values));
        if count < CUSTOMERS {
            break;
        }
    }
    snapshot.rollback().await?;
    Ok(RfmBoundaries::of(customers.into_iter()))
}

/// When a customer bought last, how often, and for how much in minor units.
type Bought = (Timestamp, u32, i64);

/// What customers bought after an instant and up to another one; the customers after one, in the order of their ids.
async fn bought(
    connection: &impl ConnectionTrait,
    from: Timestamp,
    until: Timestamp,
    after: Option<ProfileId>,
) -> Result<Vec<(ProfileId, Bought)>, DbErr> {
    let engine = Engine::of(connection);
    let further = after.map_or_else(String::new, |_| {
        format!("AND profile_id > {}", engine.parameter(3))
    });
    let query = statement(
        connection,
        format!(
            "SELECT profile_id, max(placed_at) AS bought_at, count(*) AS orders, \
             CAST(sum(CASE WHEN left_out THEN 0 ELSE net >> 32 END) AS bigint) AS high, \
             CAST(sum(CASE WHEN left_out THEN 0 ELSE net & 4294967295 END) AS bigint) AS low FROM purchase \
             WHERE counted AND placed_at > {} AND placed_at <= {} {further} \
             GROUP BY profile_id ORDER BY profile_id LIMIT {CUSTOMERS}",
            engine.parameter(1),
            engine.parameter(2)
        ),
        [from.into(), until.into()]
            .into_iter()
            .chain(after.map(|profile| profile.0.into())),
    );
    let rows = connection.query_all_raw(query).await?;
    let customer = |row: &sea_orm::QueryResult| {
        let orders: i64 = row.try_get("", "orders")?;
        let orders = u32::try_from(orders).unwrap_or(u32::MAX);
        let values = (
            row.try_get("", "bought_at")?,
            orders,
            spend(row.try_get("", "high")?, row.try_get("", "low")?),
        );
        Ok((row.try_get("", "profile_id")?, values))
    };
    rows.iter().map(customer).collect()
}

/// A sum of amounts from the sums of their upper and lower halves, none of which is too great for 64 bits; the amount that is the
/// nearest to it where there is none so great.
fn spend(high: i64, low: i64) -> i64 {
    let sum = (i128::from(high) << 32) + i128::from(low);
    let nearest = if sum < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(sum).unwrap_or(nearest)
}

/// A window as the instant after which it begins and the one with which it ends.
fn bounds(window: Window, now: Timestamp) -> (Timestamp, Timestamp) {
    let ever = Timestamp(i64::MIN);
    match window {
        Window::Ever => (ever, now),
        Window::Last(span) => (now.plus_millis(-span.millis()), now),
        Window::Before(span) => (ever, now.plus_millis(-span.millis())),
        Window::Between { after, until } => (after, until.min(now)),
    }
}

/// A similarity with the centre of the members of its segment as its ideal; a described ideal stays.
async fn centred(app: &App, similarity: &Similarity) -> Result<Similarity, Error> {
    let Some(key) = &similarity.segment else {
        return Ok(similarity.clone());
    };
    let Some(segment) = segment::service::find_by_key(app, key).await? else {
        return Ok(similarity.clone());
    };
    let snapshot = app.db().snapshot().await?;
    let members = segment::read::sample(&snapshot, segment.id, app.now(), MOST_MEMBERS).await?;
    let mut sample = Vec::with_capacity(members.len());
    for some in members.chunks(MEMBERS) {
        let gathering = Gathering::within(app, &snapshot, some).await?;
        let values = gathering
            .decided()
            .map(|one| similarity.values(&one.facts, gathering.now()));
        sample.extend(values);
    }
    snapshot.rollback().await?;
    Ok(similarity.centred(sample.into_iter()))
}
