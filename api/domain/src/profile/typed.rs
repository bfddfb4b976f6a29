//! Typed rows: the current traits as rows with columns by type, so that queries can compare them.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use serde_json::Value;

use super::{Traits, fold_text};
use crate::clock::Timestamp;

/// The most characters of a folded text in a row; what is longer is cut.
pub const MAX_TEXT_CHARS: usize = 512;

/// The most bytes of a folded text in a row; what is longer is cut before the character that passes it.
///
/// With [`MAX_NAME_BYTES`] it keeps an entry of the index of texts below the 2,704 bytes that `PostgreSQL` takes
/// (<https://www.postgresql.org/docs/current/btree.html>).
pub const MAX_TEXT_BYTES: usize = 1_024;

/// The most bytes of the name of a row; values with a longer one have no row.
pub const MAX_NAME_BYTES: usize = 400;

/// The most rows of one profile; the traits first by name come first.
pub const MAX_ROWS: usize = 1_000;

/// The most elements of one list that get a row.
pub(crate) const MAX_ELEMENTS: usize = 50;

/// The most names in the path to a value, joined with dots.
pub(crate) const MAX_DEPTH: usize = 4;

/// One value of a trait, in the column of its type. (`name`, `position`) is unique for a profile.
#[derive(Clone, PartialEq)]
pub struct TypedRow {
    /// The name of the trait; for a value inside an object the path to it, joined with dots: `address.city`.
    pub name: String,
    /// The place among the values of this name, from 0.
    pub position: u32,
    /// A text, folded by [`fold_text()`] and cut to [`MAX_TEXT_CHARS`] characters and [`MAX_TEXT_BYTES`] bytes.
    pub text: Option<String>,
    /// A number. A text of digits is a text.
    pub number: Option<f64>,
    /// The instant that a text names, beside the text: RFC 3339, or a date or a date and time without offset, which are UTC.
    pub time: Option<Timestamp>,
    /// A truth value.
    pub truth: Option<bool>,
}

/// The rows of the current traits.
///
/// A scalar is one row, a list one row for each scalar in it (the first 50), an object the rows of its members with dotted names
/// (down to four names). Null has no row. Values that are deeper, values whose dotted name is longer than [`MAX_NAME_BYTES`], and
/// lists and objects inside lists, have no rows: they are kept with the trait and cannot be queried.
pub fn typed_rows(traits: &Traits) -> Vec<TypedRow> {
    let current = traits.current();
    typed_rows_of(current.map(|(name, state)| (name, &state.value)))
}

/// The rows of any values with names, by the rules of [`typed_rows`]; of more than [`MAX_ROWS`] those given first are kept.
pub fn typed_rows_of<'v>(values: impl IntoIterator<Item = (&'v str, &'v Value)>) -> Vec<TypedRow> {
    let mut rows = Rows::default();
    for (name, value) in values {
        rows.add(name, value, 1);
    }
    rows.done
}

#[derive(Default)]
struct Rows {
    done: Vec<TypedRow>,
    // A trait named `a.b` and the member `b` of a trait `a` have one name: their positions must differ.
    positions: BTreeMap<String, u32>,
}

impl Rows {
    fn add(&mut self, name: &str, value: &Value, depth: usize) {
        if name.len() > MAX_NAME_BYTES {
            return;
        }
        match value {
            Value::Object(members) if depth < MAX_DEPTH => {
                // Sorted, because the order of members depends on how JSON was read.
                let members: BTreeMap<&String, &Value> = members.iter().collect();
                for (member, value) in members {
                    self.add(&format!("{name}.{member}"), value, depth + 1);
                }
            }
            Value::Array(elements) => {
                let scalars = elements
                    .iter()
                    .filter(|element| !element.is_array() && !element.is_object());
                for element in scalars.take(MAX_ELEMENTS) {
                    self.add_scalar(name, element);
                }
            }
            Value::Object(_) => {}
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.add_scalar(name, value);
            }
        }
    }

    fn add_scalar(&mut self, name: &str, value: &Value) {
        if value.is_null() || self.done.len() >= MAX_ROWS {
            return;
        }
        let next = self.positions.entry(name.to_owned()).or_default();
        let position = *next;
        *next = next.saturating_add(1);
        let text = value.as_str();
        self.done.push(TypedRow {
            name: name.to_owned(),
            position,
            text: text.map(|text| cut(fold_text(text))),
            number: value.as_f64(),
            time: text.and_then(read_time),
            truth: value.as_bool(),
        });
    }
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_TEXT_CHARS) {
        text.truncate(end);
    }
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text
}

