//! The rows of a file, each as the item it becomes.

mod content;

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, BufReader, Chain, Cursor, Read};
use std::path::Path;

use aws_lc_rs::digest::{Context, SHA256};

use super::digest::Occurrences;
use super::field::Field;
use super::lines::Lines;
use super::mapping::Delimiter;
use super::plan::{Column, Plan, PlanError};
use super::reason::Reason;
use super::table::Table;
use content::{next_line, of_cells};

/// As much of a file as is looked at before its rows are read.
const HEAD_BYTES: u64 = 64 * 1024;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFormat {
    /// A header, and a row in each line.
    Csv,
    /// A JSON object in each line.
    Jsonl,
}

impl FileFormat {
    /// The format that the name of a file tells.
    pub fn of_name(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" | "tsv" | "tab" | "txt" => Some(Self::Csv),
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            _ => None,
        }
    }
}

/// A row as the file has it.
#[derive(Clone, PartialEq, Eq)]
pub enum Original {
    /// The cells of a table.
    Cells(csv::ByteRecord),
    /// A line.
    Line(Vec<u8>),
    /// It was too long to be kept.
    Lost,
}

impl Original {
    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        match self {
            Self::Cells(cells) => cells.as_slice().len(),
            Self::Line(line) => line.len(),
            Self::Lost => 0,
        }
    }
}

/// Shows the size alone, for the rest is personal data.
impl fmt::Debug for Original {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Original").field(&self.size()).finish()
    }
}

/// A row of a file.
#[derive(Debug)]
pub struct Row {
    /// The line of the file where it begins, from 1.
    pub line: u64,
    /// The row as the file has it.
    pub original: Original,
    /// The item it becomes, as JSON, or why it becomes none.
    pub item: Result<Vec<u8>, Reason>,
}

/// How far a file was read: the number of rows, and a digest of what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The rows that were read.
    pub rows: u64,
    /// A digest of the header and these rows, in hexadecimal digits.
    pub digest: String,
}

/// A file of which nothing can be read.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The header will not do.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Text of two bytes a letter, as some spreadsheets write it.
    #[error("the file is UTF-16; save it as CSV in UTF-8")]
    Utf16,
    /// It cannot be read.
    #[error("the file cannot be read: {0}")]
    Io(#[from] io::Error),
}

type Input<R> = BufReader<Chain<Cursor<Vec<u8>>, R>>;

enum Body<R> {
    Table {
        table: Box<Table<Input<R>>>,
        columns: Vec<Column>,
        delimiter: Delimiter,
    },
    Lines {
        lines: Lines<Input<R>>,
        columns: BTreeMap<String, Option<Field>>,
        items: u64,
    },
}

/// The rows of a file. Memory does not grow with it, but for a count of each different row that has no id of its own and needs one.
pub struct Rows<R> {
    body: Body<R>,
    plan: Plan,
    occurrences: Occurrences,
    context: Context,
    count: u64,
}

impl<R: Read> Rows<R> {
    /// Begins to read a file: the header of a table is looked at, and no row.
    ///
    /// # Errors
    /// The header lacks what each row needs, or the file is no text.
    pub fn open(mut reader: R, format: FileFormat, plan: Plan) -> Result<Self, OpenError> {
        let mut head = Vec::new();
        reader.by_ref().take(HEAD_BYTES).read_to_end(&mut head)?;
        if head.starts_with(b"\xFF\xFE") || head.starts_with(b"\xFE\xFF") {
            return Err(OpenError::Utf16);
        }
        if head.starts_with(b"\xEF\xBB\xBF") {
            head.drain(..3);
        }
        let delimiter = plan
            .mapping
            .delimiter
            .unwrap_or_else(|| Delimiter::sniff(&head));
        let input = BufReader::new(Cursor::new(head).chain(reader));
        let mut context = Context::new(&SHA256);
        let body = match format {
            FileFormat::Csv => {
                let mut table = Table::new(input, delimiter.byte());
                let header = table.next()?.ok_or(PlanError::NoHeader)?;
                let header = header.cells.ok_or(PlanError::HeaderTooLong)?;
                add(&mut context, &header);
                let names = header
                    .iter()
                    .map(|name| std::str::from_utf8(name).map(str::trim))
                    .collect::<Result<Vec<_>, _>>()
                    .map_err(|_| PlanError::HeaderUtf8)?;
                Body::Table {
                    table: Box::new(table),
                    columns: plan.columns(&names)?,
                    delimiter,
                }
            }
            FileFormat::Jsonl => Body::Lines {
                lines: Lines::new(input),
                columns: BTreeMap::new(),
                items: 0,
            },
        };
        Ok(Self {
            body,
            plan,
            occurrences: Occurrences::default(),
            context,
            count: 0,
        })
    }

