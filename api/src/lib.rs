//! Lazo.
