//! What somebody must be allowed to read to ask a condition of their own: its answers tell what it asks about.

use super::Condition;
use crate::access::{Scope, Scopes};

/// The scopes to read what a condition asks about itself. Of a segment or a score that it names that is the membership or the value,
/// and not what these are decided by. Walks with a list of its own, so that depth does not matter.
pub fn scopes(condition: &Condition) -> Scopes {
    let mut open = vec![condition];
    let mut found = Vec::new();
    while let Some(condition) = open.pop() {
        found.push(match condition {
            Condition::All(parts) | Condition::Any(parts) => {
                open.extend(parts);
                continue;
            }
            Condition::Not(part) => {
                open.push(part);
                continue;
            }
            Condition::Segment(_) => Scope::SegmentsRead,
            Condition::Score(_) => Scope::ScoresRead,
            Condition::Trait(_)
            | Condition::Touchpoint(_)
            | Condition::Purchase(_)
            | Condition::Sequence(_)
            | Condition::Consent(_)
            | Condition::Stage(_)
            | Condition::Level(_)
            | Condition::Identifier(_)
            | Condition::Anniversary(_)
            | Condition::Seen(_) => Scope::ProfilesRead,
        });
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::condition::text::parse;

    #[rstest]
    #[case("email = 'ana@example.com'", &[Scope::ProfilesRead])]
    #[case("performed('A') AND orders.count > 1", &[Scope::ProfilesRead])]
    #[case("performed('A') THEN performed('B') WITHIN 1d", &[Scope::ProfilesRead])]
    #[case("consents('offers') OR stage = LOST", &[Scope::ProfilesRead])]
    #[case("has(email) AND last_seen < -1d", &[Scope::ProfilesRead])]
    #[case("segment('a')", &[Scope::SegmentsRead])]
    #[case("score('churn') = 42.5", &[Scope::ScoresRead])]
    #[case("NOT (segment('a') AND NOT score('churn') > 1)", &[Scope::SegmentsRead, Scope::ScoresRead])]
    fn whoever_asks_needs_to_be_allowed_to_read_each_part(
        #[case] text: &str,
        #[case] needed: &[Scope],
    ) {
        let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(scopes(&condition), Scopes::of(needed));
    }
}
