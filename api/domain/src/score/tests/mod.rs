//! Tests of scores: tables of cases by kind of model, published numbers, and laws.

mod laws;
mod naive;
mod points;
mod rfm;
mod sample;
mod similarity;
mod stored;
