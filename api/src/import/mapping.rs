//! A mapping: what a shop says about the columns of its file.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use chrono::format::{Item, StrftimeItems};
use chrono_tz::Tz;
use figment::Figment;
use figment::providers::{Format, Toml};
use serde::Deserialize;

use super::field::{Field, UnknownField};
use super::value::Formats;

/// What is said about the columns of a file; the rest is known by its names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// What a column means, by the name of the column as the file writes it.
    pub columns: BTreeMap<String, Field>,
    /// Fields that have one value in all rows.
    pub constants: Vec<FieldValue>,
    /// Fields that have a value where the row gives none.
    pub defaults: Vec<FieldValue>,
    /// What stands between the cells of a row; found out if it is not said.
    pub delimiter: Option<Delimiter>,
    /// How values are written.
    pub formats: Formats,
    /// Whether columns that mean nothing become traits or properties of their own name.
    pub keep_rest: bool,
}

/// A field and its value.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldValue {
    /// The field.
    pub field: Field,
    /// Its value, as a cell would have it.
    pub value: String,
}

/// Shows the field alone, for the value may be personal.
impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FieldValue").field(&self.field).finish()
    }
}

/// A column and what it means, as `--map` has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnField {
    /// The column as the file writes it.
    pub column: String,
    /// What it means.
    pub field: Field,
}

/// What stands between the cells of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// A tabulator.
    Tab,
}

/// What is wrong with a mapping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// A part without `=`, or without anything on one side of it.
    #[error("{0:?} has no name on the left or the right of `=`")]
    NoPair(String),
    /// A field that there is not.
    #[error(transparent)]
    Field(#[from] UnknownField),
    /// A delimiter that is none of the three.
    #[error("the delimiter is one of `,`, `;` and `tab`")]
    Delimiter,
    /// A format of dates that means nothing.
    #[error("{0:?} is no format of dates; write it as in `%d/%m/%Y %H:%M`")]
    DateFormat(String),
    /// A time zone that there is not.
    #[error("{0:?} is no time zone; write it as in `Europe/Madrid`")]
    TimeZone(String),
    /// The file is no mapping.
    #[error("{0}")]
    File(String),
}

impl Delimiter {
    /// The byte.
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The delimiter of a table that begins so: the one that its first line has most of.
    pub(super) fn sniff(head: &[u8]) -> Self {
        let mut quoted = false;
        let mut counts = [0_usize; 3];
        let all = [Self::Comma, Self::Semicolon, Self::Tab];
        for byte in head {
            match byte {
                b'"' => quoted = !quoted,
                b'\n' | b'\r' if !quoted => break,
                _ if quoted => {}
                byte => {
                    for (count, delimiter) in counts.iter_mut().zip(all) {
                        *count += usize::from(delimiter.byte() == *byte);
                    }
                }
            }
        }
        // Of equal counts the first counts, which `max_by_key` would not take.
        let best = all
            .into_iter()
            .zip(counts)
            .rev()
            .max_by_key(|(_, count)| *count);
        best.map_or(Self::Comma, |(delimiter, _)| delimiter)
    }
}

impl FromStr for Delimiter {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        match text {
            "," | "comma" => Ok(Self::Comma),
            ";" | "semicolon" => Ok(Self::Semicolon),
            "\t" | "\\t" | "tab" => Ok(Self::Tab),
            _ => Err(MappingError::Delimiter),
        }
    }
}

/// Reads `COLUMN=FIELD`. The column may have `=` in its name, the field has none.
impl FromStr for ColumnField {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (column, field) = text
            .rsplit_once('=')
            .filter(|(column, field)| !column.trim().is_empty() && !field.trim().is_empty())
            .ok_or_else(|| MappingError::NoPair(text.to_owned()))?;
        Ok(Self {
            column: column.to_owned(),
            field: field.parse()?,
        })
    }
}

/// Reads `FIELD=VALUE`. The value may have `=` in it, the field has none.
impl FromStr for FieldValue {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        let (field, value) = text
            .split_once('=')
            .filter(|(field, value)| !field.trim().is_empty() && !value.trim().is_empty())
            .ok_or_else(|| MappingError::NoPair(text.to_owned()))?;
        Ok(Self {
            field: field.parse()?,
            value: value.to_owned(),
        })
    }
}

/// A format of dates, if it means something.
pub fn date_format(text: &str) -> Result<String, MappingError> {
    let sound = text.contains('%') && !StrftimeItems::new(text).any(|item| item == Item::Error);
    sound
        .then(|| text.to_owned())
        .ok_or_else(|| MappingError::DateFormat(text.to_owned()))
}

