//! The check of computed traits: only what passed it may be stored or computed.

use super::reserved::is_reserved;
use super::{Aggregate, Definition, Of, PurchaseAggregate};
use crate::condition::check::leaf::{filter, lines};
use crate::condition::check::report::Report;
use crate::condition::check::value::{path, window};
use crate::condition::check::{Checked, Known, Problem, ProblemCode};

/// The most values that a list of different ones keeps.
pub const MAX_CAP: u16 = 100;

/// Checks the definition of a computed trait: its name, what counts and in which window, and how many values a list keeps.
///
/// # Errors
///
/// What is wrong, in the order of the definition. Names of touchpoints and sources that nobody has sent yet are no error but a
/// [warning](Checked::warnings).
pub fn check(definition: &Definition, known: &Known) -> Result<Checked, Vec<Problem>> {
    let mut report = Report::new(known);
    report.at("name", |report| name(report, &definition.name));
    report.at("of", |report| match &definition.of {
        Of::Touchpoints {
            filter: counts,
            measure,
        } => report.at("touchpoints", |report| {
            report.at("filter", |report| filter(report, counts));
            report.at("measure", |report| aggregate(report, measure));
        }),
        Of::Purchases {
            lines: counts,
            measure,
        } => report.at("purchases", |report| {
            report.at("lines", |report| lines(report, counts));
            if let PurchaseAggregate::Categories { cap: most } = measure {
                report.at("measure", |report| {
                    report.at("categories", |report| cap(report, *most));
                });
            }
        }),
    });
    window(&mut report, definition.window);
    report.finish()
}

/// Checks the name of the trait itself, by which conditions will ask for it.
fn name(report: &mut Report<'_>, name: &str) {
    path(report, name);
    if is_reserved(name) {
        report.problem(
            ProblemCode::ReservedName,
            format!("“{name}” means something already; a computed trait needs a name of its own"),
        );
    }
}

fn aggregate(report: &mut Report<'_>, measure: &Aggregate) {
    let (name, property) = match measure {
        Aggregate::Count | Aggregate::FirstAt | Aggregate::LastAt => return,
        Aggregate::Sum(property) => ("sum", property),
        Aggregate::Min(property) => ("min", property),
        Aggregate::Max(property) => ("max", property),
        Aggregate::Mean(property) => ("mean", property),
        Aggregate::First(property) => ("first", property),
        Aggregate::Last(property) => ("last", property),
        Aggregate::MostFrequent(property) => ("most_frequent", property),
        Aggregate::DistinctCount(property) => ("distinct_count", property),
        Aggregate::DistinctValues {
            property,
            cap: most,
        } => {
            report.at("distinct_values", |report| {
                report.at("property", |report| path(report, property));
                cap(report, *most);
            });
            return;
        }
    };
    report.at(name, |report| path(report, property));
}

/// Checks how many values a list keeps.
fn cap(report: &mut Report<'_>, cap: u16) {
    if !(1..=MAX_CAP).contains(&cap) {
        report.at("cap", |report| {
            report.problem(
                ProblemCode::CapOutOfRange,
                format!("a list keeps 1 to {MAX_CAP} values"),
            );
        });
    }
}
