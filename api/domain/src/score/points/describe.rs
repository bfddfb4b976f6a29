//! Rules in plain sentences.

use super::{Cap, Rule, When};
use crate::condition::Comparison;
use crate::condition::describe::{Language, Voice, describe};
use crate::money::Currency;

impl Rule {
    /// What points are given for, as a sentence: “5 points each time: did “Product Viewed” within the last 30 days, at most 3 times in
    /// 1 day; they fade”. Amounts are in `currency`, the deployment's.
    #[must_use]
    pub fn describe(&self, language: Language, currency: Currency) -> String {
        let voice = Voice { language, currency };
        let number = voice.number(self.points);
        let points = match (self.points.get().abs().to_string().as_str(), language) {
            ("1", Language::English) => "point",
            (_, Language::English) => "points",
            ("1", Language::Spanish) => "punto",
            (_, Language::Spanish) => "puntos",
        };
        let when = match &self.when {
            When::Holds(condition) => {
                let while_true = voice.pick("as long as this is true", "mientras sea cierto");
                format!("{while_true}: {}", describe(condition, language, currency))
            }
            When::Once { filter, window } => {
                let first = voice.pick("for the first time", "por la primera vez");
                format!("{first}: {}", voice.did(filter, *window))
            }
            When::Each {
                filter,
                window,
                cap,
            } => {
                let each = voice.pick("each time", "por cada vez");
                let cap = cap.map_or_else(String::new, |cap| most(voice, cap));
                format!("{each}: {}{cap}", voice.did(filter, *window))
            }
        };
        let fades = if self.fades {
            voice.pick("; they fade", "; se desvanecen con el tiempo")
        } else {
            ""
        };
        format!("{number} {points} {when}{fades}")
    }
}

fn most(voice: Voice, cap: Cap) -> String {
    let times = voice.times(&Comparison::AtMost(cap.most));
    let per = voice.span(cap.per);
    format!(", {times} {} {per}", voice.pick("in", "en"))
}