    /// The next row.
    ///
    /// # Errors
    /// The file cannot be read any further.
    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        let row = match &mut self.body {
            Body::Table { table, columns, .. } => {
                let Some(record) = table.next()? else {
                    return Ok(None);
                };
                match record.cells {
                    None => {
                        self.context.update(b"lost");
                        Row {
                            line: record.line,
                            original: Original::Lost,
                            item: Err(Reason::TooLong),
                        }
                    }
                    Some(cells) => {
                        add(&mut self.context, &cells);
                        let item = of_cells(&cells, columns, &self.plan, &mut self.occurrences);
                        Row {
                            line: record.line,
                            item: item.map(|item| item.to_string().into_bytes()),
                            original: Original::Cells(cells),
                        }
                    }
                }
            }
            Body::Lines {
                lines,
                columns,
                items,
            } => {
                let Some(row) =
                    next_line(lines, columns, items, &self.plan, &mut self.occurrences)?
                else {
                    return Ok(None);
                };
                match &row.original {
                    Original::Line(line) => add_part(&mut self.context, line),
                    Original::Cells(_) | Original::Lost => self.context.update(b"lost"),
                }
                row
            }
        };
        self.count += 1;
        Ok(Some(row))
    }

    /// How many rows were read.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// How far the file was read.
    pub fn place(&self) -> Place {
        let digest = self.context.clone().finish();
        let digest = digest
            .as_ref()
            .iter()
            .fold(String::new(), |mut text, byte| {
                // Writing to a String cannot fail.
                let _ = fmt::Write::write_fmt(&mut text, format_args!("{byte:02x}"));
                text
            });
        Place {
            rows: self.count,
            digest,
        }
    }

    /// How many bytes of the file were read.
    pub fn bytes(&self) -> u64 {
        match &self.body {
            Body::Table { table, .. } => table.bytes(),
            Body::Lines { lines, .. } => lines.bytes(),
        }
    }

    /// The columns of the file, as far as they were seen.
    pub fn columns(&self) -> Vec<Column> {
        match &self.body {
            Body::Table { columns, .. } => columns.clone(),
            Body::Lines { columns, .. } => columns
                .iter()
                .map(|(name, field)| Column {
                    name: name.clone(),
                    field: field.clone(),
                })
                .collect(),
        }
    }

    /// How many rows were items of the Segment protocol, taken as they are.
    pub fn items(&self) -> u64 {
        match &self.body {
            Body::Table { .. } => 0,
            Body::Lines { items, .. } => *items,
        }
    }

    /// The names of a table's columns and what stands between them, for a file of rejected rows; nothing for JSON lines.
    pub fn header(&self) -> Option<(Vec<String>, Delimiter)> {
        match &self.body {
            Body::Table {
                columns, delimiter, ..
            } => {
                let names = columns.iter().map(|column| column.name.clone()).collect();
                Some((names, *delimiter))
            }
            Body::Lines { .. } => None,
        }
    }

    /// What the file is read by.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// Adds a row to the digest. Each part is preceded by its length, so that no two different rows read alike.
fn add(context: &mut Context, cells: &csv::ByteRecord) {
    context.update(&cells.len().to_be_bytes());
    for cell in cells {
        add_part(context, cell);
    }
}

fn add_part(context: &mut Context, part: &[u8]) {
    context.update(&part.len().to_be_bytes());
    context.update(part);
}

#[cfg(test)]
mod tests;
