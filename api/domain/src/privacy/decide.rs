//! The one decision: whether data of a person may be used for a purpose, on a channel, at an instant.
//!
//! Rules are asked in their order, and the first that says something decides:
//!
//! 1. Who was erased is nobody.
//! 2. What is restricted serves the person's rights alone.
//! 3. What is suppressed for an identifier stays so until a double opt-in for the same purpose is confirmed later.
//! 4. What the person objects to is not done.
//! 5. Who is too young does not decide.
//! 6. What serves a contract, the law, a life or a public task goes on.
//! 7. Who sends the Global Privacy Control signal gets no advertising without a later explicit consent.
//! 8. What the person consents to is done.
//! 9. So is what the company has an interest in and the person did not refuse, and so are offers of similar products to customers who
//!    could refuse them.
//! 10. Nothing else is.

use super::{Person, Reason, Suppression, SuppressionReason};
use crate::clock::Timestamp;
use crate::consent::{Basis, Category, DecisionKind, Purpose, State, Status, takes_soft_opt_in};
use crate::id::ConsentRecordId;
use crate::touchpoint::Channel;

/// Whether something may be done, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub allow: bool,
    /// Why, or why not.
    pub reason: Reason,
    /// On what it rests, where it may be done.
    pub basis: Option<Basis>,
    /// The record of consent that decided, where one did.
    pub evidence: Option<ConsentRecordId>,
    /// An instant up to which time alone does not change the decision; none if it never does. Whoever keeps the decision asks again
    /// at it.
    pub until: Option<Timestamp>,
}

/// Decides whether data of a person may be used for a purpose, on a channel, at an instant.
///
/// Without a channel, a purpose that is decided by channel may be served if it may be on one of them. A purpose that is decided once is
/// so whatever the channel.
pub fn decide(
    person: &Person<'_>,
    purpose: &Purpose,
    channel: Option<Channel>,
    now: Timestamp,
) -> Decision {
    if purpose.channels.is_empty() || channel.is_some() {
        return Question::new(person, purpose, channel, now).decide();
    }
    let on = |channel: &Channel| Question::new(person, purpose, Some(*channel), now).decide();
    let all: Vec<_> = purpose.channels.iter().map(on).collect();
    let until = all.iter().filter_map(|decision| decision.until).min();
    let best = all
        .into_iter()
        .max_by_key(|decision| decision.reason.rank());
    let best = best.unwrap_or_else(|| Question::new(person, purpose, channel, now).decide());
    Decision { until, ..best }
}

/// One question about a person.
struct Question<'a> {
    person: &'a Person<'a>,
    purpose: &'a Purpose,
    channel: Option<Channel>,
    now: Timestamp,
    consent: State,
}

/// What a rule says: allowed or not, why, and on which record.
type Said = (bool, Reason, Option<ConsentRecordId>);

impl<'a> Question<'a> {
    fn new(
        person: &'a Person<'a>,
        purpose: &'a Purpose,
        channel: Option<Channel>,
        now: Timestamp,
    ) -> Self {
        let decided_on = channel.filter(|_| !purpose.channels.is_empty());
        Self {
            person,
            purpose,
            channel,
            now,
            consent: person.consents.state(&purpose.key, decided_on),
        }
    }

    fn decide(&self) -> Decision {
        let rules = [
            Self::erased,
            Self::restricted,
            Self::suppressed,
            Self::objected,
            Self::minor,
            Self::other_channel,
            Self::necessary,
            Self::gpc,
            Self::consent,
            Self::interest,
        ];
        let said = rules.iter().find_map(|rule| rule(self));
        let (allow, reason, evidence) = said.unwrap_or_else(|| self.otherwise());
        Decision {
            allow,
            reason,
            basis: allow.then_some(match reason {
                // Article 6(1)(f): what Ley 34/2002, article 21.2, allows is such an interest.
                Reason::SoftOptIn => Basis::LegitimateInterest,
                _ => self.purpose.basis,
            }),
            evidence,
            until: self.until(),
        }
    }

    fn erased(&self) -> Option<Said> {
        let mut rows = self.suppressions();
        let erased = self.person.erased || rows.any(|row| row.reason == SuppressionReason::Erasure);
        erased.then_some((false, Reason::Erased, None))
    }

    fn restricted(&self) -> Option<Said> {
        let restricted = self
            .person
            .restricted_since
            .is_some_and(|since| since <= self.now);
        (restricted && self.purpose.category != Category::Rights).then_some((
            false,
            Reason::Restricted,
            None,
        ))
    }

    fn suppressed(&self) -> Option<Said> {
        let row = self.suppressions().min_by_key(|row| row.reason)?;
        Some((false, Reason::Suppressed(row.reason), None))
    }

    /// What is suppressed for the purpose and no later confirmation of it lifts.
    fn suppressions(&self) -> impl Iterator<Item = &Suppression> {
        let grant = self.consent.grant(self.now);
        self.person.suppressions.iter().filter(move |row| {
            row.covers(self.purpose, self.channel, self.now)
                && !grant.is_some_and(|grant| row.is_lifted_by(&grant))
        })
    }

