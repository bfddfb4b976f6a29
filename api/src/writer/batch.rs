//! One transaction of touchpoints.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::Folded;
use lazo_domain::id::{FragmentId, ProfileId, QuarantineId, TouchpointId};
use lazo_domain::identity::{Mention, Trust};
use lazo_domain::profile::{Delta, Stamp, is_personal};
use lazo_domain::standing::Looks;
use lazo_domain::touchpoint::{Disposition, Kind, Note, Touchpoint};
use sea_orm::{ConnectionTrait, DbErr};
use uuid::Uuid;

use super::Context;
use super::changes::Changes;
use super::fold::weight;
use super::signals::{Sent, decisions};
use super::state::{Cause, PendingOrder, State};
use crate::cache::hot::COMMIT;
use crate::consent::store as records;
use crate::db::take_from_each;
use crate::quarantine::ALREADY_REPLAYED;
use crate::quarantine::store::{self as quarantine, Held};
use crate::standing::{Came, Happened};
use crate::touchpoint::store::{self as touchpoints, Known, Message, MessageKey, Placed};
use crate::touchpoint::{Answer, Content, Incoming, Speaker, Status};

/// What an item turned out to be.
enum Fate {
    /// The first of its message id: it becomes this touchpoint.
    Fresh(TouchpointId),
    /// Its message id is taken, by what the ledger knows or by an earlier item of this batch.
    Repeat(MessageKey),
    /// It cannot be used.
    Refused,
}

