//! Tests of the evaluator.

mod laws;
