//! The check of single tests.

use super::report::Report;
use super::value::{
    comparison, exact, key, list, name, optional_list, path, text, time_test, value_test, window,
};
use super::{MAX_DAYS, ProblemCode, WarningCode};
use crate::condition::{
    AnniversaryTest, Condition, ConsentTest, Filter, Lines, Measure, PurchaseMeasure, PurchaseTest,
    ScoreTest, SegmentTest, SequenceTest, TouchpointTest, TraitTest,
};

/// Checks a single test; what joins and negates conditions is the caller's.
pub(super) fn check(report: &mut Report<'_>, leaf: &Condition) {
    match leaf {
        Condition::Trait(test) => report.at("trait", |report| trait_test(report, test)),
        Condition::Touchpoint(test) => report.at("touchpoint", |report| touchpoint(report, test)),
        Condition::Purchase(test) => report.at("purchase", |report| purchase(report, test)),
        Condition::Sequence(test) => report.at("sequence", |report| sequence(report, test)),
        Condition::Segment(test) => report.at("segment", |report| segment(report, test)),
        Condition::Score(test) => report.at("score", |report| score(report, test)),
        Condition::Consent(test) => report.at("consent", |report| consent(report, test)),
        Condition::Stage(test) => {
            report.at("stage", |report| list(report, &test.stages, |_, _| {}));
        }
        Condition::Level(test) => {
            report.at("level", |report| list(report, &test.levels, |_, _| {}));
        }
        // A namespace is valid by its type, and any may come; the others are no leaves.
        Condition::Identifier(_) | Condition::All(_) | Condition::Any(_) | Condition::Not(_) => {}
        Condition::Anniversary(test) => {
            report.at("anniversary", |report| anniversary(report, test));
        }
        Condition::Seen(test) => report.at("seen", |report| {
            report.at("time", |report| time_test(report, test.time));
        }),
    }
}

/// Checks the name of a trait, and whether any profile has it.
fn trait_name(report: &mut Report<'_>, trait_name: &str) {
    path(report, trait_name);
    let known = &report.known.traits;
    if !known.contains(trait_name) {
        report.unseen(WarningCode::UnknownTrait, "trait", trait_name, known);
    }
}

fn trait_test(report: &mut Report<'_>, test: &TraitTest) {
    report.at("name", |report| trait_name(report, &test.name));
    report.at("test", |report| value_test(report, &test.test));
}

/// Checks which touchpoints count.
pub(crate) fn filter(report: &mut Report<'_>, filter: &Filter) {
    let (events, sources) = (&report.known.events, &report.known.sources);
    report.at("names", |report| {
        optional_list(report, &filter.names, |report, event| {
            name(report, event);
            if !events.contains(event) {
                report.unseen(WarningCode::UnknownEvent, "touchpoint", event, events);
            }
        });
    });
    if let Some(source) = &filter.source {
        report.at("source", |report| {
            name(report, source);
            if !sources.contains(source) {
                report.unseen(WarningCode::UnknownSource, "source", source, sources);
            }
        });
    }
    report.at("properties", |report| {
        optional_list(report, &filter.properties, |report, property| {
            report.at("name", |report| path(report, &property.name));
            report.at("test", |report| value_test(report, &property.test));
        });
    });
}

fn touchpoint(report: &mut Report<'_>, test: &TouchpointTest) {
    report.at("filter", |report| filter(report, &test.filter));
    window(report, test.window);
    report.at("measure", |report| measure(report, &test.measure));
}

fn measure(report: &mut Report<'_>, measure: &Measure) {
    let (name, property) = match measure {
        Measure::Count(_) => ("count", None),
        Measure::Sum(property, _) => ("sum", Some(property)),
        Measure::Min(property, _) => ("min", Some(property)),
        Measure::Max(property, _) => ("max", Some(property)),
        Measure::Mean(property, _) => ("mean", Some(property)),
        Measure::Distinct(property, _) => ("distinct", Some(property)),
        Measure::First(_) => ("first", None),
        Measure::Last(_) => ("last", None),
    };
    report.at(name, |report| {
        if let Some(property) = property {
            report.at(0, |report| path(report, property));
        }
        match measure {
            Measure::Count(bound) => comparison(report, bound),
            Measure::Distinct(_, bound) => report.at(1, |report| comparison(report, bound)),
            Measure::Sum(_, bound) | Measure::Mean(_, bound) => {
                report.at(1, |report| exact(report, bound));
            }
            Measure::Min(_, bound) | Measure::Max(_, bound) => {
                report.at(1, |report| comparison(report, bound));
            }
            Measure::First(time) | Measure::Last(time) => time_test(report, *time),
        }
    });
}

