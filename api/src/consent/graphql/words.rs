//! Closed lists of words about decisions.

use async_graphql::Enum;
use lazo_domain::consent::{
    Actor, CollectionMethod, DecisionKind, Expression, Indication, Origin, Status,
};

/// What a decision says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "DecisionKind")]
pub enum ConsentDecisionKind {
    /// The person asked for it and has yet to confirm that.
    Asked,
    /// The person consents.
    Granted,
    /// The person does not consent.
    Denied,
    /// The person no longer consents.
    Withdrawn,
}

/// Where consent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Status")]
pub enum ConsentStatus {
    /// Nothing was decided.
    None,
    /// A double opt-in was asked for and is to be confirmed.
    Pending,
    /// The person consents.
    Granted,
    /// The person does not consent.
    Denied,
    /// The person no longer consents.
    Withdrawn,
    /// The person consented, and has to be asked again.
    Expired,
}

/// Where a decision was collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "CollectionMethod")]
pub enum ConsentMethod {
    /// In a form on a site or in an app.
    WebForm,
    /// While buying.
    Checkout,
    /// Where the person keeps their preferences.
    PreferenceCentre,
    /// By telephone.
    Phone,
    /// On paper.
    Paper,
    /// By a system of the company.
    Api,
    /// By the person's browser or app, with what it sends.
    Signal,
    /// By a provider that delivers messages.
    Provider,
    /// With records from elsewhere.
    Import,
}

/// How plainly a decision was expressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Expression")]
pub enum ConsentExpression {
    /// It follows from what the person did.
    Implied,
    /// The person did something to express it.
    Expressed,
    /// The person said so for this very purpose.
    Explicit,
}

/// By what a decision was indicated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Indication")]
pub enum ConsentIndication {
    /// A box that was ticked, or cleared.
    Checkbox,
    /// A link or a button.
    LinkClick,
    /// An answer to a message.
    Reply,
    /// A voice.
    Voice,
    /// A signature.
    Signature,
    /// A setting of a browser or an app.
    Setting,
}

/// Who decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Actor")]
pub enum ConsentActor {
    /// The person.
    Subject,
    /// Who decides for the person.
    Guardian,
    /// The company: it may refuse for the person and never consents for them.
    Controller,
}

/// Where imported records come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Origin")]
pub enum ConsentOrigin {
    /// A form or a shop of the company.
    Own,
    /// Another platform that the company used before.
    FormerPlatform,
    /// A fair, an event or a shop with a door.
    Event,
    /// A partner to whom the person consented.
    Partner,
    /// Somebody who sells addresses.
    Bought,
}
