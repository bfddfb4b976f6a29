//! From what a check says of a stored condition to what callers read.

use lazo_domain::condition::check::{PathPart, Problem, ProblemCode};

use crate::error::{Violation, sentence};

/// The way to a part of a condition in the schema, of the way to it in the stored form.
pub fn path_in_input(path: &[PathPart]) -> Vec<String> {
    let before = std::iter::once(None).chain(path.iter().map(Some));
    path.iter()
        .zip(before)
        .map(|(part, before)| match (before, part) {
            // The stored measures of a property are pairs without names.
            (
                Some(PathPart::Name("sum" | "min" | "max" | "mean" | "distinct")),
                PathPart::Position(0),
            ) => "property".to_owned(),
            (
                Some(PathPart::Name("sum" | "min" | "max" | "mean" | "distinct")),
                PathPart::Position(_),
            ) => "is".to_owned(),
            (_, PathPart::Name(name)) => camel_case(name),
            (_, PathPart::Position(position)) => position.to_string(),
        })
        .collect()
}

fn camel_case(name: &str) -> String {
    let mut words = name.split('_');
    let mut written = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        written.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        written.push_str(letters.as_str());
    }
    written
}

/// What the caller has to mend about a condition.
pub fn violation_of(problem: &Problem) -> Violation {
    Violation {
        field: path_in_input(&problem.path),
        code: code_of(problem.code),
        message: sentence(&problem.message),
    }
}

/// The kind of a problem in the list of what callers can mend.
pub(crate) fn code_of(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::TooDeep
        | ProblemCode::TooManyLeaves
        | ProblemCode::TooManyNodes
        | ProblemCode::TooManyValues
        | ProblemCode::TooLong
        | ProblemCode::TooManyNameParts
        | ProblemCode::TooManyDays
        | ProblemCode::CapOutOfRange => "LIMIT_EXCEEDED",
        ProblemCode::UnknownSegment
        | ProblemCode::UnknownScore
        | ProblemCode::UnknownGrade
        | ProblemCode::UnknownPurpose => "NOT_FOUND",
        ProblemCode::NoConditions
        | ProblemCode::Empty
        | ProblemCode::NulCharacter
        | ProblemCode::BoundsOutOfOrder
        | ProblemCode::InexactBound
        | ProblemCode::InstantOutOfRange
        | ProblemCode::NothingTested
        | ProblemCode::InvalidKey
        | ProblemCode::ReservedName => "INVALID",
    }
}
