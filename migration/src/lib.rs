//! Changes of the database's schema.
