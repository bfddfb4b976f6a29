//! What all sentences need: words of either language, quotes, numbers and lists.

use super::Language;
use crate::condition::Number;
use crate::money::Currency;
use crate::profile::fold_text;

/// In which language and currency a sentence is.
#[derive(Clone, Copy)]
pub(crate) struct Voice {
    pub(crate) language: Language,
    pub(crate) currency: Currency,
}

impl Voice {
    /// The words of the language.
    pub(crate) fn pick<T>(self, english: T, spanish: T) -> T {
        match self.language {
            Language::English => english,
            Language::Spanish => spanish,
        }
    }

    /// A value, in the quotes of the language.
    pub(crate) fn quoted(self, value: &str) -> String {
        self.pick(format!("“{value}”"), format!("«{value}»"))
    }

    /// A name: as it is if it is one word, else in quotes.
    pub(crate) fn name(self, name: &str) -> String {
        let plain = |character: char| character.is_alphanumeric() || "_.".contains(character);
        if !name.is_empty() && name.chars().all(plain) {
            name.to_owned()
        } else {
            self.quoted(name)
        }
    }

    /// A number, with the decimal sign of the language.
    pub(crate) fn number(self, number: Number) -> String {
        self.decimal(&number.to_string())
    }

    /// An amount of money, with all its decimals if it has any.
    pub(crate) fn amount(self, amount: Number) -> String {
        let mut text = amount.to_string();
        if let Some((_, decimals)) = text.split_once('.') {
            let places = usize::try_from(self.currency.exponent()).unwrap_or_default();
            let missing = places.saturating_sub(decimals.len());
            text.extend(std::iter::repeat_n('0', missing));
        }
        format!("{} {}", self.decimal(&text), self.currency)
    }

    fn decimal(self, text: &str) -> String {
        self.pick(text.to_owned(), text.replace('.', ","))
    }

    /// The word between two that both count.
    pub(crate) fn and(self, next: &str) -> &'static str {
        let sound = sound(next);
        let like_i =
            sound.starts_with('i') || (sound.starts_with("hi") && !sound.starts_with("hie"));
        self.pick("and", if like_i { "e" } else { "y" })
    }

    /// The word between two of which one counts.
    pub(crate) fn or(self, next: &str) -> &'static str {
        let sound = sound(next);
        let like_o = sound.starts_with(['o', '8']) || sound.starts_with("ho");
        self.pick("or", if like_o { "u" } else { "o" })
    }

    /// A choice: `A, B or C`.
    pub(crate) fn any_of(self, choices: &[String]) -> String {
        match choices {
            [] => self.pick("nothing", "nada").to_owned(),
            [only] => only.clone(),
            [some @ .., last] => format!("{} {} {last}", some.join(", "), self.or(last)),
        }
    }
}

/// How a word begins for the ear.
fn sound(word: &str) -> String {
    let start: String = word
        .chars()
        .skip_while(|character| !character.is_alphanumeric())
        .take(3)
        .collect();
    fold_text(&start)
}
