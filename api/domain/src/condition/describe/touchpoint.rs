//! Tests of touchpoints and of their order in words.

use super::voice::Voice;
use crate::condition::{Comparison, Filter, Measure, Number, SequenceTest, TouchpointTest, Window};
use crate::touchpoint::Channel;

impl Voice {
    /// What touchpoints must come to.
    pub(super) fn touchpoints(self, test: &TouchpointTest) -> String {
        let what = self.filter(&test.filter);
        let window = self.in_window(test.window);
        match &test.measure {
            Measure::Count(Comparison::Equal(0)) => {
                let what = self.filter_or(&test.filter, "anything", "nada");
                self.pick(
                    format!("never did {what}{window}"),
                    format!("nunca hizo {what}{window}"),
                )
            }
            Measure::Count(count) => {
                let times = self.times(count);
                self.pick(
                    format!("did {what} {times}{window}"),
                    format!("hizo {what} {times}{window}"),
                )
            }
            Measure::First(time) => {
                let (counting, when) = (self.counting(test.window), self.when(*time));
                self.pick(
                    format!("{counting}first did {what} {when}"),
                    format!("{counting}hizo {what} por primera vez {when}"),
                )
            }
            Measure::Last(time) => {
                let (counting, when) = (self.counting(test.window), self.when(*time));
                self.pick(
                    format!("{counting}last did {what} {when}"),
                    format!("{counting}hizo {what} por última vez {when}"),
                )
            }
            Measure::Distinct(property, count) => {
                let of = self.pick(
                    "the number of different values of",
                    "el número de valores distintos de",
                );
                let much = self.is(count, |count| count.to_string());
                self.measured(test, of, property, &much)
            }
            Measure::Sum(property, bounds) => {
                let of = self.pick("the sum of", "la suma de");
                self.measured(test, of, property, &self.number_is(bounds))
            }
            Measure::Min(property, bounds) => {
                let of = self.pick("the smallest", "el menor valor de");
                self.measured(test, of, property, &self.number_is(bounds))
            }
            Measure::Max(property, bounds) => {
                let of = self.pick("the greatest", "el mayor valor de");
                self.measured(test, of, property, &self.number_is(bounds))
            }
            Measure::Mean(property, bounds) => {
                let of = self.pick("the mean of", "la media de");
                self.measured(test, of, property, &self.number_is(bounds))
            }
        }
    }

    /// How much a number is, after “is”.
    pub(super) fn number_is(self, bounds: &Comparison<Number>) -> String {
        self.is(bounds, |number| self.number(number))
    }

    fn measured(self, test: &TouchpointTest, of: &str, property: &str, much: &str) -> String {
        let property = self.name(property);
        let what = self.filter(&test.filter);
        let window = self.in_window(test.window);
        let (at, is) = self.pick(("in", "is"), ("en", "es"));
        format!("{of} {property} {at} {what}{window} {is} {much}")
    }

    /// What was done, however often.
    pub(crate) fn did(self, filter: &Filter, window: Window) -> String {
        let (what, window) = (self.filter(filter), self.in_window(window));
        self.pick(
            format!("did {what}{window}"),
            format!("hizo {what}{window}"),
        )
    }

    /// Which touchpoint follows which.
    pub(super) fn sequence(self, test: &SequenceTest) -> String {
        let first = self.filter(&test.first);
        let window = self.in_window(test.window);
        let within = self.span(test.within);
        if test.follows {
            let then = self.filter(&test.then);
            self.pick(
                format!("did {first}{window} and then {then} within {within}"),
                format!("hizo {first}{window} y después {then} en un plazo de {within}"),
            )
        } else {
            let then = self.filter_or(&test.then, "anything", "nada");
            self.pick(
                format!("did {first}{window} and then did not do {then} within {within}"),
                format!("hizo {first}{window} y después no hizo {then} en un plazo de {within}"),
            )
        }
    }

    /// Which touchpoints count.
    pub(crate) fn filter(self, filter: &Filter) -> String {
        self.filter_or(filter, "something", "algo")
    }

    /// Which touchpoints count, with a word for all of them.
    fn filter_or(self, filter: &Filter, english: &str, spanish: &str) -> String {
        let mut words = if filter.names.is_empty() {
            self.pick(english, spanish).to_owned()
        } else {
            self.texts(&filter.names)
        };
        if let Some(channel) = filter.channel {
            words = format!("{words} {}", self.by(channel));
        }
        if let Some(source) = &filter.source {
            let source = self.quoted(source);
            words = format!("{words} {} {source}", self.pick("from", "desde"));
        }
        let mut properties = String::new();
        for property in &filter.properties {
            let test = self.value_test(&property.name, &property.test);
            if !properties.is_empty() {
                properties = format!("{properties}, {} ", self.and(&test));
            }
            properties.push_str(&test);
        }
        if properties.is_empty() {
            words
        } else {
            format!("{words} ({} {properties})", self.pick("where", "donde"))
        }
    }

    /// How someone is reached, or comes: “by email”.
    pub(super) fn by(self, channel: Channel) -> &'static str {
        match channel {
            Channel::Web => self.pick("on the web", "en la web"),
            Channel::Social => self.pick("on social networks", "en redes sociales"),
            Channel::Email => self.pick("by email", "por correo electrónico"),
            Channel::Store => self.pick("in a store", "en una tienda"),
            Channel::Phone => self.pick("by phone", "por teléfono"),
            Channel::Messaging => self.pick("by message", "por mensajería"),
            Channel::Other => self.pick("on another channel", "por otro canal"),
        }
    }
}