fn purchase(report: &mut Report<'_>, test: &PurchaseTest) {
    report.at("lines", |report| lines(report, &test.lines));
    window(report, test.window);
    report.at("measure", |report| match &test.measure {
        PurchaseMeasure::Count(bound) => report.at("count", |report| comparison(report, bound)),
        PurchaseMeasure::Products(bound) => {
            report.at("products", |report| comparison(report, bound));
        }
        PurchaseMeasure::Spend(bound) => report.at("spend", |report| exact(report, bound)),
        PurchaseMeasure::MeanSpend(bound) => report.at("mean_spend", |report| exact(report, bound)),
        PurchaseMeasure::MaxSpend(bound) => report.at("max_spend", |report| exact(report, bound)),
        PurchaseMeasure::SinceLastInIntervals(bound) => {
            report.at("since_last_in_intervals", |report| {
                comparison(report, bound);
            });
        }
        PurchaseMeasure::First(time) => report.at("first", |report| time_test(report, *time)),
        PurchaseMeasure::Last(time) => report.at("last", |report| time_test(report, *time)),
    });
}

/// Checks which lines count.
pub(crate) fn lines(report: &mut Report<'_>, lines: &Lines) {
    let lists = [
        ("products", &lines.products),
        ("categories", &lines.categories),
        ("brands", &lines.brands),
    ];
    for (name, values) in lists {
        report.at(name, |report| {
            optional_list(report, values, |report, value| text(report, value));
        });
    }
}

fn sequence(report: &mut Report<'_>, test: &SequenceTest) {
    report.at("first", |report| filter(report, &test.first));
    report.at("then", |report| filter(report, &test.then));
    window(report, test.window);
}

fn segment(report: &mut Report<'_>, test: &SegmentTest) {
    report.at("key", |report| {
        let known = &report.known.segments;
        if key(report, &test.key) && !known.contains(&test.key) {
            report.unknown(ProblemCode::UnknownSegment, "segment", &test.key, known);
        }
    });
}

fn score(report: &mut Report<'_>, test: &ScoreTest) {
    let known = &report.known.scores;
    let grades = known.get(&test.key);
    report.at("key", |report| {
        if key(report, &test.key) && grades.is_none() {
            report.unknown(ProblemCode::UnknownScore, "score", &test.key, known.keys());
        }
    });
    if let Some(value) = &test.value {
        report.at("value", |report| comparison(report, value));
    }
    report.at("grades", |report| {
        optional_list(report, &test.grades, |report, grade| {
            name(report, grade);
            if let Some(grades) = grades
                && !grades.contains(grade)
            {
                report.unknown(ProblemCode::UnknownGrade, "grade", grade, grades);
            }
        });
    });
    if test.value.is_none() && test.grades.is_empty() {
        report.problem(
            ProblemCode::NothingTested,
            "a test of a score needs a value or a grade",
        );
    }
}

fn consent(report: &mut Report<'_>, test: &ConsentTest) {
    report.at("purpose", |report| {
        let known = &report.known.purposes;
        name(report, &test.purpose);
        if !known.contains(&test.purpose) {
            report.unknown(ProblemCode::UnknownPurpose, "purpose", &test.purpose, known);
        }
    });
}

fn anniversary(report: &mut Report<'_>, test: &AnniversaryTest) {
    report.at("trait", |report| trait_name(report, &test.name));
    if test.within_days > MAX_DAYS {
        report.at("within_days", |report| {
            report.problem(
                ProblemCode::TooManyDays,
                format!("an anniversary is at most {MAX_DAYS} days away"),
            );
        });
    }
}
