//! A file of rejected rows, which can be mended and imported as it stands.

use std::io;

use serde_json::json;

use super::mapping::Delimiter;
use super::plan::{LINE, REASON};
use super::reason::Reason;
use super::rows::Original;

/// How rejected rows are written.
///
/// A table keeps its columns and gets two more, the line of the row and the reason; a row with too few or too many cells keeps those it
/// has. Of JSON lines, each stands as it came, after a line of its own that says where it was and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejects {
    header: Option<(Vec<String>, Delimiter)>,
    has_own_columns: bool,
}

impl Rejects {
    /// A writer for rows of a table with this header, or of JSON lines.
    pub fn new(mut header: Option<(Vec<String>, Delimiter)>) -> Self {
        let mut has_own_columns = false;
        // Rows that were rejected once before say so already.
        if let Some((names, _)) = &mut header
            && matches!(names.as_slice(), [.., line, reason] if line == LINE && reason == REASON)
        {
            names.truncate(names.len() - 2);
            has_own_columns = true;
        }
        Self {
            header,
            has_own_columns,
        }
    }

    /// What the file begins with.
    pub fn head(&self) -> io::Result<Vec<u8>> {
        let Some((names, delimiter)) = &self.header else {
            return Ok(Vec::new());
        };
        let names = names.iter().map(String::as_bytes);
        record(
            names.chain([LINE.as_bytes(), REASON.as_bytes()]),
            *delimiter,
        )
    }

    /// A rejected row.
    pub fn row(&self, line: u64, original: &Original, reason: &Reason) -> io::Result<Vec<u8>> {
        let (place, why) = (line.to_string(), reason.to_string());
        let Some((names, delimiter)) = &self.header else {
            let remark = json!({ "rejected": { "line": line, "reason": why } });
            let mut text = format!("{remark}\n").into_bytes();
            if let Original::Line(bytes) = original {
                text.extend_from_slice(bytes);
                text.push(b'\n');
            }
            return Ok(text);
        };
        let ours = [place.as_bytes(), why.as_bytes()];
        match original {
            Original::Cells(cells) => {
                let is_whole = cells.len() == names.len() + 2 * usize::from(self.has_own_columns);
                let own = if self.has_own_columns && is_whole {
                    names.len()
                } else {
                    cells.len()
                };
                record(cells.iter().take(own).chain(ours), *delimiter)
            }
            Original::Line(_) | Original::Lost => {
                record(names.iter().map(|_| &b""[..]).chain(ours), *delimiter)
            }
        }
    }
}

fn record<'c>(
    cells: impl IntoIterator<Item = &'c [u8]>,
    delimiter: Delimiter,
) -> io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter.byte())
        .flexible(true)
        .from_writer(Vec::new());
    writer.write_record(cells)?;
    writer.flush()?;
    writer
        .into_inner()
        .map_err(|error| io::Error::other(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(cells: &[&str]) -> Original {
        Original::Cells(cells.iter().collect())
    }

    fn text(bytes: io::Result<Vec<u8>>) -> String {
        String::from_utf8(bytes.unwrap()).unwrap()
    }

    #[test]
    fn a_table_keeps_its_columns_and_says_what_was_wrong() {
        let rejects = Rejects::new(Some((
            vec!["email".into(), "note".into()],
            Delimiter::Semicolon,
        )));
        assert_eq!(text(rejects.head()), "email;note;line;reason\n");
        let row = rejects.row(3, &cells(&["a", "b;c"]), &Reason::NoIdentifier);
        assert_eq!(
            text(row),
            "a;\"b;c\";3;nothing says whose it is: no identifier has a value\n"
        );
        let lost = rejects.row(4, &Original::Lost, &Reason::LineUtf8);
        assert_eq!(text(lost), ";;4;the line is not UTF-8\n");
        let ragged = rejects.row(5, &cells(&["a"]), &Reason::LineUtf8);
        assert_eq!(text(ragged), "a;5;the line is not UTF-8\n");
    }

    #[test]
    fn what_is_rejected_twice_says_the_second_reason() {
        let header = ["email", "line", "reason"].map(str::to_owned).to_vec();
        let rejects = Rejects::new(Some((header, Delimiter::Comma)));
        assert_eq!(text(rejects.head()), "email,line,reason\n");
        let row = rejects.row(2, &cells(&["a", "9", "old"]), &Reason::LineUtf8);
        assert_eq!(text(row), "a,2,the line is not UTF-8\n");
    }

    #[test]
    fn a_json_line_stands_as_it_came() {
        let rejects = Rejects::new(None);
        assert_eq!(text(rejects.head()), "");
        let row = rejects.row(
            3,
            &Original::Line(b"{broken".to_vec()),
            &Reason::NotAnObject,
        );
        let remark = r#"{"rejected":{"line":3,"reason":"the line is no JSON object"}}"#;
        assert_eq!(text(row), format!("{remark}\n{{broken\n"));
    }
}
