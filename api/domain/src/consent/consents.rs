//! All consent of a profile: the state of each purpose, on each of its channels.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Linked, Purpose, PurposeKey, State};
use crate::clock::Timestamp;
use crate::condition::evaluate::Known;
use crate::touchpoint::Channel;

/// One state: of a purpose on a channel, or of a purpose that is decided once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    purpose: PurposeKey,
    channel: Option<Channel>,
    #[serde(flatten)]
    state: State,
}

/// The states of consent of one profile. A purpose of which nothing was decided takes no room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<Entry>", into = "Vec<Entry>")]
pub struct Consents(BTreeMap<PurposeKey, BTreeMap<Option<Channel>, State>>);

impl Consents {
    /// Folds all decisions of a profile that were made up to an instant, for each purpose.
    pub fn of<'a>(
        purposes: impl IntoIterator<Item = &'a Purpose>,
        decisions: &[Linked<'_>],
        now: Timestamp,
    ) -> Self {
        let mut all = Self::default();
        for purpose in purposes {
            for channel in purpose.parts() {
                let state = State::of(purpose, channel, decisions.iter().copied(), now);
                all.set(purpose.key.clone(), channel, state);
            }
        }
        all
    }

    /// Puts the state of a purpose on a channel.
    pub fn set(&mut self, purpose: PurposeKey, channel: Option<Channel>, state: State) {
        if state != State::default() {
            self.0.entry(purpose).or_default().insert(channel, state);
        }
    }

    /// The state of a purpose on a channel, or of a purpose that is decided once.
    pub fn state(&self, purpose: &PurposeKey, channel: Option<Channel>) -> State {
        let states = self.0.get(purpose);
        let state = states.and_then(|states| states.get(&channel));
        state.copied().unwrap_or_default()
    }

    /// The states, by purpose and channel. A purpose of which nothing was decided is not among them.
    pub fn iter(&self) -> impl Iterator<Item = (&PurposeKey, Option<Channel>, &State)> {
        self.0.iter().flat_map(|(purpose, states)| {
            let states = states.iter();
            states.map(move |(channel, state)| (purpose, *channel, state))
        })
    }

    /// Whether nothing was decided.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether consent is granted, as facts that conditions ask about: on each channel, and to the purpose whatever the channel.
    pub fn facts(&self, now: Timestamp) -> BTreeMap<(&str, Option<Channel>), Known<bool>> {
        let mut facts = BTreeMap::new();
        for (purpose, states) in &self.0 {
            let mut whole = Known {
                value: false,
                until: None,
            };
            for (channel, state) in states {
                let known = state.known(now);
                facts.insert((purpose.as_str(), *channel), known);
                whole = either(whole, known);
            }
            facts.insert((purpose.as_str(), None), whole);
        }
        facts
    }

    /// The first instant after `now` at which time alone changes one of the states.
    pub fn until(&self, now: Timestamp) -> Option<Timestamp> {
        let states = self.0.values().flat_map(BTreeMap::values);
        states.filter_map(|state| state.until(now)).min()
    }
}

/// Whether one of two is granted: as long as the longer lasts, since time alone grants nothing.
fn either(one: Known<bool>, other: Known<bool>) -> Known<bool> {
    match (one.value, other.value) {
        (true, true) => Known {
            value: true,
            until: one
                .until
                .zip(other.until)
                .map(|(one, other)| one.max(other)),
        },
        (false, _) => other,
        (true, false) => one,
    }
}

impl From<Vec<Entry>> for Consents {
    fn from(entries: Vec<Entry>) -> Self {
        let mut all = Self::default();
        for entry in entries {
            all.set(entry.purpose, entry.channel, entry.state);
        }
        all
    }
}

impl From<Consents> for Vec<Entry> {
    fn from(all: Consents) -> Self {
        let states = all.0.into_iter().flat_map(|(purpose, states)| {
            states.into_iter().map(move |(channel, state)| Entry {
                purpose: purpose.clone(),
                channel,
                state,
            })
        });
        states.collect()
    }
}
