//! What is known of a person that decides what may be done with the rest.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{Months, NaiveDate, TimeZone};
use chrono_tz::Tz;

use super::{Objection, Suppression};
use crate::clock::Timestamp;
use crate::condition::evaluate::{Known, local_day};
use crate::consent::Consents;
use crate::identity::Namespace;

/// What is known of one person that privacy is decided by.
#[derive(Clone)]
pub struct Person<'a> {
    /// Whether the person was erased, or an identifier of theirs is that of one who was.
    pub erased: bool,
    /// Since when use is restricted (Regulation (EU) 2016/679, article 18).
    pub restricted_since: Option<Timestamp>,
    /// What is suppressed for one of their identifiers.
    pub suppressions: &'a [Suppression],
    /// What they object to.
    pub objections: &'a [Objection],
    /// Their consent.
    pub consents: &'a Consents,
    /// The day they were born, if that is known.
    pub born: Option<NaiveDate>,
    /// The time zone in which their day begins.
    pub time_zone: Tz,
    /// Whether there is an order, a contract or an enquiry to be served.
    pub contract: Known<bool>,
    /// Since when one of their devices sends the Global Privacy Control signal; of several devices since when the last one does.
    pub gpc_since: Option<Timestamp>,
    /// The sale by which they became a customer who may get offers of similar products; none if there is no such sale.
    pub sale: Option<Sale>,
    /// The namespaces of their identifiers.
    pub namespaces: &'a BTreeSet<Namespace>,
}

/// A sale in which an address was got and a way to refuse offers was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// When the person bought last.
    pub last_order: Timestamp,
    /// Whether the address was got in a sale where the person could refuse offers, simply and free of charge.
    pub could_refuse: bool,
}

impl<'a> Person<'a> {
    /// A person of whom nothing else is known.
    pub fn new(consents: &'a Consents, namespaces: &'a BTreeSet<Namespace>, zone: Tz) -> Self {
        Self {
            erased: false,
            restricted_since: None,
            suppressions: &[],
            objections: &[],
            consents,
            born: None,
            time_zone: zone,
            contract: Known {
                value: false,
                until: None,
            },
            gpc_since: None,
            sale: None,
            namespaces,
        }
    }

    /// The beginning of the day on which the person comes to be so many years old; none if it is not known when they were born.
    ///
    /// Who was born on 29 February comes of age on 1 March in common years.
    pub(super) fn is_of_age_from(&self, years: u8) -> Option<Timestamp> {
        let months = Months::new(u32::from(years).saturating_mul(12));
        let day = self.born?.checked_add_months(months)?;
        let same = chrono::Datelike::day(&day) == chrono::Datelike::day(&self.born?);
        let day = if same { day } else { day.succ_opt()? };
        Some(begin(day, self.time_zone))
    }

    /// Whether an instant lies before the person comes to be so many years old.
    pub(super) fn is_below(&self, years: u8, at: Timestamp) -> bool {
        self.is_of_age_from(years).is_some_and(|from| at < from)
    }
}

/// The first instant of a day in a zone; where clocks are moved over midnight, the first that there is.
pub(super) fn begin(day: NaiveDate, zone: Tz) -> Timestamp {
    let midnight = day.and_time(chrono::NaiveTime::MIN);
    let hours = (0..=3).filter_map(|hours| {
        let time = midnight.checked_add_signed(chrono::TimeDelta::hours(hours))?;
        zone.from_local_datetime(&time).earliest()
    });
    let first = hours.map(|time| Timestamp::from(time.to_utc())).next();
    first.unwrap_or_else(|| Timestamp::from(midnight.and_utc()))
}

/// The day of an instant in a zone; beyond the years that calendars have, the last or the first of them in UTC.
pub(super) fn day(at: Timestamp, zone: Tz) -> NaiveDate {
    local_day(at, zone).unwrap_or_else(|| at.to_datetime().date_naive())
}

/// Shows nothing of who it is.
impl fmt::Debug for Person<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("erased", &self.erased)
            .field("restricted_since", &self.restricted_since)
            .field("objections", &self.objections.len())
            .field("suppressions", &self.suppressions.len())
            .finish_non_exhaustive()
    }
}
