//! Conditions in plain sentences, for those who read what a segment or a score asks.

mod change;
mod leaf;
mod purchase;
mod quantity;
mod time;
mod touchpoint;
mod value;
pub(crate) mod voice;

#[cfg(test)]
mod tests;

pub(crate) use self::voice::Voice;
pub use change::describe_change;

use super::Condition;
use crate::money::Currency;

/// A language people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    English,
    /// Spanish.
    Spanish,
}

/// What a condition asks of a person, as a sentence without its subject: “bought at least 2 times, and country is “ES””.
///
/// Amounts are in `currency`, the deployment's. It follows the condition into its depth, so give it conditions that are
/// [checked](super::check::check).
#[must_use]
pub fn describe(condition: &Condition, language: Language, currency: Currency) -> String {
    sentence(Voice { language, currency }, condition)
}

fn sentence(voice: Voice, condition: &Condition) -> String {
    match condition {
        Condition::All(all) if all.is_empty() => voice.pick("always", "siempre").to_owned(),
        Condition::Any(any) if any.is_empty() => voice.pick("never", "nunca").to_owned(),
        Condition::All(all) => joined(voice, all, |next| voice.and(next)),
        Condition::Any(any) => joined(voice, any, |next| voice.or(next)),
        Condition::Not(not) => {
            let negation = voice.pick("it is not true that", "no es cierto que");
            format!("{negation} {}", inside(voice, not))
        }
        leaf => leaf::leaf(voice, leaf),
    }
}

fn joined(voice: Voice, conditions: &[Condition], word: impl Fn(&str) -> &'static str) -> String {
    let mut sentence = String::new();
    for condition in conditions {
        // In a list of one there is nothing to join, so nothing to set apart.
        let part = match conditions {
            [only] => self::sentence(voice, only),
            _ => inside(voice, condition),
        };
        if !sentence.is_empty() {
            sentence.push_str(", ");
            sentence.push_str(word(&part));
            sentence.push(' ');
        }
        sentence.push_str(&part);
    }
    sentence
}

/// A part of a sentence, in brackets if it has parts of its own.
fn inside(voice: Voice, condition: &Condition) -> String {
    let part = sentence(voice, condition);
    match condition {
        Condition::All(list) | Condition::Any(list) if list.len() > 1 => format!("({part})"),
        _ => part,
    }
}
