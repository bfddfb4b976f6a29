//! What evidence tells apart: where, by whom, how and how plainly a decision was made.

use crate::names::named;

named! {
    /// Where a decision was collected.
    CollectionMethod {
        /// In a form on a site or in an app.
        WebForm = "WEB_FORM",
        /// While buying.
        Checkout = "CHECKOUT",
        /// Where the person keeps their preferences.
        PreferenceCentre = "PREFERENCE_CENTRE",
        /// By telephone.
        Phone = "PHONE",
        /// On paper.
        Paper = "PAPER",
        /// By a system of the company.
        Api = "API",
        /// By the person's browser or app, with what it sends.
        Signal = "SIGNAL",
        /// By a provider that delivers messages.
        Provider = "PROVIDER",
        /// With records from elsewhere.
        Import = "IMPORT",
    }

    /// How plainly a decision was expressed.
    Expression {
        /// It follows from what the person did.
        Implied = "IMPLIED",
        /// The person did something to express it.
        Expressed = "EXPRESSED",
        /// The person said so for this very purpose.
        Explicit = "EXPLICIT",
    }

    /// By what a decision was indicated.
    Indication {
        /// A box that was ticked, or cleared.
        Checkbox = "CHECKBOX",
        /// A link or a button.
        LinkClick = "LINK_CLICK",
        /// An answer to a message.
        Reply = "REPLY",
        /// A voice.
        Voice = "VOICE",
        /// A signature.
        Signature = "SIGNATURE",
        /// A setting of a browser or an app.
        Setting = "SETTING",
    }

    /// Who decided.
    Actor {
        /// The person.
        Subject = "SUBJECT",
        /// Who decides for the person.
        Guardian = "GUARDIAN",
        /// The company: it may refuse for the person and never consents for them.
        Controller = "CONTROLLER",
    }

    /// Where imported records come from.
    Origin {
        /// A form or a shop of the company.
        Own = "OWN",
        /// Another platform that the company used before.
        FormerPlatform = "FORMER_PLATFORM",
        /// A fair, an event or a shop with a door.
        Event = "EVENT",
        /// A partner to whom the person consented.
        Partner = "PARTNER",
        /// Somebody who sells addresses.
        Bought = "BOUGHT",
    }
}
