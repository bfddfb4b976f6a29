//! Retention: how long what is known of people is kept, and what happens then.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Sensitivity;
use crate::clock::Timestamp;
use crate::lifecycle::Stage;
use crate::names::named;
use crate::period::Period;

named! {
    /// From when on the time is counted.
    Clock {
        /// Since it was stored.
        Created = "CREATED",
        /// Since the person was seen last.
        LastActivity = "LAST_ACTIVITY",
        /// Since consent ended.
        ConsentEnd = "CONSENT_END",
        /// Since the contract ended.
        ContractEnd = "CONTRACT_END",
        /// Since the end of the fiscal year it belongs to.
        FiscalYearEnd = "FISCAL_YEAR_END",
    }

    /// What happens when the time is over; each is more than the one before it.
    RetentionAction {
        /// It is kept for courts and authorities alone (Ley Orgánica 3/2018, article 32).
        Block = "BLOCK",
        /// It is kept without anything that leads to the person.
        Anonymise = "ANONYMISE",
        /// It is deleted.
        Delete = "DELETE",
    }
}

/// What is kept. In a rule, what is not said covers all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Touchpoints.
    Touchpoint {
        /// Of this name.
        name: Option<String>,
    },
    /// Traits.
    Trait {
        /// Of this sensitivity.
        sensitivity: Option<Sensitivity>,
    },
    /// Whole profiles.
    Profile {
        /// In this lifecycle stage.
        stage: Option<Stage>,
    },
    /// Evidence of consent.
    Evidence,
    /// The addresses and programs within evidence.
    EvidenceTraces,
    /// Requests for a double opt-in that nobody confirmed.
    OptIn,
    /// Entries of the audit log.
    AuditEntry,
}

impl Subject {
    /// Whether a rule for this covers another one, and whether it names it precisely.
    fn covers(&self, other: &Self) -> Option<bool> {
        fn part<T: PartialEq>(rule: Option<&T>, other: Option<&T>) -> Option<bool> {
            match rule {
                None => Some(false),
                Some(_) => (rule == other).then_some(true),
            }
        }
        match (self, other) {
            (Self::Touchpoint { name: rule }, Self::Touchpoint { name }) => {
                part(rule.as_ref(), name.as_ref())
            }
            (Self::Trait { sensitivity: rule }, Self::Trait { sensitivity }) => {
                part(rule.as_ref(), sensitivity.as_ref())
            }
            (Self::Profile { stage: rule }, Self::Profile { stage }) => {
                part(rule.as_ref(), stage.as_ref())
            }
            _ => (self == other).then_some(true),
        }
    }
}

/// A rule: what is kept how long.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRule {
    /// What it is about.
    pub subject: Subject,
    /// From when on the time is counted.
    pub clock: Clock,
    /// How long.
    pub period: Period,
    /// What happens then.
    pub action: RetentionAction,
    /// Why, for people: a law, or a decision of the company.
    pub reason: String,
}

impl RetentionRule {
    /// The rules that a new deployment may begin with.
    pub fn proposed() -> Vec<Self> {
        let rule = |subject, clock, period: Option<Period>, action, reason: &str| {
            period.map(|period| Self {
                subject,
                clock,
                period,
                action,
                reason: reason.to_owned(),
            })
        };
        let months = Period::months;
        let page_views = Subject::Touchpoint {
            name: Some("Page Viewed".to_owned()),
        };
        let stage = |stage| Subject::Profile { stage: Some(stage) };
        let rules = [
            rule(
                page_views,
                Clock::Created,
                months(13),
                RetentionAction::Delete,
                "what was looked at is of no use after 13 months",
            ),
            rule(
                stage(Stage::Anonymous),
                Clock::LastActivity,
                months(13),
                RetentionAction::Delete,
                "who cannot be reached and does not come back",
            ),
            rule(
                stage(Stage::Lead),
                Clock::LastActivity,
                months(24),
                RetentionAction::Delete,
                "who never bought and does not come back",
            ),
            rule(
                Subject::Evidence,
                Clock::ConsentEnd,
                months(36),
                RetentionAction::Delete,
                "infringements prescribe after three years (Ley 34/2002, article 45)",
            ),
            rule(
                Subject::EvidenceTraces,
                Clock::Created,
                Period::days(90),
                RetentionAction::Anonymise,
                "addresses are cut to their network",
            ),
            rule(
                Subject::OptIn,
                Clock::Created,
                Period::days(37),
                RetentionAction::Delete,
                "what nobody confirmed",
            ),
            rule(
                Subject::AuditEntry,
                Clock::Created,
                months(60),
                RetentionAction::Delete,
                "the audit log",
            ),
        ];
        rules.into_iter().flatten().collect()
    }
}

/// Something that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// What it is; fully said.
    pub subject: Subject,
    /// The instants from which time is counted, as far as they have come.
    pub clocks: BTreeMap<Clock, Timestamp>,
    /// What has happened to it already.
    pub done: Option<RetentionAction>,
}

/// What is to happen to something that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// What is due, and the place of the rule that says so; none if nothing is.
    pub due: Option<(RetentionAction, usize)>,
    /// The first instant ahead at which something more will be due; none if nothing will.
    pub next: Option<Timestamp>,
}

/// Decides what is due for something that is kept, at an instant.
///
/// Rules that name it precisely take the place of those that cover all of its kind. Of several that are due the one that does most
/// decides, and what was done before is not done again.
pub fn retention(rules: &[RetentionRule], kept: &Kept, now: Timestamp) -> Retention {
    let covering: Vec<_> = rules
        .iter()
        .enumerate()
        .filter_map(|(place, rule)| {
            let precise = rule.subject.covers(&kept.subject)?;
            Some((precise, place, rule))
        })
        .collect();
    let precise = covering.iter().any(|(precise, ..)| *precise);
    let ends: Vec<_> = covering
        .into_iter()
        .filter(|(named, ..)| *named == precise)
        .filter_map(|(_, place, rule)| {
            let from = kept.clocks.get(&rule.clock)?;
            Some((rule.period.after(*from), rule.action, place))
        })
        .filter(|(_, action, _)| Some(*action) > kept.done)
        .collect();
    let over = ends.iter().filter(|(end, ..)| *end <= now);
    // Of rules that say the same the one whose time was over first is named.
    let due = over
        .max_by_key(|(end, action, place)| (*action, Reverse((*end, *place))))
        .map(|(_, action, place)| (*action, *place));
    let more = |action: RetentionAction| Some(action) > due.map(|(action, _)| action);
    let ahead = ends
        .iter()
        .filter(|(end, action, _)| *end > now && more(*action));
    Retention {
        due,
        next: ahead.map(|(end, ..)| *end).min(),
    }
}
