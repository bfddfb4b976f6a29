//! The weighted similarity of Gower, its coverage, and what each feature adds to it.

use std::collections::{BTreeMap, BTreeSet};

use super::observe::{changes, observe};
use super::{FeatureKind, FeatureValue, Folded, PRIOR, Similarity};
use crate::clock::Timestamp;
use crate::condition::Number;
use crate::condition::evaluate::{Facts, Found, Named, ScoreValue, earliest};
use crate::score::rounding::{apportioned, micros};
use crate::score::scored::{Component, Raw};

/// How much a person is like the ideal at `now`.
///
/// With coverage c, similarity S and prior P it is `c × S + (1 − c) × P`. Each feature adds its share of `c × S`, which is its weight
/// times its similarity by the weight of all features, and the prior the rest.
pub(in crate::score) fn measure(similarity: &Similarity, facts: &Facts<'_>, now: Timestamp) -> Raw {
    let (mut all, mut known, mut until) = (0.0, 0.0, None);
    let mut parts = Vec::with_capacity(similarity.features.len());
    for feature in &similarity.features {
        let value = observe(feature, facts, now);
        let weight = feature.weight.get();
        let likeness = value
            .as_ref()
            .and_then(|value| feature.kind.likeness(value));
        all += weight;
        if likeness.is_some() {
            known += weight;
        }
        until = earliest(until, changes(feature, facts, now));
        let found = value.map_or(Found::Missing, |value| value.found());
        parts.push((feature, weight * likeness.unwrap_or_default(), found));
    }
    let share = |part: f64| if all > 0.0 { part / all } else { 0.0 };
    let coverage = share(known);
    let mut points: Vec<f64> = parts
        .iter()
        .map(|(_, part, _)| 100.0 * share(*part))
        .collect();
    points.push((1.0 - coverage) * similarity.prior.get());
    let total = micros(points.iter().sum());
    let points = apportioned(&points, total);
    let features = parts
        .into_iter()
        .map(|(feature, _, found)| (feature.key.as_str(), feature.title.as_str(), found));
    let prior = (PRIOR, PRIOR, Found::Number(similarity.prior));
    let components = features
        .chain((coverage < 1.0).then_some(prior))
        .zip(points)
        .map(|((key, title, found), points)| component(key, title, points, found))
        .collect();
    Raw {
        is_known: true,
        until,
        components,
        coverage: Number::try_from(coverage).ok(),
    }
}

fn component(key: &str, title: &str, points: Number, found: Found) -> Component {
    Component {
        key: key.to_owned(),
        title: title.to_owned(),
        value: ScoreValue::Constant(points),
        found,
        touchpoints: Named::latest(Vec::new()),
    }
}

impl FeatureKind {
    /// How much a value is like the ideal, from 0 to 1; none if there is no ideal or it is of another kind.
    fn likeness(&self, value: &FeatureValue) -> Option<f64> {
        match (self, value) {
            (Self::Numeric { ideal, range }, FeatureValue::Number(value)) => {
                let distance = (value.get() - ideal.get()).abs();
                let range = range.get();
                let is_ideal = if distance > 0.0 { 0.0 } else { 1.0 };
                let near = if range > 0.0 {
                    1.0 - (distance / range).min(1.0)
                } else {
                    is_ideal
                };
                Some(near)
            }
            (Self::Category { ideal }, FeatureValue::Texts(texts)) => frequency(ideal, texts),
            (Self::Set { ideal }, FeatureValue::Texts(texts)) => jaccard(ideal, texts),
            _ => None,
        }
    }
}

fn frequency(ideal: &BTreeMap<Folded, Number>, texts: &BTreeSet<Folded>) -> Option<f64> {
    let greatest = |frequencies: &mut dyn Iterator<Item = &Number>| {
        frequencies.fold(0.0_f64, |greatest, one| greatest.max(one.get()))
    };
    let most = greatest(&mut ideal.values());
    let its = greatest(&mut texts.iter().filter_map(|text| ideal.get(text)));
    (most > 0.0).then(|| its / most)
}

fn jaccard(ideal: &BTreeSet<Folded>, texts: &BTreeSet<Folded>) -> Option<f64> {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let either = float(ideal.union(texts).count());
    (!ideal.is_empty()).then(|| float(ideal.intersection(texts).count()) / either)
}
