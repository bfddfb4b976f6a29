//! How large a condition may be.

/// The most levels of a condition; a single test is one.
pub const MAX_DEPTH: usize = 16;

/// The most tests in a condition.
pub const MAX_LEAVES: usize = 200;

/// The most parts of a condition: tests, and what joins and negates them.
pub const MAX_NODES: usize = 500;

/// The most values in a list.
pub const MAX_VALUES: usize = 500;

/// The most characters of a text that values are compared with; longer texts are cut in what is compared, too.
pub const MAX_TEXT_CHARS: usize = 512;

/// The most characters of a name: of a trait, a property, a touchpoint or a source.
pub const MAX_NAME_CHARS: usize = 200;

/// The most names in the path to a value inside an object.
pub const MAX_NAME_PARTS: usize = 4;

/// The most days an anniversary may be ahead: every day of a leap year.
pub const MAX_DAYS: u16 = 366;

/// The most characters of the key of a segment, a score or a purpose.
pub(super) const MAX_KEY_CHARS: usize = 64;

/// How many references may follow one another: a segment of a segment of a segment.
pub const MAX_REFERENCES: usize = 8;

/// The most problems, and the most warnings, that one check names: enough to go on with, and looking for near matches takes time.
pub const MAX_FINDINGS: usize = 100;