/// The instant that a text names.
pub(super) fn read_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // Every form below begins with the four digits of a year and a dash.
    if text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let midnight = |date: NaiveDate| date.and_hms_opt(0, 0, 0);
    text.parse::<Timestamp>().ok().or_else(|| {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .and_then(midnight)
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok())
            .or_else(|| NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f").ok())
            .map(|time| time.and_utc().into())
    })
}

/// Shows the name of the trait and not its value.
impl std::fmt::Debug for TypedRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TypedRow")
            .field("name", &self.name)
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::tests::traits;
    use rstest::rstest;
    use serde_json::json;

    fn rows(values: &Value) -> Vec<TypedRow> {
        typed_rows(&traits(values))
    }

    fn paths(values: &Value) -> Vec<(String, u32)> {
        rows(values)
            .into_iter()
            .map(|row| (row.name, row.position))
            .collect()
    }

    #[test]
    fn each_value_has_the_column_of_its_type() {
        let rows = rows(&json!({"city": "Málaga", "age": 42, "vip": true, "gone": null}));
        let columns: Vec<_> = rows
            .iter()
            .map(|row| {
                (
                    row.name.as_str(),
                    row.text.as_deref(),
                    row.number,
                    row.truth,
                )
            })
            .collect();
        assert_eq!(
            columns,
            [
                ("age", None, Some(42.0), None),
                ("city", Some("malaga"), None, None),
                ("vip", None, None, Some(true)),
            ]
        );
    }

    #[rstest]
    #[case("2026-02-03", Some("2026-02-03T00:00:00.000Z"))]
    #[case("2026-02-03T04:05:06+01:00", Some("2026-02-03T03:05:06.000Z"))]
    #[case("2026-02-03T04:05:06.789", Some("2026-02-03T04:05:06.789Z"))]
    #[case("2026-02-03 04:05:06", Some("2026-02-03T04:05:06.000Z"))]
    #[case("2026-02-30", None)]
    #[case("1234", None)]
    #[case("in May", None)]
    #[case("03/02/2026", None)]
    fn a_text_that_names_an_instant_has_a_time_too(#[case] text: &str, #[case] time: Option<&str>) {
        let rows = rows(&json!({ "at": text }));
        assert_eq!(rows[0].time, time.map(|time| time.parse().unwrap()));
        assert!(rows[0].text.is_some());
    }

    #[test]
    fn lists_and_objects_are_flattened() {
        assert_eq!(
            paths(&json!({
                "likes": ["a", null, {"no": 1}, ["no"], "b"],
                "address": {"city": "x", "geo": {"point": {"lat": 1, "too": {"deep": 1}}}},
            })),
            [
                ("address.city".to_owned(), 0),
                ("address.geo.point.lat".to_owned(), 0),
                ("likes".to_owned(), 0),
                ("likes".to_owned(), 1),
            ]
        );
    }

    #[test]
    fn a_name_and_a_position_name_one_row() {
        let paths = paths(&json!({"a": {"b": [1, 2]}, "a.b": 3}));
        assert_eq!(
            paths,
            [0, 1, 2].map(|position| ("a.b".to_owned(), position))
        );
    }

    #[test]
    fn the_limits_hold() {
        assert_eq!(rows(&json!({"list": vec![1; 80]})).len(), 50);
        let many: serde_json::Map<_, _> = (0..1_100)
            .map(|number| (format!("trait{number}"), json!(number)))
            .collect();
        assert_eq!(rows(&many.into()).len(), MAX_ROWS);
        let long = rows(&json!({ "text": "é".repeat(600) }));
        assert_eq!(
            long[0].text.as_ref().unwrap().chars().count(),
            MAX_TEXT_CHARS
        );
    }
    #[rstest]
    #[case::of_three_bytes("漢", 1_023)]
    #[case::of_four_bytes("𠮷", 1_024)]
    #[case::of_one_byte("a", 512)]
    fn a_long_text_is_cut_between_characters(#[case] character: &str, #[case] bytes: usize) {
        let long = rows(&json!({ "text": character.repeat(600) }));
        let text = long[0].text.as_ref().unwrap();
        assert_eq!(text.len(), bytes);
        assert_eq!(*text, character.repeat(bytes / character.len()));
    }

    #[test]
    fn a_value_with_too_long_a_name_has_no_row() {
        let (fits, long) = ("名".repeat(132), "名".repeat(133));
        let values = json!({ "abc": { &fits: "東京", &long: "東京", "x": { &long: 1 } }, "b": 1 });
        let names: Vec<_> = rows(&values).into_iter().map(|row| row.name).collect();
        assert_eq!(names, [format!("abc.{fits}"), "b".to_owned()]);
        assert_eq!(names[0].len(), MAX_NAME_BYTES);
    }
}