/// Records items within a transaction. Returns an answer for each, in order, and what is changed; they hold once the transaction
/// is committed.
pub(super) async fn record(
    connection: &impl ConnectionTrait,
    context: &Context,
    items: &[&Incoming],
    now: Timestamp,
) -> Result<(Vec<Answer>, Changes), DbErr> {
    let mut ids = || context.ids.next::<Uuid>(now);
    let (fates, known) = claim(connection, items, &mut ids).await?;

    let fresh: Vec<(usize, TouchpointId, &Incoming, &Touchpoint)> = items
        .iter()
        .zip(&fates)
        .enumerate()
        .filter_map(|(place, (item, fate))| match (fate, &item.content) {
            (Fate::Fresh(id), Content::Touchpoint(touchpoint)) => {
                Some((place, *id, *item, touchpoint.as_ref()))
            }
            _ => None,
        })
        .collect();
    let mut homes: BTreeMap<usize, Home> = BTreeMap::new();
    let mut state = State::default();
    let mut changes = Changes::default();
    if !fresh.is_empty() {
        let mentions: Vec<Mention> = fresh
            .iter()
            .map(|(_, _, item, touchpoint)| mention(item, touchpoint))
            .collect();
        state = State::load(connection, &mentions).await?;
        for ((place, id, item, touchpoint), mention) in fresh.iter().zip(&mentions) {
            if let Some(home) = place_one(&mut state, *id, item, touchpoint, mention, &mut ids) {
                homes.insert(*place, home);
            }
        }
        let definitions = context.definitions.current(connection).await?;
        let sent = sent(&fresh, &homes);
        let categories = &context.categories;
        // On the heap too: it is seldom needed.
        let recorded = decisions(connection, &definitions, categories, &sent, &mut ids);
        let recorded = Box::pin(recorded).await?;
        for one in &recorded {
            state.consented.extend(state.profile_of(one.fragment));
        }
        let mut writes = state
            .settle(connection, &context.currency, now, &mut ids)
            .await?;
        state.write(&mut writes, &mut ids);
        context
            .meters
            .note_links(state.log.iter().map(|caused| caused.entry.kind));
        let count = i64::try_from(fresh.len()).unwrap_or(i64::MAX);
        let counters = [("touchpoint", count), (COMMIT, 1)];
        let [first, commit] = take_from_each(connection, counters).await?;
        changes.commit = Some(commit);
        let placed = (first..)
            .zip(&fresh)
            .filter_map(|(seq, (place, id, item, touchpoint))| {
                let fragment = homes.get(place)?.fragment;
                Some(Placed {
                    id: *id,
                    seq,
                    source: item.source.id,
                    fragment,
                    shop: &item.source.shop,
                    declared: declares(item, touchpoint),
                    touchpoint,
                })
            });
        touchpoints::insert(&mut writes, placed);
        records::insert(&mut writes, &recorded);
        writes.execute(connection).await?;
        let looks = &definitions.needs().touchpoints;
        let mut came: HashMap<ProfileId, Came> = HashMap::new();
        for (place, id, item, touchpoint) in &fresh {
            let home = homes.get(place);
            if let Some(profile) = home.and_then(|home| state.profile_of(home.fragment)) {
                let came = came.entry(profile).or_default();
                came.last = Some(*id);
                came.count += 1;
                let happened = happened(*id, item, touchpoint, looks, now);
                came.looked_at.extend(happened.map(Arc::new));
            }
        }
        // On the heap, as it is large beside what goes on around it.
        let stand = state.stand(connection, context, &definitions, came, now);
        changes.known = Box::pin(stand).await?;
        changes.profiles = state.finish(connection, now).await?;
    }
    let held = hold(connection, items, &fates, now, &mut ids).await?;

    let mut answers = Vec::with_capacity(items.len());
    let mut accepted: HashMap<MessageKey, (Answer, Uuid)> = HashMap::new();
    for (place, (item, fate)) in items.iter().zip(&fates).enumerate() {
        let answer = match (fate, &item.content) {
            (Fate::Fresh(id), Content::Touchpoint(touchpoint)) => {
                let answer =
                    accepted_answer(&state, item, *id, touchpoint, homes.get(&place).copied());
                accepted.insert(
                    (item.source.id, touchpoint.digest),
                    (answer.clone(), touchpoint.content),
                );
                answer
            }
            (Fate::Repeat(key), Content::Touchpoint(touchpoint)) => {
                repeat_answer(item, touchpoint, known.get(key), accepted.get(key))
            }
            (_, Content::Refused { refusal, digest }) => Answer {
                code: Some(refusal.code.as_str()),
                reason: Some(refusal.reason.clone()),
                quarantine: item
                    .replays
                    .or(held.get(&(item.source.id, *digest)).copied()),
                ..Answer::plain(item.message_id(), status_of(refusal.disposition))
            },
            (Fate::Refused, Content::Touchpoint(_)) => Answer {
                code: Some(ALREADY_REPLAYED),
                reason: Some("The item was replayed before.".to_owned()),
                ..Answer::plain(item.message_id(), Status::Rejected)
            },
        };
        if let (Some(replayed), Some(touchpoint)) = (item.replays, answer.touchpoint) {
            quarantine::resolve(connection, replayed, touchpoint, now).await?;
        }
        answers.push(answer);
    }
    Ok((answers, changes))
}

/// Touchpoints with the fragments that they are put in.
fn sent<'a>(
    fresh: &[(usize, TouchpointId, &'a Incoming, &'a Touchpoint)],
    homes: &BTreeMap<usize, Home>,
) -> Vec<Sent<'a>> {
    let sent = fresh.iter().filter_map(|(place, _, item, touchpoint)| {
        let fragment = homes.get(place)?.fragment;
        Some(Sent {
            fragment,
            item,
            touchpoint,
        })
    });
    sent.collect()
}

