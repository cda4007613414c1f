//! The lines of an LDIF file, put together again where they were folded.

use std::io::{BufRead, Error, ErrorKind, Read as _, Result};

/// The longest line with what goes on from it: the largest master lists have a few megabytes, and more in Base64.
const LONGEST: usize = 64 << 20;

/// One line as it was before it was folded, and at which line of the file it begins, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    pub(super) text: String,
}

/// Reads a file line by line: no more of it than one line is in memory.
pub(super) struct Lines<R> {
    reader: R,
    /// How many lines of the file were read.
    count: usize,
    /// The line that was read last; what follows may go on from it.
    begun: Option<Line>,
}

impl<R: BufRead> Lines<R> {
    pub(super) const fn new(reader: R) -> Self {
        Self {
            reader,
            count: 0,
            begun: None,
        }
    }

    /// One line of the file, without its end.
    fn read_line(&mut self) -> Result<Option<String>> {
        let mut line = Vec::new();
        let limit = u64::try_from(LONGEST).unwrap_or(u64::MAX);
        self.reader
            .by_ref()
            .take(limit + 1)
            .read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return Ok(None);
        }
        if line.len() > LONGEST {
            return Err(too_long());
        }
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let line = String::from_utf8_lossy(line).into_owned();
        self.count += 1;
        Ok(Some(match (self.count, line.strip_prefix('\u{FEFF}')) {
            (1, Some(rest)) => rest.to_owned(),
            _ => line,
        }))
    }

    /// RFC 2849, note 2: a line that starts with a space goes on with the one before it.
    fn unfolded(&mut self) -> Result<Option<Line>> {
        while let Some(line) = self.read_line()? {
            match (line.strip_prefix(' '), &mut self.begun) {
                (Some(rest), Some(begun)) if begun.text.len() + rest.len() > LONGEST => {
                    return Err(too_long());
                }
                (Some(rest), Some(begun)) => begun.text.push_str(rest),
                _ => {
                    let number = self.count;
                    let whole = self.begun.replace(Line { number, text: line });
                    if whole.is_some() {
                        return Ok(whole);
                    }
                }
            }
        }
        Ok(self.begun.take())
    }
}

impl<R: BufRead> Iterator for Lines<R> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        self.unfolded().transpose()
    }
}

fn too_long() -> Error {
    Error::new(ErrorKind::FileTooLarge, "a line of more than 64 MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_by_where_it_begins() {
        let text = "\u{FEFF}version: 1\r\n\n# a comment\n  of two lines\ndn: c=\n VN\n\u{FEFF}last";
        let lines: Vec<_> = Lines::new(text.as_bytes())
            .map(|line| line.map(|line| (line.number, line.text)).unwrap())
            .collect();
        let expected = [
            (1, "version: 1"),
            (2, ""),
            (3, "# a comment of two lines"),
            (5, "dn: c=VN"),
            (7, "\u{FEFF}last"),
        ];
        assert_eq!(lines, expected.map(|(number, text)| (number, text.to_owned())));
    }

    #[test]
    fn a_line_that_never_ends_is_refused() {
        let endless = std::io::BufReader::new(std::io::repeat(b'A'));
        let first = Lines::new(endless).next().unwrap();
        assert_eq!(first.unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
