//! The house's kinds of columns and indexes: one type for one kind of value, on both engines.

use sea_orm_migration::prelude::*;

/// An id or a 128-bit digest: `uuid` on PostgreSQL, 16 bytes on SQLite.
pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    uuid_null(name).not_null().take()
}

/// An id that may be missing.
pub(crate) fn uuid_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().take()
}

/// An instant, in milliseconds since 1970.
pub(crate) fn millis(name: &'static str) -> ColumnDef {
    integer(name)
}

/// An instant that may be missing.
pub(crate) fn millis_null(name: &'static str) -> ColumnDef {
    integer_null(name)
}

/// A 64-bit integer: a count, a place, an amount in minor units, a span in milliseconds.
pub(crate) fn integer(name: &'static str) -> ColumnDef {
    integer_null(name).not_null().take()
}

/// A 64-bit integer that may be missing.
pub(crate) fn integer_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().take()
}

/// A 64-bit floating-point number that may be missing; never money.
pub(crate) fn double_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).double().take()
}

/// A truth value.
pub(crate) fn flag(name: &'static str) -> ColumnDef {
    flag_null(name).not_null().take()
}

/// A truth value that may be missing.
pub(crate) fn flag_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().take()
}

/// Text of any length.
pub(crate) fn text(name: &'static str) -> ColumnDef {
    text_null(name).not_null().take()
}

/// Text of any length that may be missing.
pub(crate) fn text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().take()
}

/// An opaque JSON document: `jsonb` on PostgreSQL, text on SQLite.
pub(crate) fn json(name: &'static str) -> ColumnDef {
    json_null(name).not_null().take()
}

/// An opaque JSON document that may be missing.
pub(crate) fn json_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).json_binary().take()
}

/// Bytes of any length.
pub(crate) fn bytes(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).blob().not_null().take()
}

/// An index, named after its table and columns.
pub(crate) fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = Index::create();
    index
        .name(format!("{table}_{}_idx", columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

/// An index whose columns together are unique; rows where one is missing do not count.
pub(crate) fn unique(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut index = index(table, columns);
    index
        .name(format!("{table}_{}_key", columns.join("_")))
        .unique();
    index
}
