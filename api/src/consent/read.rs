//! Where consent stands, how it came about, and whom it allows to be contacted.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use chrono_tz::Tz;
use lazo_domain::clock::Timestamp;
use lazo_domain::condition::evaluate::Known as Until;
use lazo_domain::consent::{self, Consents, PurposeKey, State};
use lazo_domain::id::{ConsentRecordId, FragmentId, ProfileId};
use lazo_domain::identity::Namespace;
use lazo_domain::privacy::{Contact, Person, can_contact as may_contact};
use lazo_domain::standing::Definitions;
use lazo_domain::touchpoint::Channel;
use serde_json::Value as Json;

use super::service::no_purpose;
use super::store::{self, Recorded};
use crate::app::App;
use crate::auth::caller::Caller;
use crate::error::Error;
use crate::identity;
use crate::page::{self, Key, Listed, Page};
use crate::profile::hot::Present;
use crate::profile::service::{By, find};
use crate::purpose::service as purposes;
use crate::standing::linked;

/// The trait in which the day stands on which a person was born.
pub(super) const BIRTHDAY: &str = "birthday";

/// Where consent to a purpose stands, on a channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Held {
    /// The purpose.
    pub purpose: PurposeKey,
    /// The channel; none where the purpose is decided once.
    pub channel: Option<Channel>,
    /// What all decisions come to.
    pub state: State,
    /// The instant of which it is.
    pub at: Timestamp,
}

/// Where consent of a profile, named by its present id, stands to every purpose that people decide about: at an instant by what was
/// decided up to it, or now. Which fragments belong to the profile is as of now.
pub async fn of_profile(
    app: &App,
    profile: ProfileId,
    as_of: Option<Timestamp>,
) -> Result<Vec<Held>, Error> {
    let snapshot = app.db().snapshot().await?;
    let definitions = app.definitions().current(&snapshot).await?;
    let recorded = store::of_profile(&snapshot, profile).await?;
    let vouched = identity::service::vouched(&snapshot, profile).await?;
    snapshot.rollback().await?;
    Ok(held(app, &definitions, recorded, &vouched, as_of))
}

/// Where consent stands now by what was decided in fragments of one person, whatever was decided in others.
pub(crate) async fn of_fragments(
    app: &App,
    fragments: HashSet<FragmentId>,
) -> Result<Vec<Held>, Error> {
    let snapshot = app.db().snapshot().await?;
    let definitions = app.definitions().current(&snapshot).await?;
    let recorded = store::of_fragments(&snapshot, fragments.iter().copied()).await?;
    snapshot.rollback().await?;
    Ok(held(app, &definitions, recorded, &fragments, None))
}

fn held(
    app: &App,
    definitions: &Definitions,
    recorded: Vec<Recorded>,
    vouched: &HashSet<FragmentId>,
    as_of: Option<Timestamp>,
) -> Vec<Held> {
    let made = recorded.into_iter();
    let made: Vec<_> = made.map(|one| (one.fragment, one.decision)).collect();
    let linked = linked(&made, vouched);
    let at = as_of.unwrap_or_else(|| app.now());
    // What another process has written down by a clock ahead of ours is in force.
    let until = as_of.unwrap_or(Timestamp(i64::MAX));
    let consents = Consents::of(definitions.purposes(), &linked, until);
    let parts = definitions.purposes().iter().flat_map(|purpose| {
        let parts = purpose.parts().into_iter();
        parts.map(|channel| (purpose.key.clone(), channel))
    });
    let held = parts.map(|(purpose, channel)| Held {
        state: consents.state(&purpose, channel),
        purpose,
        channel,
        at,
    });
    held.collect()
}

/// A part of all that was decided in the fragments that a profile has now, the latest decision first.
pub async fn history(
    app: &App,
    profile: ProfileId,
    page: &Page,
) -> Result<Listed<Recorded>, Error> {
    let keyed = store::of_profile(app.db().read(), profile).await?;
    let keyed = keyed.into_iter().map(|one| {
        let (at, id) = (Some(one.decision.at), one.decision.id.0);
        (Key { at, id }, one)
    });
    let mut keyed: Vec<_> = keyed.collect();
    keyed.sort_by_key(|(key, _)| std::cmp::Reverse((key.at, key.id)));
    Ok(page::of_sorted(keyed, page))
}

