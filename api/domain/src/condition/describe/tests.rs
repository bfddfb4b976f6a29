//! What people read.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::condition::text::tests::generate::condition;
use crate::condition::text::{parse, print};

fn said(condition: &Condition, language: Language) -> String {
    describe(condition, language, "EUR".parse().unwrap())
}

#[rstest]
// Values.
#[case("a IS NOT NULL", "a has a value", "a tiene un valor")]
#[case("a IS NULL", "a has no value", "a no tiene valor")]
#[case("country = 'ES'", "country is “ES”", "country es «ES»")]
#[case("vip = TRUE", "vip is true", "vip es verdadero")]
#[case("vip = FALSE", "vip is false", "vip es falso")]
#[case("`weird name` = -1.5", "“weird name” is -1.5", "«weird name» es -1,5")]
#[case(
    "a != 'x'",
    "a is something other than “x”",
    "a es algo distinto de «x»"
)]
#[case("a IN ('x', 2, 'ohm')", "a is “x”, 2 or “ohm”", "a es «x», 2 u «ohm»")]
#[case(
    "a NOT IN ('x', 'y')",
    "a is something other than “x” or “y”",
    "a es algo distinto de «x» o «y»"
)]
#[case("a CONTAINS 'x'", "a contains “x”", "a contiene «x»")]
#[case("a STARTS WITH 'x'", "a begins with “x”", "a empieza por «x»")]
#[case("a ENDS WITH 'x'", "a ends with “x”", "a termina en «x»")]
#[case(
    "ANY a != 5",
    "a has a number other than 5",
    "a tiene un número distinto de 5"
)]
#[case("a < 5", "a is less than 5", "a es menor que 5")]
#[case("a <= 5", "a is at most 5", "a es como mucho 5")]
#[case("a > 5", "a is more than 5", "a es mayor que 5")]
#[case("a >= 5", "a is at least 5", "a es como mínimo 5")]
#[case("a BETWEEN 5 AND 8", "a is between 5 and 8", "a es entre 5 y 8")]
// Times.
#[case(
    "a < '2026-03-01'",
    "a is before 2026-03-01",
    "a cae antes del 2026-03-01"
)]
#[case(
    "a >= '2026-03-01T10:30:00Z'",
    "a is from 2026-03-01 10:30 UTC on",
    "a cae del 2026-03-01 10:30 UTC en adelante"
)]
#[case(
    "a WITHIN LAST 30d",
    "a is within the last 30 days",
    "a cae en los últimos 30 días"
)]
#[case(
    "a WITHIN LAST 1d",
    "a is within the last day",
    "a cae en el último día"
)]
#[case(
    "a WITHIN LAST 14d",
    "a is within the last 2 weeks",
    "a cae en las últimas 2 semanas"
)]
#[case(
    "a WITHIN NEXT 1w",
    "a is within the next week",
    "a cae en la próxima semana"
)]
#[case(
    "a WITHIN NEXT 90m",
    "a is within the next 90 minutes",
    "a cae en los próximos 90 minutos"
)]
#[case("a < -1h", "a is more than 1 hour ago", "a cae hace más de 1 hora")]
#[case(
    "a > +5s",
    "a is more than 5 seconds from now",
    "a cae dentro de más de 5 segundos"
)]
#[case(
    "a > -30d",
    "a is less than 30 days ago or in the future",
    "a cae hace menos de 30 días o en el futuro"
)]
#[case(
    "a < +7d",
    "a is at most 1 week from now or in the past",
    "a cae dentro de 1 semana como mucho o en el pasado"
)]
#[case("a < now", "a is in the past", "a cae en el pasado")]
#[case("a > now", "a is in the future", "a cae en el futuro")]
// Touchpoints.
#[case("performed('A')", "did “A” at least once", "hizo «A» al menos una vez")]
#[case("performed('A') = 0", "never did “A”", "nunca hizo «A»")]
#[case("performed() = 0", "never did anything", "nunca hizo nada")]
#[case(
    "performed('A') = 1",
    "did “A” exactly once",
    "hizo «A» exactamente una vez"
)]
#[case(
    "performed('A') != 2",
    "did “A” not exactly 2 times",
    "hizo «A» no exactamente 2 veces"
)]
#[case(
    "performed('A') < 2",
    "did “A” less than 2 times",
    "hizo «A» menos de 2 veces"
)]
#[case(
    "performed('A') <= 1",
    "did “A” at most once",
    "hizo «A» como mucho una vez"
)]
#[case(
    "performed('A') > 1",
    "did “A” more than once",
    "hizo «A» más de una vez"
)]
#[case(
    "performed('A') BETWEEN 2 AND 3",
    "did “A” between 2 and 3 times",
    "hizo «A» entre 2 y 3 veces"
)]
#[case(
    "performed('Product Viewed' or 'B', on EMAIL, from 'shop', category = 'Shoes', id > 1, within 14d) >= 3",
    "did “Product Viewed” or “B” by email from “shop” (where category is “Shoes”, and id is more than 1) at least 3 times within the last 2 weeks",
    "hizo «Product Viewed» o «B» por correo electrónico desde «shop» (donde category es «Shoes», e id es mayor que 1) al menos 3 veces en las últimas 2 semanas"
)]
#[case(
    "performed(on WEB, longer ago than 1w)",
    "did something on the web at least once more than 1 week ago",
    "hizo algo en la web al menos una vez hace más de 1 semana"
)]
#[case(
    "performed('A', between '2026-01-01' and '2026-02-01')",
    "did “A” at least once between 2026-01-01 and 2026-02-01",
    "hizo «A» al menos una vez entre el 2026-01-01 y el 2026-02-01"
)]
#[case(
    "performed('A', within 1d).sum(price) >= 100.5",
    "the sum of price in “A” within the last day is at least 100.5",
    "la suma de price en «A» en el último día es como mínimo 100,5"
)]
#[case(
    "performed('A').min(price) < 1",
    "the smallest price in “A” is less than 1",
    "el menor valor de price en «A» es menor que 1"
)]
#[case(
    "performed('A').max(price) = 1",
    "the greatest price in “A” is exactly 1",
    "el mayor valor de price en «A» es exactamente 1"
)]
#[case(
    "performed('A').mean(price) != 1",
    "the mean of price in “A” is something other than 1",
    "la media de price en «A» es algo distinto de 1"
)]
#[case(
    "performed('A').distinct(sku) > 2",
    "the number of different values of sku in “A” is more than 2",
    "el número de valores distintos de sku en «A» es mayor que 2"
)]
#[case(
    "performed('A').first < -30d",
    "first did “A” more than 30 days ago",
    "hizo «A» por primera vez hace más de 30 días"
)]
#[case(
    "performed('A', within 30d).last WITHIN LAST 1d",
    "counting what happened within the last 30 days, last did “A” within the last day",
    "contando lo que pasó en los últimos 30 días, hizo «A» por última vez en el último día"
)]
// Purchases.
#[case(
    "orders.count >= 2",
    "bought at least 2 times",
    "compró al menos 2 veces"
)]
#[case("orders.count = 0", "never bought", "nunca compró")]
#[case(
    "orders.count(category = 'Shoes') = 0",
    "never bought anything (category “Shoes”)",
    "nunca compró nada (categoría «Shoes»)"
)]
#[case(
    "orders.count(product IN ('p', 'q'), brand = 'B', within 30d) > 1",
    "bought something (product “p” or “q”; brand “B”) more than once within the last 30 days",
    "compró algo (producto «p» o «q»; marca «B») más de una vez en los últimos 30 días"
)]
#[case(
    "orders.spend(category = 'Shoes') >= 99.9",
    "spent at least 99.90 EUR on something (category “Shoes”)",
    "gastó al menos 99,90 EUR en algo (categoría «Shoes»)"
)]
#[case(
    "orders.mean < 50",
    "spent less than 50 EUR on average per order",
    "gastó de media por pedido menos de 50 EUR"
)]
#[case(
    "orders.max BETWEEN 1 AND 2",
    "spent between 1 EUR and 2 EUR in the largest order",
    "gastó entre 1 EUR y 2 EUR en su mayor pedido"
)]
#[case(
    "orders.products >= 1",
    "bought at least 1 different product",
    "compró al menos 1 producto distinto"
)]
#[case(
    "orders.products(within 1w) > 3",
    "bought more than 3 different products within the last week",
    "compró más de 3 productos distintos en la última semana"
)]
#[case(
    "first_order_at >= '2026-01-01'",
    "first bought from 2026-01-01 on",
    "compró por primera vez del 2026-01-01 en adelante"
)]
#[case(
    "last_order_at < -30d",
    "last bought more than 30 days ago",
    "compró por última vez hace más de 30 días"
)]
#[case(
    "orders.intervals_since_last > 1.5",
    "the time since the last order is more than 1.5 times the usual interval",
    "el tiempo desde el último pedido es más de 1,5 veces el intervalo habitual"
)]
// The others.
#[case(
    "'A' THEN 'B' WITHIN 2d",
    "did “A” and then “B” within 2 days",
    "hizo «A» y después «B» en un plazo de 2 días"
)]
#[case(
    "performed('A', within 1w) NOT FOLLOWED BY performed() WITHIN 1h",
    "did “A” within the last week and then did not do anything within 1 hour",
    "hizo «A» en la última semana y después no hizo nada en un plazo de 1 hora"
)]
#[case(
    "segment('vip')",
    "is in the segment “vip”",
    "está en el segmento «vip»"
)]
#[case(
    "score('fit') >= 40",
    "the score “fit” is at least 40",
    "la puntuación «fit» es como mínimo 40"
)]
#[case(
    "score('fit').grade IN ('HOT', 'WARM')",
    "the grade of the score “fit” is “HOT” or “WARM”",
    "el grado de la puntuación «fit» es «HOT» o «WARM»"
)]
#[case(
    "score('fit', grade = 'HOT') < 9",
    "the score “fit” is less than 9 with the grade “HOT”",
    "la puntuación «fit» es menor que 9 con el grado «HOT»"
)]
#[case(
    "consents('offers', EMAIL)",
    "consents to “offers” by email",
    "da su consentimiento para «offers» por correo electrónico"
)]
#[case(
    "consents('offers') = FALSE",
    "does not consent to “offers”",
    "no da su consentimiento para «offers»"
)]
#[case(
    "stage IN (LOSING_INTEREST, LOST)",
    "the lifecycle stage is losing interest or lost",
    "la etapa del ciclo de vida es perdiendo interés o perdido"
)]
#[case(
    "level = TOP",
    "the pyramid level is top",
    "el nivel de la pirámide es superior"
)]
#[case("has(email)", "has an email address", "tiene una dirección de correo")]
#[case("has(phone)", "has a phone number", "tiene un número de teléfono")]
#[case(
    "has(customer_id)",
    "has an identifier of the kind “customer_id”",
    "tiene un identificador del tipo «customer_id»"
)]
#[case(
    "anniversary(birthday) WITHIN 0d",
    "the anniversary of birthday is today",
    "el aniversario de birthday es hoy"
)]
#[case(
    "anniversary(birthday) WITHIN 3d",
    "the anniversary of birthday is today or within the next 3 days",
    "el aniversario de birthday es hoy o en los próximos 3 días"
)]
#[case(
    "first_seen < -1w",
    "was first seen more than 1 week ago",
    "se le vio por primera vez hace más de 1 semana"
)]
#[case(
    "last_seen WITHIN LAST 2h",
    "was last seen within the last 2 hours",
    "se le vio por última vez en las últimas 2 horas"
)]
// What joins them.
#[case(
    "orders.count >= 2 AND last_order_at < -30d AND country = 'ES'",
    "bought at least 2 times, and last bought more than 30 days ago, and country is “ES”",
    "compró al menos 2 veces, y compró por última vez hace más de 30 días, y country es «ES»"
)]
#[case(
    "a = 1 AND (i = 2 OR o = 3)",
    "a is 1, and (i is 2, or o is 3)",
    "a es 1, e (i es 2, u o es 3)"
)]
#[case("NOT a = 1", "it is not true that a is 1", "no es cierto que a es 1")]
#[case(
    "NOT (a = 1 OR b = 2)",
    "it is not true that (a is 1, or b is 2)",
    "no es cierto que (a es 1, o b es 2)"
)]
fn a_condition_is_said_in_both_languages(
    #[case] text: &str,
    #[case] english: &str,
    #[case] spanish: &str,
) {
    let condition = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(said(&condition, Language::English), english);
    assert_eq!(said(&condition, Language::Spanish), spanish);
}

