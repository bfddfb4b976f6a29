//! Causes in plain sentences, for those who ask why a customer stands where they stand.

use super::cause::{LevelCause, Rhythm, StageCause};
use crate::clock::Timestamp;
use crate::condition::describe::Language;
use crate::condition::{Number, Span};
use crate::money::{Currency, Money};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl StageCause {
    /// The cause as a sentence without its subject: “43 days since the last purchase, more than 1.5 times the usual interval of 20
    /// days”. What has passed has passed at `now`.
    #[must_use]
    pub fn describe(&self, language: Language, now: Timestamp) -> String {
        match self {
            Self::Unreachable => never_reached(language).to_owned(),
            Self::NeverBought => never_bought(language).to_owned(),
            Self::FirstPurchase { first, period } => {
                let (ago, period) = (ago(language, *first, now), length(language, *period));
                language.pick(
                    format!("first bought {ago}, and a customer is new for {period}"),
                    format!("compró por primera vez {ago}, y un cliente es nuevo durante {period}"),
                )
            }
            Self::WithinCycle(rhythm) => rhythm.describe(language, now, true),
            Self::BeyondCycle(rhythm) => rhythm.describe(language, now, false),
            Self::BackAfterLost { lost_since, rhythm } => {
                let ago = ago(language, rhythm.last, now);
                let since = lost_since.to_datetime().format("%Y-%m-%d");
                language.pick(
                    format!("bought again {ago}, after being a lost customer since {since}"),
                    format!("volvió a comprar {ago}, tras ser cliente perdido desde el {since}"),
                )
            }
        }
    }
}

impl Rhythm {
    fn describe(&self, language: Language, now: Timestamp, within: bool) -> String {
        let since = lasting(language, now.0.saturating_sub(self.last.0));
        let cycle = interval(language, self.cycle_millis);
        let once = self.factor == Number::from(1);
        let compared = match (within, once) {
            (true, _) => language.pick("at most", "como mucho"),
            (false, false) => language.pick("more than", "más de"),
            (false, true) => language.pick("more than", "más que"),
        };
        let factor = if once {
            String::new()
        } else {
            let factor = decimal(language, &self.factor.to_string());
            format!("{factor} {} ", language.pick("times", "veces"))
        };
        let usual = if self.gaps == 0 {
            language.pick(
                format!("the interval of {cycle} that is usual among customers"),
                format!("el intervalo de {cycle} habitual entre los clientes"),
            )
        } else {
            language.pick(
                format!("the usual interval of {cycle}"),
                format!("el intervalo habitual de {cycle}"),
            )
        };
        let last = language.pick("since the last purchase", "desde la última compra");
        format!("{since} {last}, {compared} {factor}{usual}")
    }
}

impl LevelCause {
    /// The cause as a sentence without its subject: “spent 120.00 EUR on 3 purchases within the last 365 days; the level takes more
    /// than 90.00 EUR”. What has passed has passed at `now`; amounts are in `currency`, the deployment's.
    #[must_use]
    pub fn describe(&self, language: Language, currency: Currency, now: Timestamp) -> String {
        let amount = |minor| {
            let amount = Money { minor, currency }.to_decimal();
            format!("{} {currency}", decimal(language, &amount))
        };
        match *self {
            Self::Spend {
                minor,
                purchases,
                period,
                above_minor,
            } => {
                let (minor, within) = (amount(minor), within(language, period));
                let purchases = counted(language, purchases);
                let spent = language.pick(
                    format!("spent {minor} on {purchases} {within}"),
                    format!("gastó {minor} en {purchases} {within}"),
                );
                let Some(above) = above_minor.map(amount) else {
                    return spent;
                };
                let takes = language.pick("the level takes more than", "el nivel pide más de");
                format!("{spent}; {takes} {above}")
            }
            Self::BoughtBefore { last, period } => {
                let (ago, within) = (ago(language, last, now), within(language, period));
                language.pick(
                    format!("last bought {ago}, not {within}"),
                    format!("compró por última vez {ago}, no {within}"),
                )
            }
            Self::NeverBought => never_bought(language).to_owned(),
            Self::Seen => {
                let seen = language.pick("but was seen", "pero se le ha visto");
                format!("{}, {seen}", never_reached(language))
            }
            Self::Unknown => {
                let unseen = language.pick("and was never seen", "y nunca se le ha visto");
                format!("{}, {unseen}", never_reached(language))
            }
        }
    }
}

