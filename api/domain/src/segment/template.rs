//! Segments that nearly every shop asks for, ready to be made.

use crate::condition::describe::Language;

/// A segment that is ready to be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// The key that it would have.
    pub key: &'static str,
    /// Who would be a member, in the language of conditions.
    pub condition: &'static str,
    english: Words,
    spanish: Words,
}

/// What a ready-made segment says of itself to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Its name.
    pub name: &'static str,
    /// Who is in it.
    pub description: &'static str,
}

impl Template {
    /// Its name and who is in it, in a language.
    pub fn words(&self, language: Language) -> Words {
        match language {
            Language::English => self.english,
            Language::Spanish => self.spanish,
        }
    }
}

/// All of them, from those who never bought to those who are lost.
///
/// What makes a hot lead names touchpoints as the ecommerce events of Segment do
/// (<https://segment.com/docs/connections/spec/ecommerce/v2/>), and birthdays are the trait of its `identify` call.
pub fn templates() -> &'static [Template] {
    &TEMPLATES
}

const fn words(name: &'static str, description: &'static str) -> Words {
    Words { name, description }
}

static TEMPLATES: [Template; 8] = [
    Template {
        key: "subscribers_without_order",
        condition: "has(email) AND orders.count = 0",
        english: words(
            "Subscribers without an order",
            "Can be reached by email and never bought.",
        ),
        spanish: words(
            "Suscriptores sin pedido",
            "Tienen correo electrónico y nunca han comprado.",
        ),
    },
    Template {
        key: "hot_leads",
        condition: "stage = LEAD AND last_seen WITHIN LAST 1w AND \
                    (performed('Checkout Started', within 1w) OR performed('Product Added', within 1w) \
                    OR performed('Product Viewed', within 1w) >= 3)",
        english: words(
            "Hot leads",
            "Can be reached, never bought, and came close to it within the last week.",
        ),
        spanish: words(
            "Clientes potenciales calientes",
            "Localizables, nunca han comprado y estuvieron a punto en la última semana.",
        ),
    },
    Template {
        key: "habitual_buyers",
        condition: "orders.count >= 4 AND orders.count(within 365d) >= 3",
        english: words(
            "Habitual buyers",
            "Bought at least four times, three of them within the last year.",
        ),
        spanish: words(
            "Compradores habituales",
            "Han comprado al menos cuatro veces, tres de ellas en el último año.",
        ),
    },
    Template {
        key: "occasional_buyers",
        condition: "orders.count >= 2 AND NOT (orders.count >= 4 AND orders.count(within 365d) >= 3)",
        english: words(
            "Occasional buyers",
            "Bought more than once and are no habitual buyers.",
        ),
        spanish: words(
            "Compradores ocasionales",
            "Han comprado más de una vez y no son compradores habituales.",
        ),
    },
    Template {
        key: "one_off_buyers",
        condition: "orders.count = 1",
        english: words("One-off buyers", "Bought exactly once."),
        spanish: words(
            "Compradores de una sola vez",
            "Han comprado exactamente una vez.",
        ),
    },
    Template {
        key: "birthdays_this_week",
        condition: "anniversary(birthday) WITHIN 6d",
        english: words(
            "Birthdays this week",
            "Have their birthday today or on one of the next six days.",
        ),
        spanish: words(
            "Cumpleaños de esta semana",
            "Cumplen años hoy o en los próximos seis días.",
        ),
    },
    Template {
        key: "losing_interest",
        condition: "stage = LOSING_INTEREST",
        english: words(
            "Losing interest",
            "Last bought longer ago than they usually do.",
        ),
        spanish: words(
            "Pierden interés",
            "Su última compra es más antigua de lo habitual en ellos.",
        ),
    },
    Template {
        key: "lost",
        condition: "stage = LOST",
        english: words("Lost", "Last bought much longer ago than they usually do."),
        spanish: words(
            "Perdidos",
            "Su última compra es mucho más antigua de lo habitual en ellos.",
        ),
    },
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::clock::Timestamp;
    use crate::condition::Facts;
    use crate::condition::check::{Known, check};
    use crate::condition::{decide, text};

    #[test]
    fn each_can_be_made_as_it_is() {
        for template in templates() {
            let condition = text::parse(template.condition).unwrap();
            assert_eq!(
                text::print(&condition),
                template.condition,
                "{}",
                template.key
            );
            check(&condition, &Known::default()).unwrap();
        }
    }

    #[test]
    fn they_have_keys_and_names_of_their_own_in_both_languages() {
        let count = templates().len();
        let keys: BTreeSet<_> = templates().iter().map(|one| one.key).collect();
        assert_eq!(keys.len(), count);
        for language in [Language::English, Language::Spanish] {
            let words = templates().iter().map(|one| one.words(language));
            let names: BTreeSet<_> = words.clone().map(|words| words.name).collect();
            assert_eq!(names.len(), count);
            assert!(
                words
                    .into_iter()
                    .all(|words| words.description.ends_with('.'))
            );
        }
    }

    #[test]
    fn nobody_of_whom_nothing_is_known_is_in_one() {
        let facts = Facts::new(chrono_tz::UTC, "EUR".parse().unwrap());
        for template in templates() {
            let condition = text::parse(template.condition).unwrap();
            assert!(
                !decide(&condition, &facts, Timestamp(0)).holds,
                "{}",
                template.key
            );
        }
    }
}
