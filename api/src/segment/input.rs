//! What a segment can be made of, and what is wrong with it.

use lazo_domain::condition::Condition;
use lazo_domain::id::SegmentId;

use crate::error::Violation;

/// The most characters in a name.
const MAX_NAME: usize = 100;
/// The most characters in a description.
const MAX_DESCRIPTION: usize = 1_000;

/// A segment to be created.
#[derive(Clone, Debug)]
pub struct Create {
    /// The key by which conditions and storefronts name it, which never changes.
    pub key: String,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub description: Option<String>,
    /// Who is a member; none in a list that people alone put members into.
    pub condition: Option<Condition>,
}

/// Changes of a segment; what is `None` stays.
#[derive(Clone, Debug)]
pub struct Update {
    /// The segment.
    pub id: SegmentId,
    /// Its new name.
    pub name: Option<String>,
    /// What it is for; `Some(None)` clears it.
    pub description: Option<Option<String>>,
    /// Who is a member from now on; `Some(None)` leaves those that people put in.
    pub condition: Option<Option<Condition>>,
    /// The version the caller saw, if it minds.
    pub expected_version: Option<i64>,
}

impl Update {
    /// An update that changes nothing yet.
    pub fn of(id: SegmentId) -> Self {
        Self {
            id,
            name: None,
            description: None,
            condition: None,
            expected_version: None,
        }
    }
}

/// What is wrong with the texts of a segment, and of whatever else has a key, a name and a description.
pub(crate) fn violations(key: &str, name: &str, description: Option<&str>) -> Vec<Violation> {
    let mut violations = Vec::new();
    if !is_key(key) {
        let message = "Write 1 to 64 characters of a to z, 0 to 9, _ and -, and begin with a letter or a digit.";
        violations.push(Violation::of("key", "INVALID", message));
    }
    if !is_text(name, MAX_NAME) || name.is_empty() {
        let message = "Write 1 to 100 characters, none of them a control character.";
        violations.push(Violation::of("name", "INVALID", message));
    }
    if !description.is_none_or(is_description) {
        let message = "Write at most 1,000 characters, none of them a control character.";
        violations.push(Violation::of("description", "INVALID", message));
    }
    violations
}

/// Whether a text is a description of something that is defined.
pub(crate) fn is_description(text: &str) -> bool {
    is_text(text, MAX_DESCRIPTION)
}

fn is_key(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    key.len() <= 64
        && key.bytes().next().is_some_and(plain)
        && key.bytes().all(|byte| plain(byte) || b"_-".contains(&byte))
}

fn is_text(text: &str, most: usize) -> bool {
    text.chars().count() <= most && !text.chars().any(char::is_control)
}
