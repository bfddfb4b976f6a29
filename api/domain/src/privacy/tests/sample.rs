//! Hand-made and generated persons.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::clock::Timestamp;
use crate::condition::evaluate::Known;
use crate::consent::tests::generate::{DAYS, decisions, numbered};
use crate::consent::tests::sample::{day, key, offers, purpose};
use crate::consent::{Basis, Category, Consents, Decision as Consent, Linked, Purpose};
use crate::hash::Hash256;
use crate::identity::{Namespace, Trust};
use crate::period::Period;
use crate::privacy::{
    Covered, Objection, ObjectionScope, Person, Sale, Scope, Suppression, SuppressionReason,
};
use crate::touchpoint::Channel;

/// What is known of one person, as values that can be changed.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) decisions: Vec<(Consent, Trust)>,
    pub(super) erased: bool,
    pub(super) restricted_since: Option<Timestamp>,
    pub(super) suppressions: Vec<Suppression>,
    pub(super) objections: Vec<Objection>,
    pub(super) born: Option<NaiveDate>,
    pub(super) contract: Known<bool>,
    pub(super) gpc_since: Option<Timestamp>,
    pub(super) sale: Option<Sale>,
    pub(super) namespaces: BTreeSet<Namespace>,
}

impl Facts {
    /// A person of whom only an email address is known.
    pub(super) fn nobody() -> Self {
        Self {
            decisions: vec![],
            erased: false,
            restricted_since: None,
            suppressions: vec![],
            objections: vec![],
            born: None,
            contract: Known {
                value: false,
                until: None,
            },
            gpc_since: None,
            sale: None,
            namespaces: [Namespace::email()].into(),
        }
    }

    /// Asks something about the person, with their consent as of an instant.
    pub(super) fn ask<T>(
        &self,
        purposes: &[Purpose],
        now: Timestamp,
        question: impl FnOnce(&Person<'_>) -> T,
    ) -> T {
        let linked: Vec<_> = self
            .decisions
            .iter()
            .map(|(decision, trust)| Linked {
                decision,
                trust: *trust,
            })
            .collect();
        let consents = Consents::of(purposes, &linked, now);
        question(&Person {
            erased: self.erased,
            restricted_since: self.restricted_since,
            suppressions: &self.suppressions,
            objections: &self.objections,
            born: self.born,
            contract: self.contract,
            gpc_since: self.gpc_since,
            sale: self.sale,
            ..Person::new(&consents, &self.namespaces, chrono_tz::Europe::Madrid)
        })
    }
}

pub(super) fn suppression(
    reason: SuppressionReason,
    of: Covered,
    channel: Option<Channel>,
    since: Timestamp,
) -> Suppression {
    Suppression {
        key: 1,
        hash: Hash256::ZERO,
        namespace: Namespace::email(),
        scope: Scope { of, channel },
        reason,
        since,
        expires_at: None,
        lifted_at: None,
    }
}

pub(super) fn objection(scope: ObjectionScope, since: Timestamp) -> Objection {
    Objection {
        scope,
        since,
        keeps: [].into(),
    }
}

/// Offers that customers get without having been asked, for a year after a purchase.
pub(super) fn soft_offers() -> Purpose {
    Purpose {
        soft_opt_in: Period::months(12),
        ..offers()
    }
}

/// A purpose that rests on an interest of the company.
pub(super) fn research() -> Purpose {
    Purpose {
        key: key("research"),
        category: Category::Other,
        basis: Basis::LegitimateInterest,
        valid_for: None,
        minimum_age: None,
        ..purpose(Category::Analytics)
    }
}

/// Purposes of every kind. All decisions that are generated are about the one that is asked for.
pub(super) fn a_purpose() -> impl Strategy<Value = Purpose> {
    let mut all = crate::consent::ready_made();
    all.extend([crate::consent::rights(), soft_offers(), research()]);
    select(all)
}

fn instant() -> impl Strategy<Value = Timestamp> {
    (0..DAYS).prop_map(day)
}

pub(super) fn a_suppression(purpose: &Purpose) -> impl Strategy<Value = Suppression> + use<> {
    let covered = vec![
        Covered::Everything,
        Covered::Marketing,
        Covered::Purpose(purpose.key.clone()),
        Covered::Purpose(key("another")),
    ];
    (
        select(SuppressionReason::ALL),
        select(covered),
        option::of(select(vec![Channel::Email, Channel::Phone])),
        instant(),
        option::of(instant()),
        option::of(instant()),
    )
        .prop_map(
            |(reason, of, channel, since, expires_at, lifted_at)| Suppression {
                expires_at,
                lifted_at,
                ..suppression(reason, of, channel, since)
            },
        )
}

pub(super) fn an_objection(purpose: &Purpose) -> impl Strategy<Value = Objection> + use<> {
    let keeps = option::of(Just(purpose.key.clone()));
    (select(ObjectionScope::ALL), instant(), keeps).prop_map(|(scope, since, keeps)| Objection {
        scope,
        since,
        keeps: keeps.into_iter().collect(),
    })
}

/// A person of whom much may be known, with decisions about a purpose.
pub(super) fn a_person(purpose: &Purpose) -> impl Strategy<Value = Facts> + use<> {
    let about = purpose.clone();
    let decided = decisions().prop_map(move |decisions| {
        let about = &about;
        let mut decisions = numbered(decisions);
        for (decision, _) in &mut decisions {
            decision.purpose = about.key.clone();
            decision.channel = decision.channel.filter(|_| !about.channels.is_empty());
        }
        decisions
    });
    // Who is 14 within the days in which all of it happens.
    let born = (0..DAYS).prop_map(|days| {
        let birth = NaiveDate::from_ymd_opt(2012, 1, 1).unwrap();
        birth + chrono::Days::new(u64::try_from(days).unwrap())
    });
    let sale = (instant(), any::<bool>()).prop_map(|(last_order, could_refuse)| Sale {
        last_order,
        could_refuse,
    });
    let contract = (any::<bool>(), option::of(instant()));
    (
        decided,
        prop::bool::weighted(0.1),
        option::weighted(0.1, instant()),
        vec(a_suppression(purpose), 0..2),
        vec(an_objection(purpose), 0..2),
        option::weighted(0.3, born),
        contract,
        option::weighted(0.3, instant()),
        option::of(sale),
        any::<bool>(),
    )
        .prop_map(
            |(
                decisions,
                erased,
                restricted_since,
                suppressions,
                objections,
                born,
                (value, until),
                gpc_since,
                sale,
                reachable,
            )| Facts {
                decisions,
                erased,
                restricted_since,
                suppressions,
                objections,
                born,
                contract: Known { value, until },
                gpc_since,
                sale,
                namespaces: reachable.then(Namespace::email).into_iter().collect(),
            },
        )
}
