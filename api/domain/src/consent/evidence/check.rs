//! Which evidence does, and how much of it.

use super::{Actor, CollectionMethod, Evidence, Expression, Origin};
use crate::consent::DecisionKind;

/// The most characters of a name or a reference.
const MAX_NAME_CHARS: usize = 200;

/// The most characters of an address of a page or of a text beside a checkbox.
const MAX_TEXT_CHARS: usize = 2_048;

/// The most fields of a form.
const MAX_FIELDS: usize = 100;

/// Why evidence is not enough, or too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvidenceProblem {
    /// A text is empty or too long, or there are too many fields.
    #[error("{0} is empty, too long, or has the character U+0000")]
    Text(&'static str),
    /// The text that was shown is not named.
    #[error("a grant needs the hash of the text that was shown")]
    NoText,
    /// The checkbox was ticked before the person came.
    #[error("a box that was ticked beforehand is no consent")]
    TickedBefore,
    /// Nobody said so.
    #[error("what follows from something else is no consent")]
    Implied,
    /// The company cannot consent for a person.
    #[error("the company cannot consent for a person")]
    NotThePerson,
    /// A guardian decided and it is not on record that there is one.
    #[error("the consent of a guardian needs a reference to where that is on record")]
    NoGuardian,
    /// Nobody knows where imported consent comes from.
    #[error("imported consent needs its origin and a reference to its proof")]
    NoOrigin,
    /// Bought addresses come without consent.
    #[error("a bought list is no consent")]
    Bought,
}

impl EvidenceProblem {
    /// The field of the evidence that it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Text(field) => field,
            Self::NoText => "text",
            Self::TickedBefore => "form",
            Self::Implied => "expression",
            Self::NotThePerson => "actor",
            Self::NoGuardian => "guardian",
            Self::NoOrigin | Self::Bought => "origin",
        }
    }
}

impl Evidence {
    /// Everything that is wrong with it as evidence of a decision of this kind. Whoever refuses has to show nothing.
    pub fn check(&self, kind: DecisionKind) -> Vec<EvidenceProblem> {
        let mut problems = self.check_sizes();
        if self.origin == Some(Origin::Bought) && !kind.refuses() {
            problems.push(EvidenceProblem::Bought);
        }
        if kind == DecisionKind::Granted {
            self.check_grant(&mut problems);
        }
        problems
    }

    fn check_grant(&self, problems: &mut Vec<EvidenceProblem>) {
        use CollectionMethod as Method;
        let import = self.collection_method == Method::Import;
        let shown = !matches!(
            self.collection_method,
            Method::Import | Method::Signal | Method::Provider
        );
        let ticked = self.form.as_ref().is_some_and(|form| form.ticked_before);
        let guardian = self.actor == Actor::Guardian && self.guardian.is_none();
        let unproven = self.origin.is_none() || self.proof.is_none();
        let findings = [
            (shown && self.text.is_none(), EvidenceProblem::NoText),
            (ticked, EvidenceProblem::TickedBefore),
            (
                self.expression == Expression::Implied,
                EvidenceProblem::Implied,
            ),
            (
                self.actor == Actor::Controller,
                EvidenceProblem::NotThePerson,
            ),
            (guardian, EvidenceProblem::NoGuardian),
            (import && unproven, EvidenceProblem::NoOrigin),
        ];
        let wrong = findings.into_iter().filter(|(wrong, _)| *wrong);
        problems.extend(wrong.map(|(_, problem)| problem));
    }

    fn check_sizes(&self) -> Vec<EvidenceProblem> {
        let fits = |text: &str, most: usize| {
            !text.is_empty() && text.chars().take(most + 1).count() <= most && !text.contains('\0')
        };
        let form = self.form.as_ref();
        let confirmation = self.confirmation.as_ref();
        let names = [
            ("collected_by", Some(&self.collected_by)),
            ("guardian", self.guardian.as_ref()),
            ("form", form.map(|form| &form.id)),
            ("form", form.map(|form| &form.version)),
        ];
        let texts = [
            ("page_url", self.page_url.as_ref()),
            ("user_agent", self.user_agent.as_ref()),
            ("proof", self.proof.as_ref()),
            ("form", form.and_then(|form| form.checkbox_text.as_ref())),
            (
                "confirmation",
                confirmation.and_then(|half| half.user_agent.as_ref()),
            ),
        ];
        let long = |most: usize| {
            move |(field, text): (&'static str, Option<&String>)| {
                let wrong = text.is_some_and(|text| !fits(text, most));
                wrong.then_some(EvidenceProblem::Text(field))
            }
        };
        let mut problems: Vec<_> = names
            .into_iter()
            .filter_map(long(MAX_NAME_CHARS))
            .chain(texts.into_iter().filter_map(long(MAX_TEXT_CHARS)))
            .collect();
        let fields = form.map(|form| form.fields.as_slice()).unwrap_or_default();
        if fields.len() > MAX_FIELDS || !fields.iter().all(|field| fits(field, MAX_NAME_CHARS)) {
            problems.push(EvidenceProblem::Text("form"));
        }
        problems.dedup();
        problems
    }
}
