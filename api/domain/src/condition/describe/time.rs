//! Lengths of time, instants and windows in words.

use super::voice::Voice;
use crate::clock::Timestamp;
use crate::condition::{Span, TimeTest, Window};

impl Voice {
    /// A length of time: “30 days”.
    pub(crate) fn span(self, span: Span) -> String {
        let (count, unit) = span.in_units();
        format!("{count} {}", self.unit(unit, count == 1))
    }

    fn unit(self, unit: char, one: bool) -> &'static str {
        let (english, spanish) = match (unit, one) {
            ('w', true) => ("week", "semana"),
            ('w', false) => ("weeks", "semanas"),
            ('d', true) => ("day", "día"),
            ('d', false) => ("days", "días"),
            ('h', true) => ("hour", "hora"),
            ('h', false) => ("hours", "horas"),
            ('m', true) => ("minute", "minuto"),
            ('m', false) => ("minutes", "minutos"),
            (_, true) => ("second", "segundo"),
            (_, false) => ("seconds", "segundos"),
        };
        self.pick(english, spanish)
    }

    /// “within the last 30 days”, “within the last week”.
    fn last(self, span: Span) -> String {
        self.stretch(
            span,
            "last",
            ["el último", "la última", "los últimos", "las últimas"],
        )
    }

    /// “within the next 30 days”, “within the next week”.
    pub(super) fn next(self, span: Span) -> String {
        self.stretch(
            span,
            "next",
            ["el próximo", "la próxima", "los próximos", "las próximas"],
        )
    }

    fn stretch(self, span: Span, english: &str, spanish: [&str; 4]) -> String {
        let (count, unit) = span.in_units();
        let [he, she, they, they_she] = spanish;
        let spanish = match (count == 1, "wh".contains(unit)) {
            (true, false) => he,
            (true, true) => she,
            (false, false) => they,
            (false, true) => they_she,
        };
        let length = if count == 1 {
            self.unit(unit, true).to_owned()
        } else {
            self.span(span)
        };
        self.pick(
            format!("within the {english} {length}"),
            format!("en {spanish} {length}"),
        )
    }

    /// “more than 30 days ago”.
    fn ago(self, span: Span) -> String {
        let span = self.span(span);
        self.pick(
            format!("more than {span} ago"),
            format!("hace más de {span}"),
        )
    }

    /// When something was or will be.
    pub(super) fn when(self, time: TimeTest) -> String {
        match time {
            TimeTest::Before(bound) => {
                let bound = instant(bound);
                self.pick(format!("before {bound}"), format!("antes del {bound}"))
            }
            TimeTest::From(bound) => {
                let bound = instant(bound);
                self.pick(
                    format!("from {bound} on"),
                    format!("del {bound} en adelante"),
                )
            }
            TimeTest::WithinPast(span) => self.last(span),
            TimeTest::LongerAgo(span) => self.ago(span),
            TimeTest::WithinNext(span) => self.next(span),
            TimeTest::FurtherAhead(span) => {
                let span = self.span(span);
                self.pick(
                    format!("more than {span} from now"),
                    format!("dentro de más de {span}"),
                )
            }
            TimeTest::NotLongerAgo(span) => {
                let span = self.span(span);
                self.pick(
                    format!("less than {span} ago or in the future"),
                    format!("hace menos de {span} o en el futuro"),
                )
            }
            TimeTest::NotFurtherAhead(span) => {
                let span = self.span(span);
                self.pick(
                    format!("at most {span} from now or in the past"),
                    format!("dentro de {span} como mucho o en el pasado"),
                )
            }
            TimeTest::Past(true) => self.pick("in the past", "en el pasado").to_owned(),
            TimeTest::Past(false) => self.pick("in the future", "en el futuro").to_owned(),
        }
    }

    /// The time in which something counts; none if it always does.
    pub(super) fn window(self, window: Window) -> Option<String> {
        match window {
            Window::Ever => None,
            Window::Last(span) => Some(self.last(span)),
            Window::Before(span) => Some(self.ago(span)),
            Window::Between { after, until } => {
                let (after, until) = (instant(after), instant(until));
                Some(self.pick(
                    format!("between {after} and {until}"),
                    format!("entre el {after} y el {until}"),
                ))
            }
        }
    }

    /// The time in which something counts, after other words.
    pub(crate) fn in_window(self, window: Window) -> String {
        let words = self.window(window);
        words.map_or_else(String::new, |words| format!(" {words}"))
    }

    /// The time in which something counts, before a sentence with a time of its own.
    pub(super) fn counting(self, window: Window) -> String {
        let words = self.window(window);
        words.map_or_else(String::new, |words| {
            self.pick(
                format!("counting what happened {words}, "),
                format!("contando lo que pasó {words}, "),
            )
        })
    }
}

/// An instant, in UTC: its date, and its time unless that is midnight.
fn instant(instant: Timestamp) -> String {
    let format = match instant.0.rem_euclid(86_400_000) {
        0 => "%Y-%m-%d",
        time if time % 60_000 == 0 => "%Y-%m-%d %H:%M UTC",
        time if time % 1_000 == 0 => "%Y-%m-%d %H:%M:%S UTC",
        _ => "%Y-%m-%d %H:%M:%S%.3f UTC",
    };
    instant.to_datetime().format(format).to_string()
}