#[rstest]
#[case::all_of_nothing(Condition::All(Vec::new()), "always")]
#[case::any_of_nothing(Condition::Any(Vec::new()), "never")]
fn a_condition_that_is_still_being_written_is_said_too(
    #[case] condition: Condition,
    #[case] sentence: &str,
) {
    assert_eq!(said(&condition, Language::English), sentence);
}

#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let condition = parse("orders.spend >= 1.5").unwrap();
    let said = |currency: &str| describe(&condition, Language::English, currency.parse().unwrap());
    assert_eq!(said("EUR"), "spent at least 1.50 EUR");
    assert_eq!(said("KWD"), "spent at least 1.500 KWD");
    assert_eq!(said("JPY"), "spent at least 1.5 JPY");
}

proptest! {
    #[test]
    fn no_sentence_is_empty_or_shows_how_conditions_are_kept(condition in condition()) {
        // Names and texts are the deployment's own and may be anything, so only what is around them is looked at.
        let names = ["Condition", "Test {", "Some(", "None", "Span(", "Timestamp(", "Number(", "Comparison"];
        for language in [Language::English, Language::Spanish] {
            let sentence = said(&condition, language);
            prop_assert!(!sentence.trim().is_empty());
            for name in names {
                prop_assert!(!sentence.contains(name), "{}", sentence);
            }
            prop_assert!(!sentence.contains("  ") || print(&condition).contains("  "), "{}", sentence);
        }
    }
}
