//! Tests of the day in the year on which something happened.

use std::collections::BTreeMap;

use chrono_tz::TZ_VARIANTS;
use lazo_domain::condition::AnniversaryTest;
use lazo_domain::condition::evaluate::{local_day, near_days};
use lazo_domain::profile::TIME_ZONE;

use super::Scope;
use super::traits::table;
use crate::db::Part;

/// What is left out around a date: all that Unicode says is white space.
const SPACE: &str = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{2001}\u{2002}\u{2003}\u{2004}\u{2005}\u{2006}\u{2007}\u{2008}\u{2009}\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}";

/// The day in the year of a trait `v` whose text without white space around it is `w`: `MM-DD`.
const DAY: &str = "(CASE WHEN substr(v.word, 1, 2) = '--' THEN (CASE length(v.word) WHEN 7 THEN substr(v.word, 3, 5) \
    WHEN 6 THEN substr(v.word, 3, 2) || '-' || substr(v.word, 5, 2) END) \
    WHEN v.time IS NOT NULL AND substr(v.word, 5, 1) = '-' THEN substr(v.word, 6, 5) END)";

/// At an instant it is one of at most three days on Earth. Which days in the year are near is known for each of them beforehand, and in
/// which zones it is which.
pub(super) fn compile(test: &AnniversaryTest, scope: &Scope<'_>) -> Part {
    let Some(today) = local_day(scope.now, scope.time_zone) else {
        return Part::truth(false);
    };
    let mut elsewhere: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for zone in TZ_VARIANTS {
        if let Some(day) = local_day(scope.now, zone).filter(|day| *day != today) {
            let zones = elsewhere.entry(day).or_default();
            zones.push(zone.name().to_ascii_lowercase());
        }
    }
    let engine = scope.engine;
    let is_near = |day| engine.is_text_of(Part::new("d.day"), &near_days(test.within_days, day));
    let is_in = |zones: &[String]| {
        let is_in = engine.is_text_of(Part::new("d.zone"), zones);
        Part::fill("coalesce({}, FALSE)", [is_in])
    };
    let others: Vec<_> = elsewhere.values().flatten().cloned().collect();
    let here = Part::all([is_in(&others).negated(), is_near(today)]);
    let there = elsewhere
        .iter()
        .map(|(day, zones)| Part::all([is_in(zones), is_near(*day)]));
    let passes = Part::any([here].into_iter().chain(there));
    let (dates, zones) = (table(&test.name, scope), table(TIME_ZONE, scope));
    let words = Part::fill(
        &format!(
            "SELECT v.profile_id, v.time, ltrim(rtrim(v.text, {{}}), {{}}) AS word, z.text AS zone FROM {dates} AS v \
             LEFT JOIN {zones} AS z ON z.profile_id = v.profile_id AND z.name = {{}} AND z.position = 0 \
             WHERE v.name = {{}} AND v.text IS NOT NULL"
        ),
        [
            Part::value(SPACE),
            Part::value(SPACE),
            Part::value(TIME_ZONE),
            Part::value(test.name.as_str()),
        ],
    );
    Part::fill(
        &format!(
            "p.id IN (SELECT d.profile_id FROM (SELECT v.profile_id, v.zone, {DAY} AS day FROM ({{}}) AS v) AS d WHERE {{}})"
        ),
        [words, passes],
    )
}
