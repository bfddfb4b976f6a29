//! The check of features.

use super::ProblemCode;
use super::findings::Findings;
use crate::condition::check::{MAX_TEXT_CHARS, MAX_VALUES};
use crate::condition::{Condition, Number, SegmentTest, TraitTest, ValueTest};
use crate::score::{Feature, FeatureKind, Folded, Observed, PRIOR, Similarity};

/// The most features of a score model.
pub const MAX_FEATURES: usize = 50;

/// The greatest weight of a feature.
const MAX_WEIGHT: f64 = 1e6;

pub(super) fn check(findings: &mut Findings<'_>, similarity: &Similarity) {
    if similarity.features.is_empty() {
        findings.at("features", |findings| {
            findings.problem(ProblemCode::Empty, "at least one feature is compared");
        });
    }
    let described = similarity.segment.is_none();
    findings.list(
        "features",
        &similarity.features,
        MAX_FEATURES,
        |findings, feature| self::feature(findings, feature, described),
    );
    let keys = similarity.features.iter();
    findings.once("features", "key", keys.map(|feature| feature.key.as_str()));
    let prior = similarity.prior.get();
    let is_value = (0.0..=100.0).contains(&prior);
    findings.number("prior", is_value, "from 0 to 100");
    if let Some(key) = &similarity.segment {
        findings.at("segment", |findings| {
            let test = SegmentTest { key: key.clone() };
            findings.condition(&Condition::Segment(test), 2);
        });
    }
}

fn feature(findings: &mut Findings<'_>, feature: &Feature, described: bool) {
    findings.key(&feature.key);
    if feature.key == PRIOR {
        findings.at("key", |findings| {
            findings.problem(
                ProblemCode::InvalidKey,
                "it is the key of what stands in for features that are not known",
            );
        });
    }
    findings.text("title", &feature.title);
    let weight = feature.weight.get();
    let fits = weight > 0.0 && weight <= MAX_WEIGHT;
    findings.number("weight", fits, "above 0 and at most 1000000");
    findings.at("value", |findings| match &feature.value {
        Observed::Trait(name) => findings.at("trait", |findings| {
            let test = TraitTest {
                name: name.clone(),
                test: ValueTest::Exists,
            };
            findings.condition(&Condition::Trait(test), 2);
        }),
        _ if !matches!(feature.kind, FeatureKind::Numeric { .. }) => findings.problem(
            ProblemCode::WrongKind,
            "what purchases come to is a number, which is compared as one",
        ),
        _ => {}
    });
    findings.at("kind", |findings| kind(findings, &feature.kind, described));
}

fn kind(findings: &mut Findings<'_>, kind: &FeatureKind, described: bool) {
    match kind {
        FeatureKind::Numeric { range, .. } => findings.at("numeric", |findings| {
            findings.number("range", *range >= Number::ZERO, "0 or more");
        }),
        FeatureKind::Category { ideal } => findings.at("category", |findings| {
            let frequencies = || ideal.values().map(|frequency| frequency.get());
            let fit = frequencies().all(|frequency| (0.0..=MAX_WEIGHT).contains(&frequency));
            findings.number("ideal", fit, "frequencies from 0 to 1000000");
            let is_there = frequencies().any(|frequency| frequency > 0.0);
            texts(findings, ideal.keys(), is_there || !described);
        }),
        FeatureKind::Set { ideal } => findings.at("set", |findings| {
            texts(findings, ideal.iter(), !ideal.is_empty() || !described);
        }),
    }
}

fn texts<'t>(
    findings: &mut Findings<'_>,
    texts: impl ExactSizeIterator<Item = &'t Folded>,
    is_there: bool,
) {
    findings.at("ideal", |findings| {
        if !is_there {
            findings.problem(ProblemCode::NoIdeal, "it needs something to compare with");
        }
        if texts.len() > MAX_VALUES {
            let message = format!("there are at most {MAX_VALUES}");
            findings.problem(ProblemCode::TooMany, message);
        }
        let fits = |text: &Folded| {
            let text = text.as_str();
            text.chars().nth(MAX_TEXT_CHARS).is_none() && !text.contains('\0')
        };
        if !texts.into_iter().all(fits) {
            let message = format!("texts have at most {MAX_TEXT_CHARS} characters, none U+0000");
            findings.problem(ProblemCode::InvalidText, message);
        }
    });
}
