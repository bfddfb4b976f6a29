//! What privacy promises.

mod audit;
mod contact;
mod floors;
mod labels;
mod laws;
mod requests;
mod retention;
mod sample;
mod situations;
mod suppression;
mod table;
