//! Signals: what browsers, client libraries and email providers send that is a decision of the person.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{DecisionKind, Purpose, PurposeKey};
use crate::privacy::{Covered, Scope, SuppressionReason};
use crate::touchpoint::Channel;

/// Whether a request carries the Global Privacy Control signal (<https://www.w3.org/TR/gpc/>): one of the values of `Sec-GPC` is
/// exactly `1`. Any other value says nothing.
pub fn is_gpc<V: AsRef<[u8]>>(values: impl IntoIterator<Item = V>) -> bool {
    values.into_iter().any(|value| value.as_ref() == b"1")
}

/// Whether a form that was posted to the address of a `List-Unsubscribe` header is a one-click unsubscription (RFC 8058).
pub fn is_one_click<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> bool {
    fields.into_iter().eq([("List-Unsubscribe", "One-Click")])
}

/// What a signal says about a purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signal {
    /// The purpose, on all its channels.
    pub purpose: PurposeKey,
    /// Whether the person consents.
    pub granted: bool,
}

impl Signal {
    /// The decision that the signal is, after the last one that the same fragment signalled; none if it says nothing new.
    ///
    /// Clients repeat their signals with everything they send: what they repeat must not undo what was decided elsewhere since.
    pub fn decision(&self, last: Option<DecisionKind>) -> Option<DecisionKind> {
        match (self.granted, last) {
            (true, Some(DecisionKind::Granted | DecisionKind::Asked))
            | (false, Some(DecisionKind::Denied | DecisionKind::Withdrawn)) => None,
            (true, _) => Some(DecisionKind::Granted),
            (false, Some(_)) => Some(DecisionKind::Withdrawn),
            (false, None) => Some(DecisionKind::Denied),
        }
    }
}

/// What the `context.consent.categoryPreferences` of an item say, about each purpose that a category stands for, in the order of
/// their keys; nothing if there are none.
///
/// A category that is missing or not `true` is a no, and so is a purpose of which one category is. A yes of a source that anybody can
/// speak for does not open a purpose with channels: messages need the consent of whoever holds the address.
pub fn category_preferences<'a>(
    context: &Value,
    categories: &BTreeMap<String, PurposeKey>,
    purpose: impl Fn(&PurposeKey) -> Option<&'a Purpose>,
    trusted: bool,
) -> Vec<Signal> {
    let preferences = context.pointer("/consent/categoryPreferences");
    let Some(preferences) = preferences.and_then(Value::as_object) else {
        return Vec::new();
    };
    let mut said: BTreeMap<&PurposeKey, bool> = BTreeMap::new();
    for (category, key) in categories {
        let yes = preferences.get(category) == Some(&Value::Bool(true));
        let granted = said.entry(key).or_insert(true);
        *granted = *granted && yes;
    }
    said.into_iter()
        .filter(|(key, granted)| {
            purpose(key).is_some_and(|purpose| !granted || trusted || purpose.channels.is_empty())
        })
        .map(|(key, granted)| Signal {
            purpose: key.clone(),
            granted,
        })
        .collect()
}

/// What an event of an email provider says about messages by email.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EmailSignal {
    /// The person unsubscribed: from this purpose, or, where none is named, from all.
    Unsubscribed(Option<PurposeKey>),
    /// The person called a message spam.
    Complaint,
    /// The address takes no messages, and will not.
    HardBounce,
}

/// What an event of the email specification (<https://segment.com/docs/connections/spec/email/>) says, whatever its case; nothing if it
/// is none that says no. `purpose` is the one that its message was sent for, where that is known.
pub fn email_signal(
    name: &str,
    purpose: Option<PurposeKey>,
    permanent_bounce: bool,
) -> Option<EmailSignal> {
    let is = |event: &str| event.eq_ignore_ascii_case(name);
    if is("Unsubscribed") {
        Some(EmailSignal::Unsubscribed(purpose))
    } else if is("Email Marked as Spam") {
        Some(EmailSignal::Complaint)
    } else if is("Email Bounced") && permanent_bounce {
        Some(EmailSignal::HardBounce)
    } else {
        None
    }
}

impl EmailSignal {
    /// The purposes that are withdrawn on [`Channel::Email`]: the one that is named, if there is such a purpose, else all that are the
    /// person's to end.
    pub fn withdraws<'a>(
        &self,
        purposes: impl IntoIterator<Item = &'a Purpose>,
    ) -> Vec<&'a PurposeKey> {
        let named = match self {
            Self::HardBounce => return Vec::new(),
            Self::Unsubscribed(named) => named.as_ref(),
            Self::Complaint => None,
        };
        let by_email = |purpose: &&Purpose| {
            purpose.channels.contains(&Channel::Email) && purpose.basis.is_the_person_s_to_end()
        };
        let all: Vec<_> = purposes.into_iter().filter(by_email).collect();
        let keys = |purpose: &'a Purpose| &purpose.key;
        match all.iter().find(|purpose| Some(&purpose.key) == named) {
            Some(one) => vec![&one.key],
            None => all.into_iter().map(keys).collect(),
        }
    }

    /// Why, and for what, the address is suppressed.
    pub fn suppresses(&self) -> (SuppressionReason, Scope) {
        let (reason, of) = match self {
            Self::Unsubscribed(Some(purpose)) => (
                SuppressionReason::Unsubscribe,
                Covered::Purpose(purpose.clone()),
            ),
            Self::Unsubscribed(None) => (SuppressionReason::Unsubscribe, Covered::Marketing),
            Self::Complaint => (SuppressionReason::Complaint, Covered::Marketing),
            Self::HardBounce => (SuppressionReason::HardBounce, Covered::Everything),
        };
        let channel = Some(Channel::Email);
        (reason, Scope { of, channel })
    }
}
