//! What `lazo import` is told.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::str::FromStr;

use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use super::STANDARD_INPUT;
use crate::cli::output::Failure;
use crate::import::{
    ColumnField, Delimiter, FieldValue, FileFormat, Mapping, MappingError, Subject, date_format,
    time_zone,
};

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(in crate::cli) struct Arguments {
    /// The file; `-` reads standard input.
    pub(super) file: PathBuf,
    /// The name, the id or a key of the source that the rows come from. It must be trusted and live.
    #[arg(long, value_name = "SOURCE")]
    pub(super) source: String,
    /// How the file is written; its name tells, if it ends in .csv, .tsv, .jsonl or .ndjson.
    #[arg(long, value_enum)]
    format: Option<FormatName>,
    /// What a column means, or a file of such (TOML, see below). Can be repeated.
    #[arg(long, value_name = "COLUMN=FIELD|FILE")]
    map: Vec<Map>,
    /// A value that a field has in all rows.
    #[arg(long, value_name = "FIELD=VALUE")]
    set: Vec<FieldValue>,
    /// A value that a field has in rows that give none.
    #[arg(long, value_name = "FIELD=VALUE")]
    default: Vec<FieldValue>,
    /// Keeps columns that mean nothing as traits of profiles and properties of touchpoints.
    #[arg(long)]
    keep_rest: bool,
    /// What stands between cells: `,` or `;` or `tab`. Without it, what the header has most of.
    #[arg(long)]
    delimiter: Option<Delimiter>,
    /// Decimals stand after a comma: 1.234,50.
    #[arg(long)]
    decimal_comma: bool,
    /// How dates are written, if not as 2024-12-31 or RFC 3339: as in `%d/%m/%Y %H:%M`.
    #[arg(long, value_name = "FORMAT", value_parser = date_format)]
    date_format: Option<String>,
    /// The zone of times that name none, as in `Europe/Madrid`; UTC without it.
    #[arg(long, value_name = "ZONE", value_parser = time_zone)]
    time_zone: Option<Tz>,
    /// Reads and checks everything, stores nothing, and shows what the first row becomes.
    #[arg(long, conflicts_with = "resume")]
    pub(super) dry_run: bool,
    /// Writes rejected rows to this file with their reasons, to be mended and imported again as it stands. Without it, rows that
    /// a touchpoint cannot be made of wait in quarantine, as over HTTP.
    #[arg(long, value_name = "FILE")]
    pub(super) rejects: Option<PathBuf>,
    /// Goes on where an interrupted import of the file stopped.
    #[arg(long)]
    pub(super) resume: bool,
    /// Where an import notes how far it is; FILE.import-state without it. The note goes when the import ends.
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,
    /// How many rows are stored at a time.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(super) batch: u16,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatName {
    Csv,
    Jsonl,
}

/// What a `--map` says.
#[derive(Clone, Debug)]
enum Map {
    Column(ColumnField),
    File(PathBuf),
}

impl FromStr for Map {
    type Err = MappingError;

    fn from_str(text: &str) -> Result<Self, MappingError> {
        if text.contains('=') {
            text.parse().map(Self::Column)
        } else {
            Ok(Self::File(PathBuf::from(text)))
        }
    }
}

impl Arguments {
    pub(super) fn format(&self) -> Option<FileFormat> {
        match self.format {
            Some(FormatName::Csv) => Some(FileFormat::Csv),
            Some(FormatName::Jsonl) => Some(FileFormat::Jsonl),
            None => FileFormat::of_name(&self.file),
        }
    }

    /// The mapping: what files say, and over it what the command line says.
    pub(super) fn mapping(&self) -> Result<Mapping, Failure> {
        let mut mapping = Mapping::default();
        for map in &self.map {
            if let Map::File(path) = map {
                let name = path.display();
                let text = fs::read_to_string(path).map_err(|error| {
                    Failure::new(format!(
                        "--map: {name}: {error}; a column is mapped with COLUMN=FIELD."
                    ))
                })?;
                let read = Mapping::from_toml(&text)
                    .map_err(|error| Failure::new(format!("--map: {name}: {error}")))?;
                let columns = std::mem::take(&mut mapping.columns);
                mapping = Mapping {
                    columns: columns.into_iter().chain(read.columns).collect(),
                    ..read
                };
            }
        }
        for map in &self.map {
            if let Map::Column(ColumnField { column, field }) = map {
                mapping.columns.insert(column.clone(), field.clone());
            }
        }
        lay_over(&mut mapping.constants, &self.set);
        lay_over(&mut mapping.defaults, &self.default);
        mapping.keep_rest |= self.keep_rest;
        mapping.delimiter = self.delimiter.or(mapping.delimiter);
        mapping.formats.decimal_comma |= self.decimal_comma;
        if let Some(format) = &self.date_format {
            mapping.formats.date_format = Some(format.clone());
        }
        if let Some(zone) = self.time_zone {
            mapping.formats.time_zone = zone;
        }
        Ok(mapping)
    }

