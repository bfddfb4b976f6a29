//! Tests of lifecycle stages and pyramid levels.

mod cdnow;
mod describe;
mod laws;
mod levels;
mod naive;
mod rules;
mod sample;
mod stages;
