//! Values by name: what tests of traits and of properties read.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::Value;

use crate::profile::{TIME_ZONE, TypedRow, typed_rows_of, zone_of_name};

/// The scalars in traits or in properties, flattened, folded and cut exactly as the stored rows are (see
/// [`typed_rows`](crate::profile::typed_rows)).
#[derive(Clone, Default)]
pub struct Values {
    /// In the order of their names, and of one name in the order of their places.
    rows: Vec<TypedRow>,
}

impl Values {
    /// Flattens values, in whatever order they come. Of two of one name the later one counts.
    pub fn of<'v>(values: impl IntoIterator<Item = (&'v str, &'v Value)>) -> Self {
        // The stored rows are those of sorted names, which matters where there are more than fit.
        let sorted: BTreeMap<_, _> = values.into_iter().collect();
        let mut rows = typed_rows_of(sorted);
        // The members of `a` come before a trait `a-b`, and their names after it.
        rows.sort_by(|one, other| one.name.cmp(&other.name));
        Self { rows }
    }

    /// Gives a name another value, or none: what is computed counts, whatever was sent under its name.
    pub fn set(&mut self, name: &str, value: Option<&Value>) {
        self.rows.retain(|row| row.name != name);
        self.rows
            .extend(typed_rows_of(value.map(|value| (name, value))));
        self.rows.sort_by(|one, other| one.name.cmp(&other.name));
    }

    /// The time zone that the trait `timezone` names, compared without case; of a list its first element.
    pub fn time_zone(&self) -> Option<Tz> {
        let name = self.get(TIME_ZONE).first()?.text.as_deref()?;
        zone_of_name(name)
    }

    /// The scalars of a name; none if it is missing.
    pub(crate) fn get(&self, name: &str) -> &[TypedRow] {
        let start = self.rows.partition_point(|row| row.name.as_str() < name);
        let rest = self.rows.get(start..).unwrap_or_default();
        let length = rest.iter().take_while(|row| row.name == name).count();
        rest.get(..length).unwrap_or_default()
    }
}

/// Shows how many there are and none of them.
impl std::fmt::Debug for Values {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Values")
            .field("rows", &self.rows.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case("a", 0)]
    #[case("a.b", 3)]
    #[case("a-b", 1)]
    #[case("a.c", 0)]
    #[case("z", 1)]
    fn a_name_finds_all_its_values(#[case] name: &str, #[case] count: usize) {
        let (members, flat, other) = (json!({"b": [1, 2], "c": null}), json!(3), json!("x"));
        let values = Values::of([
            ("z", &other),
            ("a.b", &flat),
            ("a-b", &other),
            ("a", &members),
        ]);
        assert_eq!(values.get(name).len(), count);
    }

    #[rstest]
    #[case(json!("europe/MADRID"), Some(chrono_tz::Europe::Madrid))]
    #[case(json!(["Atlantic/Canary", "UTC"]), Some(chrono_tz::Atlantic::Canary))]
    #[case(json!("Madrid"), None)]
    #[case(json!(1), None)]
    fn a_trait_names_the_time_zone(#[case] value: Value, #[case] zone: Option<Tz>) {
        assert_eq!(Values::of([("timezone", &value)]).time_zone(), zone);
    }

    #[test]
    fn values_are_not_shown() {
        let secret = json!("secret");
        assert_eq!(
            format!("{:?}", Values::of([("a", &secret)])),
            "Values { rows: 1 }"
        );
    }
}