    /// Where the import notes how far it is. Standard input and a dry run leave no note.
    pub(super) fn state_file(&self) -> Option<PathBuf> {
        if self.dry_run || self.file.as_os_str() == STANDARD_INPUT {
            return None;
        }
        Some(self.state.clone().unwrap_or_else(|| {
            let mut name: OsString = self.file.clone().into_os_string();
            name.push(".import-state");
            PathBuf::from(name)
        }))
    }
}

fn lay_over(values: &mut Vec<FieldValue>, over: &[FieldValue]) {
    values.retain(|set| over.iter().all(|other| other.field != set.field));
    values.extend_from_slice(over);
}

/// What `--help` says at its end.
pub(super) fn help(subject: Subject) -> String {
    let (fields, examples) = match subject {
        Subject::Profiles => (PROFILE_FIELDS, PROFILE_EXAMPLES),
        Subject::Touchpoints => (TOUCHPOINT_FIELDS, TOUCHPOINT_EXAMPLES),
        Subject::Purchases => (PURCHASE_FIELDS, PURCHASE_EXAMPLES),
    };
    format!("{fields}{COMMON}{examples}")
}

const PROFILE_FIELDS: &str = "\
Fields:
  email, phone, customer_id, anonymous_id, instagram, …, identifier.NAMESPACE
                     whose the row is; one of them must have a value
  trait.NAME[:TYPE]  a trait; dots lead into objects (trait.address.city); types: text, number, boolean, date, json
  time               since when it is so; the time of the import without it
  id                 names the row instead of its content: a row of the same id counts once, whatever else it says
  ignore             nothing
Columns with the names of these fields or of the Segment specification's traits (First name, birthday, city, …) need no --map.
";
const TOUCHPOINT_FIELDS: &str = "\
Fields:
  email, phone, customer_id, anonymous_id, instagram, …, identifier.NAMESPACE
                     whose it is; one of them must have a value
  event              what happened
  time               when it happened
  property.NAME[:TYPE]  a property; dots lead into objects; types: text, number, boolean, date, json
  id                 names the row instead of its content
  ignore             nothing
JSON lines with a \"type\" (identify, track, page, …) are items of the Segment protocol and taken as they are.
";
const PURCHASE_FIELDS: &str = "\
Fields:
  customer_id, email, phone, …, identifier.NAMESPACE   whose it is; one of them must have a value
  time               when it was
  amount             what was paid, or paid back
  order_id           the shop's id of the order; without it each row is an order of its own
  currency           ISO 4217; the deployment's currency without it
  quantity           units bought
  event              completed (without it), updated, refunded or cancelled
  property.NAME[:TYPE]  a property; types: text, number, boolean, date, json
  id                 names the row instead of its content
  ignore             nothing
";
const COMMON: &str = "
A mapping file says the same as the options:
  delimiter = \";\"
  decimal_comma = true
  date_format = \"%d/%m/%Y\"
  time_zone = \"Europe/Madrid\"
  keep_rest = false
  [columns]
  \"E-mail\" = \"email\"
  [constants]
  \"identifier.shop\" = \"madrid\"
  [defaults]
  currency = \"EUR\"

An import can be run again and again: what is there already is a duplicate and changes nothing.
Exit code: 0 if every row is in, 1 if rows were rejected or quarantined or the import failed, 2 for wrong usage.
";
const PROFILE_EXAMPLES: &str = "
Examples:
  lazo import profiles customers.csv --source crm --dry-run
  lazo import profiles customers.csv --source crm --map Kundennr=customer_id --map 'Puntos=trait.points:number' \\
       --rejects rejected.csv
  lazo import profiles rejected.csv --source crm     # after mending it
";
const TOUCHPOINT_EXAMPLES: &str = "
Examples:
  lazo import touchpoints export.jsonl --source old-platform --dry-run
  lazo import touchpoints opens.csv --source newsletter --set 'event=Newsletter Opened' --date-format '%d/%m/%Y %H:%M'
  gunzip -c export.jsonl.gz | lazo import touchpoints - --format jsonl --source old-platform
";
const PURCHASE_EXAMPLES: &str = "
Examples:
  lazo import purchases orders.csv --source shop --dry-run
  lazo import purchases orders.csv --source shop --map Bestellung=order_id --decimal-comma --set currency=EUR
  lazo import purchases orders.csv --source shop --resume     # after an interruption
";
