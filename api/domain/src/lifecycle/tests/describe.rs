//! Causes in sentences.

use rstest::rstest;

use super::sample::{DAY, day, days};
use crate::condition::Number;
use crate::condition::describe::Language;
use crate::lifecycle::{LevelCause, Rhythm, StageCause};

fn rhythm(tenths: i64, gaps: u32, factor: f64) -> Rhythm {
    Rhythm {
        last: day(57),
        cycle_millis: tenths * DAY / 10,
        gaps,
        factor: Number::try_from(factor).unwrap(),
    }
}

#[rstest]
#[case(
    StageCause::Unreachable,
    "cannot be reached and never bought",
    "no se le puede contactar y nunca ha comprado"
)]
#[case(
    StageCause::NeverBought,
    "can be reached and never bought",
    "se le puede contactar y nunca ha comprado"
)]
#[case(
    StageCause::FirstPurchase { first: day(99), period: days(30) },
    "first bought 1 day ago, and a customer is new for 30 days",
    "compró por primera vez hace 1 día, y un cliente es nuevo durante 30 días"
)]
#[case(
    StageCause::WithinCycle(rhythm(305, 4, 1.5)),
    "43 days since the last purchase, at most 1.5 times the usual interval of 30.5 days",
    "43 días desde la última compra, como mucho 1,5 veces el intervalo habitual de 30,5 días"
)]
#[case(
    StageCause::BeyondCycle(rhythm(200, 1, 1.5)),
    "43 days since the last purchase, more than 1.5 times the usual interval of 20 days",
    "43 días desde la última compra, más de 1,5 veces el intervalo habitual de 20 días"
)]
#[case(
    StageCause::BeyondCycle(rhythm(5, 0, 1.0)),
    "43 days since the last purchase, more than the interval of 12 hours that is usual among customers",
    "43 días desde la última compra, más que el intervalo de 12 horas habitual entre los clientes"
)]
#[case(
    StageCause::BackAfterLost { lost_since: day(31), rhythm: rhythm(200, 1, 1.5) },
    "bought again 43 days ago, after being a lost customer since 1970-02-01",
    "volvió a comprar hace 43 días, tras ser cliente perdido desde el 1970-02-01"
)]
fn the_cause_of_a_stage_reads_as_a_sentence(
    #[case] cause: StageCause,
    #[case] english: &str,
    #[case] spanish: &str,
) {
    assert_eq!(cause.describe(Language::English, day(100)), english);
    assert_eq!(cause.describe(Language::Spanish, day(100)), spanish);
}

#[rstest]
#[case(
    LevelCause::Spend { minor: 12_050, purchases: 3, period: days(365), above_minor: Some(9_000) },
    "spent 120.50 EUR on 3 purchases within the last 365 days; the level takes more than 90.00 EUR",
    "gastó 120,50 EUR en 3 compras en los últimos 365 días; el nivel pide más de 90,00 EUR"
)]
#[case(
    LevelCause::Spend { minor: 500, purchases: 1, period: days(1), above_minor: None },
    "spent 5.00 EUR on 1 purchase within the last day",
    "gastó 5,00 EUR en 1 compra en el último día"
)]
#[case(
    LevelCause::BoughtBefore { last: day(20), period: days(30) },
    "last bought 80 days ago, not within the last 30 days",
    "compró por última vez hace 80 días, no en los últimos 30 días"
)]
#[case(
    LevelCause::NeverBought,
    "can be reached and never bought",
    "se le puede contactar y nunca ha comprado"
)]
#[case(
    LevelCause::Seen,
    "cannot be reached and never bought, but was seen",
    "no se le puede contactar y nunca ha comprado, pero se le ha visto"
)]
#[case(
    LevelCause::Unknown,
    "cannot be reached and never bought, and was never seen",
    "no se le puede contactar y nunca ha comprado, y nunca se le ha visto"
)]
fn the_cause_of_a_level_reads_as_a_sentence(
    #[case] cause: LevelCause,
    #[case] english: &str,
    #[case] spanish: &str,
) {
    let euro = "EUR".parse().unwrap();
    assert_eq!(cause.describe(Language::English, euro, day(100)), english);
    assert_eq!(cause.describe(Language::Spanish, euro, day(100)), spanish);
}
