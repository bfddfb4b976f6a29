//! From what a check says of a score model to what callers read.

use lazo_domain::condition::check::{PathPart, Warning};
use lazo_domain::score::{Kind, Model, Problem, ProblemCode};

use super::{ScoreDefinitionInput, ScoreKindInput};
use crate::condition::graphql::{ConditionWarning, code_of, path_in_input};
use crate::error::{Violation, sentence};

/// For each rule of points, whether its condition is given as text: such a condition has no parts with paths.
pub(super) fn rules_in_text(input: &ScoreDefinitionInput) -> Vec<bool> {
    match &input.kind {
        ScoreKindInput::Points(points) => points.in_text(),
        ScoreKindInput::Similarity(_) | ScoreKindInput::Rfm(_) => Vec::new(),
    }
}

/// What the caller has to mend about a score model.
pub(super) fn violation_of(problem: &Problem, model: &Model, texts: &[bool]) -> Violation {
    let code = match problem.code {
        ProblemCode::Condition(code) => code_of(code),
        ProblemCode::TooMany => "LIMIT_EXCEEDED",
        ProblemCode::Empty
        | ProblemCode::InvalidKey
        | ProblemCode::Repeated
        | ProblemCode::InvalidText
        | ProblemCode::OutOfRange
        | ProblemCode::NothingFades
        | ProblemCode::OutOfOrder
        | ProblemCode::NoIdeal
        | ProblemCode::WrongKind => "INVALID",
    };
    Violation {
        field: in_input(&problem.path, model, texts),
        code,
        message: sentence(&problem.message),
    }
}

/// What may be a mistake in a score model.
pub(super) fn warning_of(warning: Warning, model: &Model, texts: &[bool]) -> ConditionWarning {
    let path = in_input(&warning.path, model, texts);
    ConditionWarning::at(path, warning)
}

/// The way to a part of the input, of the way to it in the stored form.
fn in_input(path: &[PathPart], model: &Model, texts: &[bool]) -> Vec<String> {
    let mut way = vec!["definition".to_owned()];
    if !matches!(path.first(), Some(PathPart::Name("grades" | "scale"))) {
        let kind = match model.kind {
            Kind::Points(_) => "points",
            Kind::Similarity(_) => "similarity",
            Kind::Rfm(_) => "rfm",
        };
        way.extend(["kind".to_owned(), kind.to_owned()]);
    }
    let (before, inside) = match path {
        [_, PathPart::Position(rule), _, PathPart::Name("holds"), ..] => {
            let (before, inside) = path.split_at(4);
            (before, Some((*rule, inside)))
        }
        _ => (path, None),
    };
    way.extend(path_in_input(before));
    if let Some((rule, inside)) = inside {
        if texts.get(rule) == Some(&true) {
            way.push("text".to_owned());
        } else {
            way.push("condition".to_owned());
            way.extend(path_in_input(inside));
        }
    }
    way
}
