//! The centre of a segment's members, as an ideal.

use std::collections::BTreeMap;

use super::{Feature, FeatureKind, FeatureValue, Folded, Similarity};
use crate::condition::Number;
use crate::condition::check::MAX_VALUES;

/// Where the range of numbers begins, its middle, and where it ends: in twentieths of the members.
const P5: usize = 1;
const MEDIAN: usize = 10;
const P95: usize = 19;
const ALL: usize = 20;

impl Similarity {
    /// The same similarity with the centre of these members as its ideal, to be stored; each member is given by the
    /// [values](Similarity::values) of its features, in their order.
    ///
    /// The ideal number is the median and the range goes from the 5th to the 95th percentile, both between the nearest two values. The
    /// ideal category has the frequency of each text, and the ideal list the texts of more than half of the members, of those that have a
    /// value. Of a text that one member alone has nothing is kept, since it may say who that is. A feature of which no member has a
    /// value keeps its ideal.
    #[must_use]
    pub fn centred(&self, sample: impl Iterator<Item = Vec<Option<FeatureValue>>>) -> Self {
        let mut columns = vec![Column::default(); self.features.len()];
        for member in sample {
            for (column, value) in columns.iter_mut().zip(member) {
                column.take(value);
            }
        }
        let features = self.features.iter().zip(columns);
        Self {
            features: features
                .map(|(feature, column)| Feature {
                    kind: column.ideal(&feature.kind),
                    ..feature.clone()
                })
                .collect(),
            prior: self.prior,
            segment: self.segment.clone(),
        }
    }
}

/// The values of one feature.
#[derive(Clone, Default)]
struct Column {
    numbers: Vec<f64>,
    texts: BTreeMap<Folded, usize>,
    /// How many members have texts.
    with_texts: usize,
}

impl Column {
    fn take(&mut self, value: Option<FeatureValue>) {
        match value {
            None => {}
            Some(FeatureValue::Number(number)) => self.numbers.push(number.get()),
            Some(FeatureValue::Texts(texts)) => {
                self.with_texts += 1;
                for text in texts {
                    *self.texts.entry(text).or_default() += 1;
                }
            }
        }
    }

    fn ideal(mut self, before: &FeatureKind) -> FeatureKind {
        self.numbers.sort_unstable_by(f64::total_cmp);
        let centre = match before {
            FeatureKind::Numeric { .. } => self.middle(),
            FeatureKind::Category { .. } => self.frequencies(),
            FeatureKind::Set { .. } => self.common(),
        };
        centre.unwrap_or_else(|| before.clone())
    }

    fn middle(&self) -> Option<FeatureKind> {
        let percentile = |place| percentile(&self.numbers, place);
        Some(FeatureKind::Numeric {
            ideal: rounded(percentile(MEDIAN)?)?,
            range: rounded(percentile(P95)? - percentile(P5)?)?,
        })
    }

    fn frequencies(self) -> Option<FeatureKind> {
        let members = self.with_texts;
        let shared = self.texts.into_iter().filter(|(_, count)| *count > 1);
        let mut most: Vec<_> = shared.collect();
        most.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
        most.truncate(MAX_VALUES);
        let ideal = most
            .into_iter()
            .filter_map(|(text, count)| Some((text, rounded(float(count) / float(members))?)))
            .collect();
        (members > 0).then_some(FeatureKind::Category { ideal })
    }

    fn common(self) -> Option<FeatureKind> {
        let members = self.with_texts;
        let common = self
            .texts
            .into_iter()
            .filter(|(_, count)| *count > 1 && *count > members - *count);
        let ideal = common.map(|(text, _)| text).take(MAX_VALUES).collect();
        (members > 0).then_some(FeatureKind::Set { ideal })
    }
}

/// The value at so many twentieths of the way from the least to the greatest, in order.
fn percentile(sorted: &[f64], place: usize) -> Option<f64> {
    let steps = sorted.len().checked_sub(1)? * place;
    let low = *sorted.get(steps / ALL)?;
    let high = sorted.get(steps / ALL + 1).copied().unwrap_or(low);
    Some(low + (high - low) * (float(steps % ALL) / float(ALL)))
}

fn float(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Rounded to millionths, so that what is stored is short; as it is if it is too great for that.
fn rounded(number: f64) -> Option<Number> {
    let number = Number::try_from(number).ok()?;
    Some(number.micros().map_or(number, Number::from_micros))
}
