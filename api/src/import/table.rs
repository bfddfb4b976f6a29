//! A CSV file (RFC 4180), row by row, in constant memory.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::MAX_ROW_BYTES;

/// The most cells in a row.
const MAX_CELLS: usize = 10_000;

/// The rows of a table. Bytes are passed on as they are: whether they are UTF-8 is not asked here.
pub(super) struct Table<R> {
    reader: R,
    parser: Reader,
    line: u64,
    bytes: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// A row of a table.
#[derive(Debug)]
pub(super) struct Record {
    /// The line where the row begins, from 1.
    pub(super) line: u64,
    /// The cells; none if the row is too long.
    pub(super) cells: Option<csv::ByteRecord>,
}

impl<R: BufRead> Table<R> {
    pub(super) fn new(reader: R, delimiter: u8) -> Self {
        Self {
            reader,
            parser: ReaderBuilder::new().delimiter(delimiter).build(),
            line: 1,
            bytes: 0,
            text: vec![0; 4096],
            ends: vec![0; 64],
        }
    }

    /// How many bytes of the file were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next row. Blank lines are no rows.
    pub(super) fn next(&mut self) -> io::Result<Option<Record>> {
        self.skip_blank_lines()?;
        let line = self.line;
        let (mut filled, mut cells) = (0, 0);
        let mut too_long = false;
        loop {
            let input = self.reader.fill_buf()?;
            let (result, read, written, ended) =
                self.parser
                    .read_record(input, &mut self.text[filled..], &mut self.ends[cells..]);
            let newlines: u64 = input[..read]
                .iter()
                .map(|byte| u64::from(*byte == b'\n'))
                .sum();
            self.reader.consume(read);
            self.bytes += u64::try_from(read).unwrap_or_default();
            self.line += newlines;
            (filled, cells) = (filled + written, cells + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull if self.text.len() < MAX_ROW_BYTES => {
                    let size = (self.text.len() * 2).min(MAX_ROW_BYTES);
                    self.text.resize(size, 0);
                }
                ReadRecordResult::OutputEndsFull if self.ends.len() < MAX_CELLS => {
                    self.ends.resize(self.ends.len() * 2, 0);
                }
                // The rest of the row is read and forgotten.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    (filled, cells, too_long) = (0, 0, true);
                }
                ReadRecordResult::Record if too_long => {
                    return Ok(Some(Record { line, cells: None }));
                }
                ReadRecordResult::Record => {
                    let cells = self.record(cells);
                    self.shrink();
                    return Ok(Some(Record {
                        line,
                        cells: Some(cells),
                    }));
                }
                ReadRecordResult::End => return Ok(None),
            }
        }
    }

    fn record(&self, cells: usize) -> csv::ByteRecord {
        let mut record = csv::ByteRecord::new();
        let mut start = 0;
        for end in self.ends.iter().take(cells) {
            record.push_field(self.text.get(start..*end).unwrap_or_default());
            start = *end;
        }
        record
    }

    /// One long row does not keep its memory.
    fn shrink(&mut self) {
        if self.text.len() > 64 * 1024 {
            self.text.truncate(4096);
            self.text.shrink_to_fit();
        }
    }

    fn skip_blank_lines(&mut self) -> io::Result<()> {
        loop {
            let input = self.reader.fill_buf()?;
            let blank = input
                .iter()
                .take_while(|byte| matches!(byte, b'\r' | b'\n'))
                .count();
            if blank == 0 {
                return Ok(());
            }
            let newlines: u64 = input[..blank]
                .iter()
                .map(|byte| u64::from(*byte == b'\n'))
                .sum();
            self.reader.consume(blank);
            self.bytes += u64::try_from(blank).unwrap_or_default();
            self.line += newlines;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use proptest::prelude::*;

    use super::*;

    fn rows(file: &[u8], buffer: usize) -> Vec<(u64, Option<Vec<Vec<u8>>>)> {
        let mut table = Table::new(BufReader::with_capacity(buffer, file), b',');
        let mut rows = Vec::new();
        while let Some(record) = table.next().unwrap() {
            let cells = record
                .cells
                .map(|cells| cells.iter().map(<[u8]>::to_vec).collect());
            rows.push((record.line, cells));
        }
        rows
    }

    fn texts(file: &str) -> Vec<(u64, Vec<String>)> {
        let text = |cells: Vec<Vec<u8>>| {
            cells
                .into_iter()
                .map(|cell| String::from_utf8(cell).unwrap())
                .collect()
        };
        rows(file.as_bytes(), 7)
            .into_iter()
            .map(|(line, cells)| (line, text(cells.unwrap())))
            .collect()
    }

    #[test]
    fn lines_are_those_of_an_editor_however_they_end() {
        for ending in ["\n", "\r\n"] {
            let file = ["a,b", "", "1,\"two", "lines\"", "", "", "3,4", ""].join(ending);
            let lines: Vec<_> = texts(&file)
                .into_iter()
                .map(|(line, cells)| (line, cells[0].clone()))
                .collect();
            let expected =
                [(1, "a"), (3, "1"), (7, "3")].map(|(line, cell)| (line, cell.to_owned()));
            assert_eq!(lines, expected);
        }
    }

    #[test]
    fn a_file_without_a_last_line_ending_loses_nothing() {
        assert_eq!(
            texts("a,b\n1,2"),
            [
                (1, vec!["a".into(), "b".into()]),
                (2, vec!["1".into(), "2".into()])
            ]
        );
    }

    #[test]
    fn a_row_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let mut file = b"a,b\n1,\"".to_vec();
        file.resize(3 * MAX_ROW_BYTES, b'\n');
        file.extend_from_slice(b"\"\n2,3\n");
        let rows = rows(&file, 8192);
        assert_eq!(rows.len(), 3);
        assert_eq!((rows[1].0, rows[1].1.is_none()), (2, true));
        assert_eq!(
            rows[2].1.as_deref(),
            Some(&[b"2".to_vec(), b"3".to_vec()][..])
        );
    }

    #[test]
    fn a_quotation_mark_left_open_does_not_fill_the_memory() {
        let mut file = b"a\n\"".to_vec();
        file.resize(8 * MAX_ROW_BYTES, b'x');
        let mut table = Table::new(&file[..], b',');
        table.next().unwrap();
        assert!(table.next().unwrap().unwrap().cells.is_none());
        assert!(table.text.len() <= MAX_ROW_BYTES);
        assert!(table.next().unwrap().is_none());
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_library(file in "[a\",\r\n;]{0,60}", buffer in 1_usize..20) {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file.as_bytes());
            let expected: Vec<Vec<Vec<u8>>> = reader
                .byte_records()
                .map(|record| record.unwrap().iter().map(<[u8]>::to_vec).collect())
                .collect();
            let found: Vec<Vec<Vec<u8>>> = rows(file.as_bytes(), buffer).into_iter().filter_map(|(_, cells)| cells).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
