//! Reading what the schema took into the domain, with the path of each part that is wrong.

use lazo_domain::condition::Number;
use lazo_domain::condition::check::{MAX_FINDINGS, PathPart};

use crate::error::Violation;

/// Something of the schema that is read into a value of the domain.
pub(crate) trait Readable {
    /// What it is read into.
    type Value;

    /// Reads it; none if something in it is wrong, which the reading then knows.
    fn read(self, reading: &mut Reading) -> Option<Self::Value>;
}

/// Where the reading is, and what it found wrong.
#[derive(Default)]
pub(crate) struct Reading {
    path: Vec<PathPart>,
    violations: Vec<Violation>,
}

impl Reading {
    /// Reads a part.
    pub(crate) fn part<T: Readable>(
        &mut self,
        part: impl Into<PathPart>,
        value: T,
    ) -> Option<T::Value> {
        self.path.push(part.into());
        let read = value.read(self);
        self.path.pop();
        read
    }

    /// Reads a part that may be missing.
    #[expect(
        clippy::option_option,
        reason = "none says that the part is wrong, and a none in it that there is no such part"
    )]
    pub(crate) fn part_or_none<T: Readable>(
        &mut self,
        part: &'static str,
        value: Option<T>,
    ) -> Option<Option<T::Value>> {
        value.map_or(Some(None), |value| self.part(part, value).map(Some))
    }

    /// Reads a part that stands for what counts without it where it is missing.
    pub(crate) fn part_or_default<T: Readable<Value: Default>>(
        &mut self,
        part: &'static str,
        value: Option<T>,
    ) -> Option<T::Value> {
        self.part_or_none(part, value)
            .map(Option::unwrap_or_default)
    }

    /// Says what is wrong with the part where the reading is.
    pub(crate) fn refuse<T>(&mut self, message: &str) -> Option<T> {
        if self.violations.len() < MAX_FINDINGS {
            self.violations.push(Violation {
                field: self.path.iter().map(ToString::to_string).collect(),
                code: "INVALID",
                message: message.to_owned(),
            });
        }
        None
    }

    /// What was wrong.
    pub(crate) fn finish(self) -> Vec<Violation> {
        self.violations
    }
}

/// All of them are read, so that each that is wrong is named.
impl<T: Readable> Readable for Vec<T> {
    type Value = Vec<T::Value>;

    fn read(self, reading: &mut Reading) -> Option<Self::Value> {
        let read: Vec<_> = self
            .into_iter()
            .enumerate()
            .map(|(place, item)| reading.part(place, item))
            .collect();
        read.into_iter().collect()
    }
}

impl<T: Readable> Readable for Box<T> {
    type Value = Box<T::Value>;

    fn read(self, reading: &mut Reading) -> Option<Self::Value> {
        (*self).read(reading).map(Box::new)
    }
}

impl Readable for f64 {
    type Value = Number;

    fn read(self, reading: &mut Reading) -> Option<Number> {
        let read = Number::try_from(self).ok();
        read.or_else(|| reading.refuse("A number must be finite."))
    }
}

/// A count.
impl Readable for i64 {
    type Value = u32;

    fn read(self, reading: &mut Reading) -> Option<u32> {
        let read = u32::try_from(self).ok();
        read.or_else(|| reading.refuse("This is counted: a whole number from 0 to 4294967295."))
    }
}
