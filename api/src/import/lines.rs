//! A file of JSON lines, line by line, in constant memory.

use std::io::{self, BufRead};

use super::MAX_ROW_BYTES;

/// The lines of a file.
pub(super) struct Lines<R> {
    reader: R,
    line: u64,
    bytes: u64,
}

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub(super) number: u64,
    /// Its bytes without the line ending; none if it is too long.
    pub(super) bytes: Option<Vec<u8>>,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self {
            reader,
            line: 0,
            bytes: 0,
        }
    }

    /// How many bytes of the file were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> io::Result<Option<Line>> {
        loop {
            let Some(line) = self.read_line()? else {
                return Ok(None);
            };
            let bytes = line.bytes.as_ref();
            if bytes.is_none_or(|bytes| !bytes.trim_ascii().is_empty()) {
                return Ok(Some(line));
            }
        }
    }

    fn read_line(&mut self) -> io::Result<Option<Line>> {
        let mut text = Vec::new();
        let (mut any, mut too_long) = (false, false);
        loop {
            let input = self.reader.fill_buf()?;
            if input.is_empty() && !any {
                return Ok(None);
            }
            any = true;
            let end = input.iter().position(|byte| *byte == b'\n');
            let part = &input[..end.unwrap_or(input.len())];
            if too_long || text.len() + part.len() > MAX_ROW_BYTES {
                (too_long, text) = (true, Vec::new());
            } else {
                text.extend_from_slice(part);
            }
            let is_last = end.is_some() || input.is_empty();
            let read = part.len() + usize::from(end.is_some());
            self.reader.consume(read);
            self.bytes += u64::try_from(read).unwrap_or_default();
            if is_last {
                break;
            }
        }
        self.line += 1;
        if text.last() == Some(&b'\r') {
            text.pop();
        }
        Ok(Some(Line {
            number: self.line,
            bytes: (!too_long).then_some(text),
        }))
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn lines(file: &[u8], buffer: usize) -> Vec<(u64, Option<Vec<u8>>)> {
        let mut lines = Lines::new(BufReader::with_capacity(buffer, file));
        std::iter::from_fn(|| lines.next().unwrap())
            .map(|line| (line.number, line.bytes))
            .collect()
    }

    #[test]
    fn blank_lines_are_passed_over_and_counted() {
        let found = lines(b"a\r\n\n  \nbcdef\n\ng", 2);
        let expected = [(1, "a"), (4, "bcdef"), (6, "g")]
            .map(|(line, text)| (line, Some(text.as_bytes().to_vec())));
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_and_the_next_one_read() {
        let mut file = vec![b'x'; 3 * MAX_ROW_BYTES];
        file.extend_from_slice(b"\ny\n");
        assert_eq!(lines(&file, 8192), [(1, None), (2, Some(b"y".to_vec()))]);
    }
}
