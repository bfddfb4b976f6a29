//! Tests of conditions as SQL: they answer as the evaluator does.

mod agreement;
mod cases;
mod world;