impl Language {
    fn pick<T>(self, english: T, spanish: T) -> T {
        match self {
            Self::English => english,
            Self::Spanish => spanish,
        }
    }
}

fn never_bought(language: Language) -> &'static str {
    language.pick(
        "can be reached and never bought",
        "se le puede contactar y nunca ha comprado",
    )
}

fn never_reached(language: Language) -> &'static str {
    language.pick(
        "cannot be reached and never bought",
        "no se le puede contactar y nunca ha comprado",
    )
}

fn counted(language: Language, purchases: u32) -> String {
    let noun = match purchases {
        1 => language.pick("purchase", "compra"),
        _ => language.pick("purchases", "compras"),
    };
    format!("{purchases} {noun}")
}

fn decimal(language: Language, text: &str) -> String {
    language.pick(text.to_owned(), text.replace('.', ","))
}

fn ago(language: Language, at: Timestamp, now: Timestamp) -> String {
    let passed = lasting(language, now.0.saturating_sub(at.0));
    language.pick(format!("{passed} ago"), format!("hace {passed}"))
}

fn within(language: Language, period: Span) -> String {
    let passed = Passed::of(period.millis());
    let unit = passed.unit(language);
    if passed.count == 1 {
        let last = passed.pick("el último", "la última");
        return language.pick(
            format!("within the last {unit}"),
            format!("en {last} {unit}"),
        );
    }
    let (count, last) = (passed.count, passed.pick("los últimos", "las últimas"));
    language.pick(
        format!("within the last {count} {unit}"),
        format!("en {last} {count} {unit}"),
    )
}

fn length(language: Language, span: Span) -> String {
    lasting(language, span.millis())
}

/// A length of time in whole days, rounded down, or in a shorter unit if it is less than a day.
fn lasting(language: Language, millis: i64) -> String {
    let passed = Passed::of(millis);
    format!("{} {}", passed.count, passed.unit(language))
}

/// A number of units of time.
struct Passed {
    count: i64,
    unit: i64,
}

impl Passed {
    fn of(millis: i64) -> Self {
        let units = [DAY, HOUR, MINUTE];
        let unit = units.into_iter().find(|unit| millis >= *unit);
        let unit = unit.unwrap_or(MINUTE);
        Self {
            count: millis.max(0) / unit,
            unit,
        }
    }

    fn unit(&self, language: Language) -> &'static str {
        let (english, spanish) = match (self.unit, self.count) {
            (DAY, 1) => ("day", "día"),
            (DAY, _) => ("days", "días"),
            (HOUR, 1) => ("hour", "hora"),
            (HOUR, _) => ("hours", "horas"),
            (_, 1) => ("minute", "minuto"),
            (_, _) => ("minutes", "minutos"),
        };
        language.pick(english, spanish)
    }

    /// The word of the gender that the unit has in Spanish.
    fn pick(&self, masculine: &'static str, feminine: &'static str) -> &'static str {
        if self.unit == HOUR {
            feminine
        } else {
            masculine
        }
    }
}

/// A length of time with tenths of days, rounded down, so that what is said of its multiples can be checked.
fn interval(language: Language, millis: i64) -> String {
    let tenths = millis / (DAY / 10);
    if tenths < 10 || tenths % 10 == 0 {
        return lasting(language, millis);
    }
    let days = decimal(language, &format!("{}.{}", tenths / 10, tenths % 10));
    format!("{days} {}", language.pick("days", "días"))
}