/// Claims the items' message ids in the ledger; a repeat stops here.
async fn claim(
    connection: &impl ConnectionTrait,
    items: &[&Incoming],
    ids: &mut (dyn FnMut() -> Uuid + Send),
) -> Result<(Vec<Fate>, HashMap<MessageKey, Known>), DbErr> {
    let mut messages: Vec<Message> = Vec::new();
    let mut first: HashMap<MessageKey, usize> = HashMap::new();
    let mut fates: Vec<Fate> = Vec::with_capacity(items.len());
    let mut replays = std::collections::HashSet::new();
    for item in items {
        let Content::Touchpoint(touchpoint) = &item.content else {
            fates.push(Fate::Refused);
            continue;
        };
        // Two replays of one item may be in one batch, or the first may have come since the second was asked for.
        if let Some(replayed) = item.replays
            && (!quarantine::is_waiting(connection, replayed).await? || !replays.insert(replayed))
        {
            fates.push(Fate::Refused);
            continue;
        }
        let key = (item.source.id, touchpoint.digest);
        if first.contains_key(&key) {
            fates.push(Fate::Repeat(key));
            continue;
        }
        let id = TouchpointId(ids());
        first.insert(key, fates.len());
        messages.push(Message {
            key,
            content: touchpoint.content,
            touchpoint: id,
        });
        fates.push(Fate::Fresh(id));
    }
    if messages.is_empty() {
        return Ok((fates, HashMap::new()));
    }
    let claimed = touchpoints::claim(connection, &messages).await?;
    let taken: Vec<MessageKey> = messages
        .iter()
        .map(|message| message.key)
        .filter(|key| !claimed.contains(key))
        .collect();
    for key in &taken {
        if let Some(place) = first.get(key) {
            fates[*place] = Fate::Repeat(*key);
        }
    }
    Ok((fates, touchpoints::known(connection, taken).await?))
}

/// A touchpoint as conditions see it; none if they do not look at it.
fn happened(
    id: TouchpointId,
    item: &Incoming,
    touchpoint: &Touchpoint,
    looks: &Looks,
    now: Timestamp,
) -> Option<Happened> {
    let (name, at) = (&touchpoint.name, touchpoint.clocks.occurred_at);
    looks.wants(name, at, now).then(|| Happened {
        id,
        order: touchpoint.order_key(),
        name: touchpoint.name.clone(),
        channel: touchpoint.channel,
        source: item.source.name.clone(),
        properties: looks.kept(name, &touchpoint.properties),
        active: touchpoint.active,
        folded: Folded::default(),
    })
}

fn mention(item: &Incoming, touchpoint: &Touchpoint) -> Mention {
    Mention {
        claims: touchpoint
            .claims
            .iter()
            .map(|claim| (claim.namespace.clone(), claim.value.clone()))
            .collect(),
        alias_of: touchpoint.alias_of.clone(),
        target: item.target,
        trust: if item.source.trusted || item.speaker != Speaker::Source {
            Trust::Verified
        } else {
            Trust::Claimed
        },
        links_known: item.source.links_known,
        occurred_at: touchpoint.clocks.occurred_at,
        received_at: touchpoint.clocks.received_at,
        source: item.source.id,
    }
}

/// Where a touchpoint was put.
#[derive(Clone, Copy)]
struct Home {
    fragment: FragmentId,
    /// Whether all of its traits are in the profile.
    is_whole: bool,
}

/// Ties a touchpoint to its profile and folds it in.
fn place_one(
    state: &mut State,
    id: TouchpointId,
    item: &Incoming,
    touchpoint: &Touchpoint,
    mention: &Mention,
    ids: &mut dyn FnMut() -> Uuid,
) -> Option<Home> {
    let cause = Cause {
        at: touchpoint.clocks.received_at,
        touchpoint: Some(id),
        actor: format!("source:{}", item.source.id),
        reason: None,
    };
    let fragment = state.resolve(mention, &cause, ids)?;
    let (rank, most) = weight(item.source.trusted, declares(item, touchpoint));
    let stamp = Stamp {
        rank,
        order: touchpoint.order_key(),
        touchpoint: id,
    };
    let delta = Delta {
        channel: touchpoint.channel.as_str().to_owned(),
        occurred_at: touchpoint.clocks.occurred_at,
        active: touchpoint.active,
        traits: touchpoint.traits.clone(),
        stamp: stamp.clone(),
        source: item.source.id,
    };
    let is_whole = state.fold(fragment, delta, most);
    if let Some(event) = &touchpoint.order {
        let shop = item.source.shop.clone();
        let event = event.clone();
        state.orders.push(PendingOrder {
            fragment,
            shop,
            stamp,
            event,
        });
    }
    Some(Home { fragment, is_whole })
}

