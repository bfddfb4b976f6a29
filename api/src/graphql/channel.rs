//! The channels as the schema names them.

use async_graphql::Enum;
use lazo_domain::touchpoint::Channel as Value;

/// Where an interaction happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Value")]
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
    /// The channel of this stored name; `OTHER` where there is none.
    pub fn stored(name: &str) -> Self {
        name.parse().unwrap_or(Value::Other).into()
    }
}
