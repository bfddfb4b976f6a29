//! The tables of Lazo.