/// A time zone of the IANA database.
pub fn time_zone(text: &str) -> Result<Tz, MappingError> {
    text.parse()
        .map_err(|_| MappingError::TimeZone(text.to_owned()))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct MappingFile {
    delimiter: Option<String>,
    decimal_comma: bool,
    date_format: Option<String>,
    time_zone: Option<String>,
    keep_rest: bool,
    columns: BTreeMap<String, Field>,
    constants: BTreeMap<String, Scalar>,
    defaults: BTreeMap<String, Scalar>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scalar {
    Truth(bool),
    Whole(i64),
    Number(f64),
    Text(String),
}

impl Scalar {
    fn into_text(self) -> String {
        match self {
            Self::Truth(truth) => truth.to_string(),
            Self::Whole(whole) => whole.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}

impl Mapping {
    /// Reads a mapping from TOML.
    ///
    /// # Errors
    /// The text is no TOML, or it names what there is not.
    pub fn from_toml(text: &str) -> Result<Self, MappingError> {
        let file: MappingFile = Figment::from(Toml::string(text))
            .extract()
            .map_err(|error| MappingError::File(error.to_string()))?;
        Ok(Self {
            columns: file.columns,
            constants: values(file.constants)?,
            defaults: values(file.defaults)?,
            delimiter: file.delimiter.map(|text| text.parse()).transpose()?,
            formats: Formats {
                decimal_comma: file.decimal_comma,
                date_format: file.date_format.as_deref().map(date_format).transpose()?,
                time_zone: file.time_zone.as_deref().map_or(Ok(Tz::UTC), time_zone)?,
            },
            keep_rest: file.keep_rest,
        })
    }
}

fn values(fields: BTreeMap<String, Scalar>) -> Result<Vec<FieldValue>, MappingError> {
    fields
        .into_iter()
        .map(|(field, value)| {
            Ok(FieldValue {
                field: field.parse()?,
                value: value.into_text(),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[test]
    fn a_mapping_is_read_from_a_file() {
        let mapping = Mapping::from_toml(
            r#"
            delimiter = ";"
            decimal_comma = true
            date_format = "%d/%m/%Y"
            time_zone = "Europe/Madrid"
            [columns]
            "Correo electrónico" = "email"
            "Saldo.total" = "trait.balance:number"
            [constants]
            currency = "EUR"
            quantity = 1
            [defaults]
            "trait.country" = "ES"
            "#,
        )
        .unwrap();
        assert_eq!(mapping.delimiter, Some(Delimiter::Semicolon));
        assert_eq!(
            mapping.columns["Saldo.total"].to_string(),
            "trait.balance:number"
        );
        assert_eq!(mapping.columns["Correo electrónico"].to_string(), "email");
        let constants: Vec<_> = mapping
            .constants
            .iter()
            .map(|set| (set.field.to_string(), set.value.as_str()))
            .collect();
        assert_eq!(
            constants,
            [("currency".to_owned(), "EUR"), ("quantity".to_owned(), "1")]
        );
        assert_eq!(mapping.defaults[0].field.to_string(), "trait.country");
        assert_eq!(mapping.formats.time_zone, Tz::Europe__Madrid);
        assert!(!format!("{mapping:?}").contains("\"ES\""));
    }

    #[rstest]
    #[case("colums = {}", "colums")]
    #[case("[columns]\na = \"emial\"", "did you mean email")]
    #[case("[constants]\nemial = \"x\"", "did you mean email")]
    #[case("delimiter = \"|\"", "the delimiter is one of")]
    #[case("date_format = \"%Q\"", "no format of dates")]
    #[case("date_format = \"dd/mm\"", "no format of dates")]
    #[case("time_zone = \"Madrid\"", "no time zone")]
    #[case("= 1", "TOML")]
    fn a_wrong_mapping_is_told(#[case] text: &str, #[case] told: &str) {
        let error = Mapping::from_toml(text).unwrap_err().to_string();
        assert!(error.contains(told), "{error}");
    }

    #[rstest]
    #[case("E-mail=email", Some(("E-mail", "email")))]
    #[case("a=b=trait.c", Some(("a=b", "trait.c")))]
    #[case("email", None)]
    #[case("=email", None)]
    #[case("a=", None)]
    fn a_column_is_mapped_by_an_equals_sign(
        #[case] text: &str,
        #[case] pair: Option<(&str, &str)>,
    ) {
        let read = text
            .parse::<ColumnField>()
            .ok()
            .map(|map| (map.column, map.field.to_string()));
        assert_eq!(
            read,
            pair.map(|(column, field)| (column.to_owned(), field.to_owned()))
        );
    }

    #[rstest]
    #[case("a,b,c\n1;2;3;4;5", Delimiter::Comma)]
    #[case("a;b;c", Delimiter::Semicolon)]
    #[case("\"a,b,c\";d", Delimiter::Semicolon)]
    #[case("a\tb", Delimiter::Tab)]
    #[case("email", Delimiter::Comma)]
    #[case("a,b;c", Delimiter::Comma)]
    fn the_delimiter_is_the_one_the_header_has_most_of(
        #[case] head: &str,
        #[case] found: Delimiter,
    ) {
        assert_eq!(Delimiter::sniff(head.as_bytes()), found);
    }
}
