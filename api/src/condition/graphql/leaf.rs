//! Tests of what is known of a person besides touchpoints and purchases.

use async_graphql::{InputObject, SimpleObject};
use lazo_domain::condition as domain;
use lazo_domain::identity::Namespace;

use super::reading::{Readable, Reading};
use super::{NumberComparison, SeenTime, TimeTest, ValueTest};
use crate::graphql::Channel;

/// A test of a trait, computed ones included.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "TraitTestInput")]
pub struct TraitTest {
    /// The name of the trait; for a value inside an object the path to it, joined with dots: `address.city`.
    name: String,
    /// What its value must pass.
    test: ValueTest,
}

impl From<&domain::TraitTest> for TraitTest {
    fn from(test: &domain::TraitTest) -> Self {
        Self {
            name: test.name.clone(),
            test: (&test.test).into(),
        }
    }
}

impl Readable for TraitTest {
    type Value = domain::TraitTest;

    fn read(self, reading: &mut Reading) -> Option<domain::TraitTest> {
        Some(domain::TraitTest {
            test: reading.part("test", self.test)?,
            name: self.name,
        })
    }
}

/// Membership of a segment.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "SegmentTestInput")]
pub struct SegmentTest {
    /// The key of the segment.
    key: String,
}

impl From<&domain::SegmentTest> for SegmentTest {
    fn from(test: &domain::SegmentTest) -> Self {
        Self {
            key: test.key.clone(),
        }
    }
}

impl From<SegmentTest> for domain::SegmentTest {
    fn from(test: SegmentTest) -> Self {
        Self { key: test.key }
    }
}

/// A test of a score: of its value, its grade, or both.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "ScoreTestInput")]
pub struct ScoreTest {
    /// The key of the score model.
    key: String,
    /// What its value must pass. Null lets all pass.
    value: Option<NumberComparison>,
    /// The grades of which it must have one; none of them lets all pass.
    #[graphql(default)]
    grades: Vec<String>,
}

impl From<&domain::ScoreTest> for ScoreTest {
    fn from(test: &domain::ScoreTest) -> Self {
        Self {
            key: test.key.clone(),
            value: test.value.as_ref().map(Into::into),
            grades: test.grades.clone(),
        }
    }
}

impl Readable for ScoreTest {
    type Value = domain::ScoreTest;

    fn read(self, reading: &mut Reading) -> Option<domain::ScoreTest> {
        Some(domain::ScoreTest {
            value: reading.part_or_none("value", self.value)?,
            key: self.key,
            grades: self.grades,
        })
    }
}

/// A test of consent to a purpose.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "ConsentTestInput")]
pub struct ConsentTest {
    /// The key of the purpose.
    purpose: String,
    /// The channel, where the purpose is decided by channel.
    channel: Option<Channel>,
    /// Whether consent is granted. If not, it must not be.
    #[graphql(default = true)]
    granted: bool,
}

impl From<&domain::ConsentTest> for ConsentTest {
    fn from(test: &domain::ConsentTest) -> Self {
        Self {
            purpose: test.purpose.clone(),
            channel: test.channel.map(Into::into),
            granted: test.granted,
        }
    }
}

impl From<ConsentTest> for domain::ConsentTest {
    fn from(test: ConsentTest) -> Self {
        Self {
            purpose: test.purpose,
            channel: test.channel.map(Into::into),
            granted: test.granted,
        }
    }
}

/// Whether there is an identifier of a namespace.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "IdentifierTestInput")]
pub struct IdentifierTest {
    /// The kind of identifier, such as `email`.
    namespace: String,
}

impl From<&domain::IdentifierTest> for IdentifierTest {
    fn from(test: &domain::IdentifierTest) -> Self {
        Self {
            namespace: test.namespace.as_str().to_owned(),
        }
    }
}

impl Readable for IdentifierTest {
    type Value = domain::IdentifierTest;

    fn read(self, reading: &mut Reading) -> Option<domain::IdentifierTest> {
        let namespace = reading.part("namespace", NamespaceName(self.namespace))?;
        Some(domain::IdentifierTest { namespace })
    }
}

/// What may be the name of a namespace.
struct NamespaceName(String);

impl Readable for NamespaceName {
    type Value = Namespace;

    fn read(self, reading: &mut Reading) -> Option<Namespace> {
        let read = Namespace::new(&self.0);
        read.or_else(|| {
            reading.refuse("A namespace is 1 to 64 characters of a to z, 0 to 9 and _.")
        })
    }
}

/// Whether the anniversary of a date is near.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "AnniversaryTestInput")]
pub struct AnniversaryTest {
    /// The name of the trait that holds the date, with or without a year: `1990-02-28`, `--02-28`.
    r#trait: String,
    /// In how many days it may be at most; 0 is today. Days are those of the person's time zone.
    within_days: i64,
}

impl From<&domain::AnniversaryTest> for AnniversaryTest {
    fn from(test: &domain::AnniversaryTest) -> Self {
        Self {
            r#trait: test.name.clone(),
            within_days: test.within_days.into(),
        }
    }
}

impl Readable for AnniversaryTest {
    type Value = domain::AnniversaryTest;

    fn read(self, reading: &mut Reading) -> Option<domain::AnniversaryTest> {
        let within_days = reading.part("withinDays", Days(self.within_days))?;
        Some(domain::AnniversaryTest {
            name: self.r#trait,
            within_days,
        })
    }
}

/// What may be a number of days.
struct Days(i64);

impl Readable for Days {
    type Value = u16;

    fn read(self, reading: &mut Reading) -> Option<u16> {
        let read = u16::try_from(self.0).ok();
        read.or_else(|| reading.refuse("An anniversary is 0 to 366 days away."))
    }
}

/// When the person was seen first or last.
#[derive(Clone, InputObject, SimpleObject)]
#[graphql(input_name = "SeenTestInput")]
pub struct SeenTest {
    /// Which time.
    which: SeenTime,
    /// What it must pass.
    time: TimeTest,
}

impl From<&domain::SeenTest> for SeenTest {
    fn from(test: &domain::SeenTest) -> Self {
        Self {
            which: test.which.into(),
            time: test.time.into(),
        }
    }
}

impl Readable for SeenTest {
    type Value = domain::SeenTest;

    fn read(self, reading: &mut Reading) -> Option<domain::SeenTest> {
        Some(domain::SeenTest {
            which: self.which.into(),
            time: reading.part("time", self.time)?,
        })
    }
}
