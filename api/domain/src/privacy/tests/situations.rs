//! What else may be known of a person, down the decision table.

use chrono::NaiveDate;

use super::sample::{Facts, objection, suppression};
use crate::clock::Timestamp;
use crate::condition::evaluate::Known;
use crate::consent::Purpose;
use crate::consent::tests::sample::day;
use crate::privacy::{Covered, ObjectionScope, Sale, SuppressionReason};
use crate::touchpoint::Channel;

/// What a situation adds to what is known of a person who is asked about for a purpose.
pub(super) type Change = fn(&mut Facts, &Purpose);

/// What else is known of the person.
pub(super) const SITUATIONS: [(&str, Change); 37] = [
    ("nothing else", |_, _| {}),
    ("erased", |one, _| one.erased = true),
    ("tombstone", |one, _| {
        suppress(
            one,
            SuppressionReason::Erasure,
            Covered::Everything,
            None,
            70,
        );
    }),
    ("tombstone, confirmed later", |one, _| {
        suppress(
            one,
            SuppressionReason::Erasure,
            Covered::Everything,
            None,
            40,
        );
    }),
    ("restricted", |one, _| one.restricted_since = Some(day(70))),
    ("unsubscribed from it", |one, purpose| {
        unsubscribe(one, purpose, 70);
    }),
    ("unsubscribed before", |one, purpose| {
        unsubscribe(one, purpose, 40);
    }),
    ("unsubscribed by phone", |one, _| {
        suppress(
            one,
            SuppressionReason::Unsubscribe,
            Covered::Everything,
            Some(Channel::Phone),
            70,
        );
    }),
    ("complained", |one, _| {
        suppress(
            one,
            SuppressionReason::Complaint,
            Covered::Marketing,
            Some(Channel::Email),
            70,
        );
    }),
    ("address bounces", |one, _| {
        suppress(
            one,
            SuppressionReason::HardBounce,
            Covered::Everything,
            Some(Channel::Email),
            70,
        );
    }),
    ("bounced till yesterday", |one, _| {
        suppress(
            one,
            SuppressionReason::HardBounce,
            Covered::Everything,
            Some(Channel::Email),
            70,
        );
        one.suppressions[0].expires_at = Some(day(99));
    }),
    ("deceased", |one, _| {
        suppress(
            one,
            SuppressionReason::Deceased,
            Covered::Everything,
            None,
            70,
        );
    }),
    ("lifted", |one, _| {
        suppress(
            one,
            SuppressionReason::Objection,
            Covered::Marketing,
            None,
            70,
        );
        one.suppressions[0].lifted_at = Some(day(80));
    }),
    ("objects to marketing", |one, _| {
        one.objections = vec![objection(ObjectionScope::Marketing, day(70))];
    }),
    ("and keeps this", |one, purpose| {
        one.objections = vec![objection(ObjectionScope::Marketing, day(70))];
        one.objections[0].keeps.insert(purpose.key.clone());
    }),
    ("objected before", |one, _| {
        one.objections = vec![objection(ObjectionScope::Marketing, day(40))];
    }),
    ("objects to profiling", |one, _| {
        one.objections = vec![objection(ObjectionScope::Profiling, day(70))];
    }),
    ("to automated decisions", |one, _| {
        one.objections = vec![objection(ObjectionScope::AutomatedDecisions, day(70))];
    }),
    ("objects to everything", |one, _| {
        one.objections = vec![objection(ObjectionScope::All, day(70))];
    }),
    ("13 years old", |one, _| one.born = born(2012, 4, 12)),
    ("14 today", |one, _| one.born = born(2012, 4, 11)),
    ("14 before consenting", |one, _| {
        one.born = born(2012, 2, 20);
    }),
    ("signals privacy", |one, _| one.gpc_since = Some(day(70))),
    ("signalled before", |one, _| one.gpc_since = Some(day(40))),
    ("order to be served", |one, _| contract(one, None)),
    ("order served yesterday", |one, _| {
        contract(one, Some(day(99)));
    }),
    ("customer", |one, _| sale(one, 90, true)),
    ("customer, could not refuse", |one, _| sale(one, 90, false)),
    ("customer long ago", |one, _| sale(one, -265, true)),
    ("erased, restricted", |one, _| {
        (one.erased, one.restricted_since) = (true, Some(day(70)));
    }),
    ("restricted, unsubscribed", |one, purpose| {
        one.restricted_since = Some(day(70));
        unsubscribe(one, purpose, 70);
    }),
    ("unsubscribed, objects", |one, purpose| {
        unsubscribe(one, purpose, 70);
        one.objections = vec![objection(ObjectionScope::All, day(70))];
    }),
    ("objects, 13 years old", |one, _| {
        one.objections = vec![objection(ObjectionScope::All, day(70))];
        one.born = born(2012, 4, 12);
    }),
    ("13 years old, order", |one, _| {
        one.born = born(2012, 4, 12);
        contract(one, None);
    }),
    ("order, signals privacy", |one, _| {
        contract(one, None);
        one.gpc_since = Some(day(70));
    }),
    ("customer, bounces", |one, _| {
        sale(one, 90, true);
        suppress(
            one,
            SuppressionReason::HardBounce,
            Covered::Everything,
            Some(Channel::Email),
            70,
        );
    }),
    ("customer, objects", |one, _| {
        sale(one, 90, true);
        one.objections = vec![objection(ObjectionScope::Marketing, day(70))];
    }),
];

fn suppress(
    one: &mut Facts,
    reason: SuppressionReason,
    of: Covered,
    channel: Option<Channel>,
    since: i64,
) {
    one.suppressions = vec![suppression(reason, of, channel, day(since))];
}

fn unsubscribe(one: &mut Facts, purpose: &Purpose, since: i64) {
    let of = Covered::Purpose(purpose.key.clone());
    suppress(one, SuppressionReason::Unsubscribe, of, None, since);
}

fn born(year: i32, month: u32, day: u32) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month, day)
}

fn contract(one: &mut Facts, until: Option<Timestamp>) {
    one.contract = Known { value: true, until };
}

fn sale(one: &mut Facts, at: i64, could_refuse: bool) {
    one.sale = Some(Sale {
        last_order: day(at),
        could_refuse,
    });
}
