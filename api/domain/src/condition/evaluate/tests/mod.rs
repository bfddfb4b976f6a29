//! Tests of the evaluator: tables of cases by kind of leaf, and laws.

mod anniversaries;
mod laws;
mod naive;
mod purchases;
pub(crate) mod sample;
mod standing;
mod touchpoints;
mod values;
