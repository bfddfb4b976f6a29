//! The check of score models: only what passed it may be stored or scored by.

mod findings;
mod points;
mod problem;
mod similarity;
#[cfg(test)]
mod tests;

pub use points::{MAX_POINTS, MAX_RULES};
pub use problem::{Checked, Problem, ProblemCode};
pub use similarity::MAX_FEATURES;

use self::findings::Findings;
use super::{Kind, Model, Rfm};
use crate::condition::check::Known;
use crate::condition::{
    Comparison, Condition, Lines, Number, PurchaseMeasure, PurchaseTest, Window,
};

/// The most grades of a score model.
pub const MAX_GRADES: usize = 20;

/// Checks a score model: its size, its keys and titles, its numbers, and its conditions as [conditions are
/// checked](crate::condition::check::check()).
///
/// # Errors
///
/// What is wrong, in the order of the model. Names of traits, touchpoints and sources that nobody has sent yet are no error but a
/// [warning](Checked::warnings).
pub fn check(model: &Model, known: &Known) -> Result<Checked, Vec<Problem>> {
    let mut findings = Findings::new(known);
    match &model.kind {
        Kind::Points(points) => points::check(&mut findings, points),
        Kind::Similarity(similarity) => similarity::check(&mut findings, similarity),
        Kind::Rfm(rfm) => self::rfm(&mut findings, rfm),
    }
    grades(&mut findings, model);
    if let Some(scale) = model.scale {
        findings.number("scale", scale > Number::ZERO, "above 0");
    }
    findings.finish()
}

fn grades(findings: &mut Findings<'_>, model: &Model) {
    findings.list("grades", &model.grades, MAX_GRADES, |findings, grade| {
        findings.text("name", &grade.name);
    });
    let names = model.grades.iter().map(|grade| grade.name.as_str());
    findings.once("grades", "name", names);
    for (position, pair) in model.grades.windows(2).enumerate() {
        if let [below, above] = pair
            && below.at_least >= above.at_least
        {
            findings.at("grades", |findings| {
                findings.at(position + 1, |findings| {
                    findings.problem(
                        ProblemCode::OutOfOrder,
                        format!(
                            "it begins at {}, and the one before it at {}",
                            above.at_least, below.at_least
                        ),
                    );
                });
            });
        }
    }
}

fn rfm(findings: &mut Findings<'_>, rfm: &Rfm) {
    findings.condition(&purchases_in(rfm.window), 1);
}

/// A condition with a window in which purchases count.
fn purchases_in(window: Window) -> Condition {
    Condition::Purchase(PurchaseTest {
        lines: Lines::default(),
        window,
        measure: PurchaseMeasure::Count(Comparison::AtLeast(1)),
    })
}
