//! Tests of values in words.

use super::voice::Voice;
use crate::condition::{Comparison, Scalar, TextTest, ValueTest};

impl Voice {
    /// What a named value must be: “country is “ES””.
    pub(super) fn value_test(self, name: &str, test: &ValueTest) -> String {
        let name = self.name(name);
        match test {
            ValueTest::Exists => self.pick(
                format!("{name} has a value"),
                format!("{name} tiene un valor"),
            ),
            ValueTest::NotExists => self.pick(
                format!("{name} has no value"),
                format!("{name} no tiene valor"),
            ),
            ValueTest::Equal(value) => self.equal(&name, std::slice::from_ref(value)),
            ValueTest::In(values) => self.equal(&name, values),
            ValueTest::NotEqual(value) => self.other(&name, std::slice::from_ref(value)),
            ValueTest::NotIn(values) => self.other(&name, values),
            ValueTest::Number(Comparison::NotEqual(number)) => {
                let number = self.number(*number);
                self.pick(
                    format!("{name} has a number other than {number}"),
                    format!("{name} tiene un número distinto de {number}"),
                )
            }
            ValueTest::Number(comparison) => {
                let much = self.is(comparison, |number| self.number(number));
                self.pick(format!("{name} is {much}"), format!("{name} es {much}"))
            }
            ValueTest::Text(test) => {
                let (verb, part) = match test {
                    TextTest::Contains(part) => (self.pick("contains", "contiene"), part),
                    TextTest::StartsWith(part) => (self.pick("begins with", "empieza por"), part),
                    TextTest::EndsWith(part) => (self.pick("ends with", "termina en"), part),
                };
                format!("{name} {verb} {}", self.quoted(part))
            }
            ValueTest::Time(time) => {
                let when = self.when(*time);
                self.pick(format!("{name} is {when}"), format!("{name} cae {when}"))
            }
        }
    }

    fn equal(self, name: &str, values: &[Scalar]) -> String {
        let values = self.scalars(values);
        self.pick(format!("{name} is {values}"), format!("{name} es {values}"))
    }

    fn other(self, name: &str, values: &[Scalar]) -> String {
        let values = self.scalars(values);
        self.pick(
            format!("{name} is something other than {values}"),
            format!("{name} es algo distinto de {values}"),
        )
    }

    fn scalars(self, values: &[Scalar]) -> String {
        let values: Vec<_> = values.iter().map(|value| self.scalar(value)).collect();
        self.any_of(&values)
    }

    fn scalar(self, value: &Scalar) -> String {
        match value {
            Scalar::Truth(true) => self.pick("true", "verdadero").to_owned(),
            Scalar::Truth(false) => self.pick("false", "falso").to_owned(),
            Scalar::Number(number) => self.number(*number),
            Scalar::Text(text) => self.quoted(text),
        }
    }

    /// One of some texts: “A” or “B”.
    pub(super) fn texts(self, texts: &[String]) -> String {
        let texts: Vec<_> = texts.iter().map(|text| self.quoted(text)).collect();
        self.any_of(&texts)
    }
}