    fn objected(&self) -> Option<Said> {
        let mut objections = self.person.objections.iter();
        objections
            .any(|objection| objection.covers(self.purpose, self.now))
            .then_some((false, Reason::Objected, None))
    }

    fn minor(&self) -> Option<Said> {
        let years = self.purpose.minimum_age?;
        let grant = self.consent.grant(self.now);
        if grant.is_some_and(|grant| grant.by_guardian) {
            return None;
        }
        // What a child consented to is not made good by a birthday.
        let then = grant.map_or(self.now, |grant| grant.at.min(self.now));
        self.person
            .is_below(years, then)
            .then_some((false, Reason::Minor, None))
    }

    fn other_channel(&self) -> Option<Said> {
        let other = !self.purpose.channels.is_empty() && !self.purpose.has_channel(self.channel);
        other.then_some((false, Reason::OtherChannel, None))
    }

    fn necessary(&self) -> Option<Said> {
        match self.purpose.basis {
            Basis::Contract if self.in_contract() => Some((true, Reason::Contract, None)),
            Basis::LegalObligation | Basis::VitalInterest => Some((true, Reason::Obligation, None)),
            Basis::PublicTask if self.consent.refusal().is_none() => {
                Some((true, Reason::Obligation, None))
            }
            _ => None,
        }
    }

    fn gpc(&self) -> Option<Said> {
        let since = self.person.gpc_since?;
        let later = |grant: crate::consent::Decided| grant.explicit && grant.at > since;
        let overridden = self.consent.grant(self.now).is_some_and(later);
        (self.purpose.category == Category::Advertising && !overridden).then_some((
            false,
            Reason::Gpc,
            None,
        ))
    }

    fn consent(&self) -> Option<Said> {
        let grant = self.consent.grant(self.now)?;
        (self.purpose.basis == Basis::Consent).then_some((
            true,
            Reason::Consent,
            Some(grant.record),
        ))
    }

    /// What the person need not ask for, as long as they did not refuse it.
    fn interest(&self) -> Option<Said> {
        if self.consent.refusal().is_some() {
            return None;
        }
        if self.purpose.basis == Basis::LegitimateInterest {
            return Some((true, Reason::LegitimateInterest, None));
        }
        let sale = self.person.sale.filter(|sale| sale.could_refuse)?;
        let end = self.soft_opt_in_end()?;
        (sale.last_order <= self.now && self.now < end).then_some((true, Reason::SoftOptIn, None))
    }

    fn otherwise(&self) -> Said {
        if self.purpose.basis != Basis::Consent {
            // Whoever refused and asked since still refuses, as asking counts for consent alone.
            let refusal = self.consent.refusal();
            let reason = match refusal.map(|refusal| refusal.kind) {
                Some(DecisionKind::Denied) => Reason::ConsentDenied,
                Some(_) => Reason::ConsentWithdrawn,
                None => Reason::NoBasis,
            };
            return (false, reason, refusal.map(|refusal| refusal.record));
        }
        let record = self.consent.record(self.now);
        let reason = match self.consent.status(self.now) {
            Status::Denied => Reason::ConsentDenied,
            Status::Withdrawn => Reason::ConsentWithdrawn,
            Status::Pending => Reason::ConsentPending,
            Status::Expired => Reason::ConsentExpired,
            Status::None | Status::Granted => Reason::ConsentMissing,
        };
        (false, reason, record)
    }

    fn in_contract(&self) -> bool {
        let contract = self.person.contract;
        contract.value && contract.until.is_none_or(|until| self.now < until)
    }

    /// When offers to a customer who was not asked end; none if there are none on the channel.
    fn soft_opt_in_end(&self) -> Option<Timestamp> {
        let period = self.purpose.soft_opt_in?;
        let offers = self.purpose.category == Category::Offers;
        let channel = self.channel.filter(|channel| takes_soft_opt_in(*channel));
        let sale = self.person.sale.filter(|_| offers && channel.is_some())?;
        Some(period.after(sale.last_order))
    }

    /// The earliest instant ahead at which anything that the rules look at changes with time.
    fn until(&self) -> Option<Timestamp> {
        let person = self.person;
        let years = self.purpose.minimum_age;
        let suppressions = person
            .suppressions
            .iter()
            .flat_map(|row| [Some(row.since), row.expires_at, row.lifted_at]);
        let objections = person
            .objections
            .iter()
            .map(|objection| Some(objection.since));
        let others = [
            person.restricted_since,
            person.contract.until,
            years.and_then(|years| person.is_of_age_from(years)),
            person.sale.map(|sale| sale.last_order),
            self.soft_opt_in_end(),
            self.consent.until(self.now),
        ];
        let all = suppressions.chain(objections).chain(others).flatten();
        all.filter(|at| *at > self.now).min()
    }
}
