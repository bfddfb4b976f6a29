//! The check of rules.

use super::ProblemCode;
use super::findings::Findings;
use crate::condition::{Comparison, Condition, Filter, Measure, Number, TouchpointTest, Window};
use crate::score::{Points, Rule, When};

/// The most rules of a score model.
pub const MAX_RULES: usize = 100;

/// The most points that a rule gives or takes each time, so that their sums stay exact.
pub const MAX_POINTS: u32 = 10_000;

pub(super) fn check(findings: &mut Findings<'_>, points: &Points) {
    if points.rules.is_empty() {
        findings.at("rules", |findings| {
            findings.problem(ProblemCode::Empty, "points are given by at least one rule");
        });
    }
    findings.list("rules", &points.rules, MAX_RULES, |findings, rule| {
        self::rule(findings, rule);
        if rule.fades && points.half_life.is_none() {
            findings.at("fades", |findings| {
                findings.problem(
                    ProblemCode::NothingFades,
                    "points fade in a half-life, and the model has none",
                );
            });
        }
    });
    let keys = points.rules.iter().map(|rule| rule.key.as_str());
    findings.once("rules", "key", keys);
}

fn rule(findings: &mut Findings<'_>, rule: &Rule) {
    findings.key(&rule.key);
    findings.text("title", &rule.title);
    let most = Number::from(MAX_POINTS).get();
    let must = format!("from -{MAX_POINTS} to {MAX_POINTS}");
    findings.number("points", rule.points.get().abs() <= most, &must);
    findings.at("when", |findings| when(findings, &rule.when));
    if rule.fades && matches!(rule.when, When::Holds(_)) {
        findings.at("fades", |findings| {
            findings.problem(
                ProblemCode::NothingFades,
                "points for a condition are there while it holds, and do not fade",
            );
        });
    }
}

fn when(findings: &mut Findings<'_>, when: &When) {
    match when {
        When::Holds(condition) => {
            findings.at("holds", |findings| findings.condition(condition, 0));
        }
        When::Once { filter, window } => findings.at("once", |findings| {
            findings.condition(&happened(filter, *window), 1);
        }),
        When::Each {
            filter,
            window,
            cap,
        } => findings.at("each", |findings| {
            findings.condition(&happened(filter, *window), 1);
            if let Some(cap) = cap {
                findings.at("cap", |findings| {
                    findings.number("most", cap.most > 0, "at least 1");
                });
            }
        }),
    }
}

/// A condition with a filter and a window of touchpoints.
fn happened(filter: &Filter, window: Window) -> Condition {
    Condition::Touchpoint(TouchpointTest {
        filter: filter.clone(),
        window,
        measure: Measure::Count(Comparison::AtLeast(1)),
    })
}
