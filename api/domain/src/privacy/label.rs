//! Labels: which purposes a value serves and how sensitive it is; and whether a reader sees it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Decision, Person, Reason, decide};
use crate::clock::Timestamp;
use crate::consent::{Category, Purpose, PurposeKey};
use crate::names::named;

named! {
    /// How sensitive a value is, from the least on.
    Sensitivity {
        /// It tells little about a person: a count, a language.
        Low = "LOW",
        /// It tells something about a person: what they bought, what they like.
        Personal = "PERSONAL",
        /// It finds the person: a name, an address, an identifier.
        Identifying = "IDENTIFYING",
        /// It could harm the person: income, exact places, what is told in confidence.
        Sensitive = "SENSITIVE",
        /// It belongs to the special categories (Regulation (EU) 2016/679, article 9).
        Special = "SPECIAL",
    }
}

/// The label of a field, a trait, a segment, a score or a computed trait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The purposes that it serves. With none it is shown for the person's own rights alone.
    pub purposes: BTreeSet<PurposeKey>,
    /// How sensitive it is.
    pub sensitivity: Sensitivity,
}

/// What a token lets its holder see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reader {
    /// The purposes that the token carries.
    pub purposes: BTreeSet<PurposeKey>,
    /// Up to which sensitivity.
    pub clearance: Sensitivity,
}

/// Why a value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown<'p> {
    /// For this purpose.
    pub purpose: &'p PurposeKey,
    /// For this reason.
    pub reason: Reason,
}

/// Why a value is withheld.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Withheld<'p> {
    /// The token does not carry any purpose that the value serves.
    Purpose,
    /// The value is more sensitive than what the token may see.
    Sensitivity,
    /// The person does not allow it; of all purposes that were asked for this is the one that came furthest.
    Person {
        /// The purpose.
        purpose: &'p PurposeKey,
        /// Why not.
        reason: Reason,
    },
}

impl Withheld<'_> {
    /// The code for programs.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Purpose => "PURPOSE_NOT_HELD",
            Self::Sensitivity => "TOO_SENSITIVE",
            Self::Person { reason, .. } => reason.code(),
        }
    }
}

/// What a reader may see of one person: decided once, for all values.
#[derive(Clone, Debug)]
pub struct Reading<'p> {
    clearance: Sensitivity,
    /// What was decided for each purpose that the token carries.
    decided: Vec<(&'p Purpose, Decision)>,
}

impl<'p> Reading<'p> {
    /// Decides what a reader may see of a person, at an instant. A purpose that the deployment does not know serves nothing.
    pub fn of(
        reader: &Reader,
        person: &Person<'_>,
        purposes: impl IntoIterator<Item = &'p Purpose>,
        now: Timestamp,
    ) -> Self {
        let held = purposes
            .into_iter()
            .filter(|purpose| reader.purposes.contains(&purpose.key));
        Self {
            clearance: reader.clearance,
            decided: held
                .map(|purpose| (purpose, decide(person, purpose, None, now)))
                .collect(),
        }
    }

    /// An instant up to which time alone does not change what may be seen; none if it never does.
    pub fn until(&self) -> Option<Timestamp> {
        let decisions = self.decided.iter();
        decisions.filter_map(|(_, decision)| decision.until).min()
    }

    /// Whether a value with this label is shown.
    ///
    /// For the purpose of the person's rights every value is, up to the reader's clearance, as people ask about all of their data.
    pub fn reads(&self, label: &Label) -> Result<Shown<'p>, Withheld<'p>> {
        if label.sensitivity > self.clearance {
            return Err(Withheld::Sensitivity);
        }
        let serves = |purpose: &Purpose| {
            purpose.category == Category::Rights || label.purposes.contains(&purpose.key)
        };
        let asked = self.decided.iter().filter(|(purpose, _)| serves(purpose));
        let best = asked.max_by_key(|(_, decision)| decision.reason.rank());
        let (purpose, decision) = best.ok_or(Withheld::Purpose)?;
        let (purpose, reason) = (&purpose.key, decision.reason);
        if decision.allow {
            Ok(Shown { purpose, reason })
        } else {
            Err(Withheld::Person { purpose, reason })
        }
    }
}
