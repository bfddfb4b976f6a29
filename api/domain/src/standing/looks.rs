//! Which touchpoints definitions look at, and at what of them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::clock::Timestamp;
use crate::condition::{Span, Window};
use crate::profile::MAX_ROWS;

/// By how much clocks of several processes may differ, in milliseconds: what left a window no longer ago is looked at still.
const CLOCKS: i64 = 3_600_000;

/// The touchpoints that are looked at, by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Looks {
    /// How those of any name are looked at; none if names are always given.
    any: Option<Look>,
    named: BTreeMap<String, Look>,
}

/// How far back touchpoints are looked at, and at which of their properties.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    /// However long ago they were.
    ever: bool,
    /// No longer ago than this.
    last: Option<Span>,
    /// After this instant.
    after: Option<Timestamp>,
    properties: BTreeSet<String>,
}

impl Looks {
    /// Adds touchpoints of these names in a window, or of all names where none is given, with properties by their names.
    pub fn add(&mut self, names: &[String], window: Window, properties: &[&str]) {
        if names.is_empty() {
            self.any.get_or_insert_default().add(window, properties);
        }
        for name in names {
            let look = self.named.entry(name.clone()).or_default();
            look.add(window, properties);
        }
    }

    /// Whether none is looked at.
    pub fn is_empty(&self) -> bool {
        self.any.is_none() && self.named.is_empty()
    }

    /// Whether one of this name that happened at an instant may be looked at, at `now` or later.
    pub fn wants(&self, name: &str, at: Timestamp, now: Timestamp) -> bool {
        self.of(name).any(|look| look.reaches(at, now))
    }

    /// The names that are looked at however long ago they were; none if all names are.
    pub fn ever(&self) -> Option<Vec<&str>> {
        if self.any.as_ref().is_some_and(|look| look.ever) {
            return None;
        }
        let ever = self.named.iter().filter(|(_, look)| look.ever);
        Some(ever.map(|(name, _)| name.as_str()).collect())
    }

    /// The other names that are looked at, none if all names are, and the instant after which they are, at `now` or later; none at
    /// all where there is no such name.
    pub fn recent(&self, now: Timestamp) -> Option<(Option<Vec<&str>>, Timestamp)> {
        let others = self.named.iter().filter(|(_, look)| !look.ever);
        let (names, looks): (Vec<_>, Vec<_>) =
            others.map(|(name, look)| (name.as_str(), look)).unzip();
        let looks = looks.into_iter().chain(&self.any);
        let since = looks.filter_map(|look| look.since(now)).min()?;
        Some((self.any.is_none().then_some(names), since))
    }

    /// Whether properties of any touchpoint are looked at.
    pub fn at_properties(&self) -> bool {
        let looks = self.any.iter().chain(self.named.values());
        looks.into_iter().any(|look| !look.properties.is_empty())
    }

    /// What has to be kept of the properties of a touchpoint of this name: what is read of it is the same as of all of them.
    pub fn kept(&self, name: &str, properties: &Map<String, Value>) -> Map<String, Value> {
        let mut paths = self.of(name).flat_map(|look| &look.properties).peekable();
        if paths.peek().is_none() {
            return Map::new();
        }
        // Of very many, which ones have rows depends on all that come first.
        if properties.values().map(size).sum::<usize>() > MAX_ROWS {
            return properties.clone();
        }
        let paths: BTreeSet<&String> = paths.collect();
        let leads = |key: &str| {
            paths.iter().any(|path| {
                let rest = path.strip_prefix(key);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            })
        };
        let kept = properties.iter().filter(|(key, _)| leads(key));
        kept.map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    fn of(&self, name: &str) -> impl Iterator<Item = &Look> {
        self.any.iter().chain(self.named.get(name))
    }
}

impl Look {
    fn add(&mut self, window: Window, properties: &[&str]) {
        match window {
            Window::Ever | Window::Before(_) => self.ever = true,
            Window::Last(span) => self.last = self.last.max(Some(span)),
            Window::Between { after, .. } => {
                self.after = Some(self.after.map_or(after, |earlier| earlier.min(after)));
            }
        }
        let properties = properties.iter().map(|name| (*name).to_owned());
        self.properties.extend(properties);
    }