/// Whether a customer says it of themself.
///
/// A customer declares only in an identify, and only what is personal. All else that a visitor says, an order above all, is
/// worth what a public source says: it fills in what the company's systems leave open, and overrules none of them.
fn declares(item: &Incoming, touchpoint: &Touchpoint) -> bool {
    item.speaker == Speaker::Customer
        && touchpoint.kind == Kind::Identify
        && touchpoint.traits.keys().all(|name| is_personal(name))
}

/// Puts what cannot be used where it can be seen and mended.
async fn hold(
    connection: &impl ConnectionTrait,
    items: &[&Incoming],
    fates: &[Fate],
    now: Timestamp,
    ids: &mut (dyn FnMut() -> Uuid + Send),
) -> Result<HashMap<(lazo_domain::id::SourceId, Uuid), QuarantineId>, DbErr> {
    let mut seen = std::collections::HashSet::new();
    let held: Vec<Held<'_>> = items
        .iter()
        .zip(fates)
        .filter(|(item, fate)| matches!(fate, Fate::Refused) && item.replays.is_none())
        .filter_map(|(item, _)| match &item.content {
            Content::Refused { refusal, digest }
                if refusal.disposition == Disposition::Quarantined
                    && seen.insert((item.source.id, *digest)) =>
            {
                Some(Held {
                    id: QuarantineId(ids()),
                    source: item.source.id,
                    digest: *digest,
                    message_id: refusal.message_id.as_deref(),
                    code: refusal.code.as_str(),
                    reason: &refusal.reason,
                    raw: &item.raw,
                    envelope: &item.envelope,
                })
            }
            _ => None,
        })
        .collect();
    quarantine::hold(connection, &held, now).await
}

fn status_of(disposition: Disposition) -> Status {
    match disposition {
        Disposition::Quarantined => Status::Quarantined,
        Disposition::Rejected => Status::Rejected,
    }
}

fn accepted_answer(
    state: &State,
    item: &Incoming,
    id: TouchpointId,
    touchpoint: &Touchpoint,
    home: Option<Home>,
) -> Answer {
    let profile = home.and_then(|home| state.profile_of(home.fragment));
    let over = home
        .filter(|home| !home.is_whole)
        .map(|_| Note::TraitsOverLimit);
    let note = touchpoint.notes.first().copied().or(over);
    Answer {
        code: note.map(Note::as_str),
        reason: note.map(|note| note.sentence().to_owned()),
        touchpoint: Some(id),
        profile,
        version: profile.and_then(|profile| state.version_of(profile)),
        ..Answer::plain(item.message_id(), Status::Accepted)
    }
}

fn repeat_answer(
    item: &Incoming,
    touchpoint: &Touchpoint,
    known: Option<&Known>,
    accepted: Option<&(Answer, Uuid)>,
) -> Answer {
    let first = known
        .map(|known| {
            (
                known.content,
                Some(known.touchpoint_id),
                Some(known.profile_id),
                None,
            )
        })
        .or_else(|| {
            accepted.map(|(answer, content)| {
                (*content, answer.touchpoint, answer.profile, answer.version)
            })
        });
    let mut answer = Answer::plain(item.message_id(), Status::Duplicate);
    if let Some((content, touchpoint_id, profile, version)) = first {
        (answer.touchpoint, answer.profile, answer.version) = (touchpoint_id, profile, version);
        if content != touchpoint.content {
            answer.code = Some("CONTENT_DIFFERS");
            answer.reason = Some(
                "An item with this message id and other content came first; the first counts."
                    .to_owned(),
            );
        }
    }
    answer
}