/// The record with this id.
pub(super) async fn recorded(app: &App, id: ConsentRecordId) -> Result<Option<Recorded>, Error> {
    Ok(store::by_id(app.db().read(), id).await?)
}

/// The record with this id, if the caller may see whose it is.
pub async fn find_record(
    app: &App,
    caller: &Caller,
    id: ConsentRecordId,
) -> Result<Option<Recorded>, Error> {
    let Some(found) = recorded(app, id).await? else {
        return Ok(None);
    };
    Ok(owner(app, caller, &found).await?.map(|_| found))
}

/// The profile that a decision belongs to now, if the caller may see it.
pub async fn owner(
    app: &App,
    caller: &Caller,
    recorded: &Recorded,
) -> Result<Option<Arc<Present>>, Error> {
    let by = By::Id(ProfileId(recorded.fragment.0));
    find(app, Some(caller), by, None).await
}

/// The receipt of a decision for the person, by the purpose as it is now.
pub async fn receipt(app: &App, recorded: &Recorded) -> Result<Json, Error> {
    let decision = &recorded.decision;
    let row = purposes::find(app, &decision.purpose).await?;
    let row = row.ok_or_else(|| Error::Internal("a record names no purpose".to_owned()))?;
    let purpose = purposes::purpose(&row)?;
    let subject = recorded.fragment.to_string();
    Ok(consent::receipt(
        &subject,
        decision,
        &recorded.evidence,
        &purpose,
        None,
        app.now(),
    ))
}

/// Whether a person may be contacted on a channel for a purpose now; none if there is no such profile that the caller may see.
pub async fn can_contact(
    app: &App,
    caller: &Caller,
    profile: ProfileId,
    channel: Channel,
    key: &PurposeKey,
) -> Result<Option<Contact>, Error> {
    let Some(profile) = find(app, Some(caller), By::Id(profile), None).await? else {
        return Ok(None);
    };
    let definitions = app.definitions().current(app.db().read()).await?;
    let mut all = definitions.purposes().iter();
    let purpose = all
        .find(|purpose| purpose.key == *key)
        .ok_or_else(no_purpose)?;
    let mut consents = Consents::default();
    for held in of_profile(app, profile.id, None).await? {
        consents.set(held.purpose, held.channel, held.state);
    }
    let identifiers = profile.identifiers.iter();
    let namespaces: BTreeSet<Namespace> = identifiers.map(|row| row.namespace.clone()).collect();
    let known = Known {
        restricted: profile.restricted,
        buys: profile.summary.orders > 0,
        born: profile
            .projection
            .traits
            .0
            .get(BIRTHDAY)
            .and_then(|born| born.value.as_str()),
        zone: app.locale().time_zone,
    };
    let person = person(&consents, &namespaces, known);
    Ok(Some(may_contact(&person, purpose, channel, app.now())))
}

/// What is known of a person beside their consent and their addresses.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    /// Whether use of the profile is restricted.
    pub(super) restricted: bool,
    /// Whether the person bought something that counts: then there is something to be served.
    pub(super) buys: bool,
    /// The day on which the person was born, if it begins with one.
    pub(super) born: Option<&'a str>,
    /// The time zone in which their day begins.
    pub(super) zone: Tz,
}

/// A person as privacy is decided by.
pub(super) fn person<'a>(
    consents: &'a Consents,
    namespaces: &'a BTreeSet<Namespace>,
    known: Known<'_>,
) -> Person<'a> {
    let born = known.born.and_then(|born| born.get(..10));
    Person {
        restricted_since: known.restricted.then_some(Timestamp(i64::MIN)),
        born: born.and_then(|born| born.parse().ok()),
        contract: Until {
            value: known.buys,
            until: None,
        },
        ..Person::new(consents, namespaces, known.zone)
    }
}