    /// The instant after which touchpoints are looked at, at `now` or later; none if there is no such instant.
    fn since(&self, now: Timestamp) -> Option<Timestamp> {
        let last = self
            .last
            .map(|span| now.plus_millis(-span.millis() - CLOCKS));
        let since = last.into_iter().chain(self.after).min();
        since.filter(|_| !self.ever)
    }

    fn reaches(&self, at: Timestamp, now: Timestamp) -> bool {
        self.ever || self.since(now).is_some_and(|since| at > since)
    }
}

/// Never fewer than a value has rows.
fn size(value: &Value) -> usize {
    match value {
        Value::Array(elements) => elements.len(),
        Value::Object(members) => members.values().map(size).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use proptest::prelude::*;
    use rstest::rstest;
    use serde_json::json;

    use crate::condition::evaluate::Values;

    const DAY: i64 = 86_400_000;
    const NOW: Timestamp = Timestamp(1_000 * DAY);

    fn days(days: u16) -> Window {
        Window::Last(Span::days(days).unwrap())
    }

    fn looks(all: &[(&[&str], Window)]) -> Looks {
        let mut looks = Looks::default();
        for (names, window) in all {
            let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
            looks.add(&names, *window, &[]);
        }
        looks
    }

    #[rstest]
    #[case::nothing(&[], "A", 0, false)]
    #[case::another_name(&[(&["B"] as &[_], Window::Ever)], "A", 0, false)]
    #[case::ever(&[(&["A"] as &[_], Window::Ever)], "A", 900, true)]
    #[case::longer_ago(&[(&["A"] as &[_], Window::Before(Span::LONGEST))], "A", 1, true)]
    #[case::in_the_widest_window(&[(&["A"] as &[_], days(7)), (&["A"] as &[_], days(30))], "A", 29, true)]
    #[case::beyond_it(&[(&["A"] as &[_], days(7)), (&["A"] as &[_], days(30))], "A", 31, false)]
    #[case::of_any_name(&[(&["A"] as &[_], days(7)), (&[] as &[_], days(30))], "A", 29, true)]
    #[case::between_two_instants(&[(&["A"] as &[_], Window::Between { after: Timestamp(100 * DAY), until: NOW })], "A", 899, true)]
    #[case::before_both(&[(&["A"] as &[_], Window::Between { after: Timestamp(100 * DAY), until: NOW })], "A", 900, false)]
    fn a_touchpoint_is_looked_at_while_a_window_reaches_it(
        #[case] all: &[(&[&str], Window)],
        #[case] name: &str,
        #[case] days_ago: i64,
        #[case] wanted: bool,
    ) {
        let at = NOW.plus_millis(-days_ago * DAY);
        assert_eq!(looks(all).wants(name, at, NOW), wanted);
    }

    #[test]
    fn a_query_is_told_which_names_and_since_when() {
        let since = |days: i64| NOW.plus_millis(-days * DAY - CLOCKS);
        let some = looks(&[(&["A"], Window::Ever), (&["B"], days(3)), (&["C"], days(5))]);
        assert_eq!(some.ever(), Some(vec!["A"]));
        assert_eq!(some.recent(NOW), Some((Some(vec!["B", "C"]), since(5))));
        let any = looks(&[(&["A"], Window::Ever), (&[], days(3))]);
        assert_eq!(any.ever(), Some(vec!["A"]));
        assert_eq!(any.recent(NOW), Some((None, since(3))));
        let all = looks(&[(&[], Window::Ever)]);
        assert_eq!((all.ever(), all.recent(NOW)), (None, None));
    }

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![Just(json!(1)), Just(json!("É")), Just(Value::Null)];
        scalar.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..3).prop_map(Value::from),
                vec(("[ab.]{1,3}", inner), 0..3).prop_map(|all| all.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_kept_reads_as_all_of_it(all in vec(("[ab.]{1,3}", value()), 0..5), path in "[ab.]{1,5}") {
            let all: Map<String, Value> = all.into_iter().collect();
            let mut looks = Looks::default();
            looks.add(&["A".to_owned()], Window::Ever, &[&path]);
            let kept = looks.kept("A", &all);
            let values = |of: &Map<String, Value>| Values::of(of.iter().map(|(name, value)| (name.as_str(), value)));
            let (kept, all) = (values(&kept), values(&all));
            prop_assert!(kept.get(&path) == all.get(&path));
        }
    }
}
