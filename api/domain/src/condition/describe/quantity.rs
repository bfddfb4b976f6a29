//! How much, and how often.

use super::Language;
use super::voice::Voice;
use crate::condition::Comparison;

impl Voice {
    /// How much something is, after “is”.
    pub(super) fn is<T: Copy>(
        self,
        comparison: &Comparison<T>,
        written: impl Fn(T) -> String,
    ) -> String {
        let (english, spanish, bound) = match *comparison {
            Comparison::Equal(bound) => ("exactly", "exactamente", bound),
            Comparison::NotEqual(bound) => ("something other than", "algo distinto de", bound),
            Comparison::Less(bound) => ("less than", "menor que", bound),
            Comparison::AtMost(bound) => ("at most", "como mucho", bound),
            Comparison::More(bound) => ("more than", "mayor que", bound),
            Comparison::AtLeast(bound) => ("at least", "como mínimo", bound),
            Comparison::Between(low, high) => return self.between(&written(low), &written(high)),
        };
        format!("{} {}", self.pick(english, spanish), written(bound))
    }

    /// How much something comes to, after a verb such as “spent”.
    pub(super) fn so_much<T: Copy>(
        self,
        comparison: &Comparison<T>,
        written: impl Fn(T) -> String,
    ) -> String {
        let (english, spanish, bound) = match *comparison {
            Comparison::Equal(bound) => ("exactly", "exactamente", bound),
            Comparison::NotEqual(bound) => ("not exactly", "no exactamente", bound),
            Comparison::Less(bound) => ("less than", "menos de", bound),
            Comparison::AtMost(bound) => ("at most", "como mucho", bound),
            Comparison::More(bound) => ("more than", "más de", bound),
            Comparison::AtLeast(bound) => ("at least", "al menos", bound),
            Comparison::Between(low, high) => return self.between(&written(low), &written(high)),
        };
        format!("{} {}", self.pick(english, spanish), written(bound))
    }

    fn between(self, low: &str, high: &str) -> String {
        let (between, and) = self.pick(("between", "and"), ("entre", "y"));
        format!("{between} {low} {and} {high}")
    }

    /// How often: “at least 2 times”, “more than once”.
    pub(crate) fn times(self, comparison: &Comparison<u32>) -> String {
        if let Comparison::Between(low, high) = comparison {
            let times = self.pick("times", if *high == 1 { "vez" } else { "veces" });
            return format!(
                "{} {times}",
                self.between(&low.to_string(), &high.to_string())
            );
        }
        self.so_much(comparison, |count| match (self.language, count) {
            (Language::English, 1) => "once".to_owned(),
            (Language::English, count) => format!("{count} times"),
            (Language::Spanish, 1) => "una vez".to_owned(),
            (Language::Spanish, count) => format!("{count} veces"),
        })
    }
}
