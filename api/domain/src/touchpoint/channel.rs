//! Channels: where a touchpoint happened.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Kind;

/// Events of the email specification (<https://segment.com/docs/connections/spec/email/>).
const EMAIL_EVENTS: [&str; 6] = [
    "Email Delivered",
    "Email Opened",
    "Email Link Clicked",
    "Email Bounced",
    "Email Marked as Spam",
    "Unsubscribed",
];

/// Where a touchpoint happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Channel {
    /// On a site or in an app of the company.
    Web,
    /// On a social network.
    Social,
    /// By email.
    Email,
    /// In a shop with a door.
    Store,
    /// By telephone.
    Phone,
    /// In a messenger or by text message.
    Messaging,
    /// Anywhere else.
    Other,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 7] = [
        Self::Web,
        Self::Social,
        Self::Email,
        Self::Store,
        Self::Phone,
        Self::Messaging,
        Self::Other,
    ];

    /// The name in the schema and in storage.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Web => "WEB",
            Self::Social => "SOCIAL",
            Self::Email => "EMAIL",
            Self::Store => "STORE",
            Self::Phone => "PHONE",
            Self::Messaging => "MESSAGING",
            Self::Other => "OTHER",
        }
    }

    /// The channel of a touchpoint: email for the events of the email specification, whoever sends them, else the source's.
    ///
    /// The `channel` that some clients put into an item says how it was sent, not where it happened, so it does not count.
    pub(super) fn of(source: Self, kind: Kind, name: &str) -> Self {
        if is_email_event(kind, name) {
            Self::Email
        } else {
            source
        }
    }
}

/// Whether this is an event of the email specification.
pub(super) fn is_email_event(kind: Kind, name: &str) -> bool {
    kind == Kind::Track
        && EMAIL_EVENTS
            .iter()
            .any(|event| event.eq_ignore_ascii_case(name))
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names none of the channels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a channel")]
pub struct UnknownChannel;

impl FromStr for Channel {
    type Err = UnknownChannel;

    fn from_str(text: &str) -> Result<Self, UnknownChannel> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or(UnknownChannel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn every_channel_reads_back() {
        for channel in Channel::ALL {
            assert_eq!(channel.as_str().parse(), Ok(channel));
            assert_eq!(serde_json::to_value(channel).unwrap(), channel.as_str());
        }
        assert_eq!("web".parse::<Channel>(), Err(UnknownChannel));
    }

    #[rstest]
    #[case::an_opened_email(Channel::Web, Kind::Track, "Email Opened", Channel::Email)]
    #[case::another_case(Channel::Other, Kind::Track, "email marked as SPAM", Channel::Email)]
    #[case::a_social_source(Channel::Social, Kind::Track, "Comment Written", Channel::Social)]
    #[case::a_page_named_like_one(Channel::Web, Kind::Page, "Unsubscribed", Channel::Web)]
    fn email_events_are_email_and_the_rest_is_the_source_s(
        #[case] source: Channel,
        #[case] kind: Kind,
        #[case] name: &str,
        #[case] channel: Channel,
    ) {
        assert_eq!(Channel::of(source, kind, name), channel);
    }
}
