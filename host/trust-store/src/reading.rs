//! Reading files that anyone may have put there, up to a limit.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Error, ErrorKind, Read};
use std::path::Path;

use crate::error::Refusal;
use crate::ldif;

/// The largest file that is read: the largest master lists have a few megabytes.
const LARGEST: u64 = 64 << 20;
/// The largest LDIF that is read: all that the ICAO PKD hands out has some hundred megabytes.
const LARGEST_LDIF: u64 = 1 << 30;
/// How much of a file is looked at to tell whether it is LDIF.
const HEAD: usize = 64 << 10;

/// Reads a file of at most 64 MiB. A larger one, or a device that never ends, is [`ErrorKind::FileTooLarge`], and no more
/// than that is read of it.
pub fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::new(
            ErrorKind::FileTooLarge,
            "more than 64 MiB, which no certificate or list has",
        ));
    }
    Ok(bytes)
}

/// A file that is open.
pub(crate) enum Opened {
    /// LDIF, to be read record by record: its objects are kept, its text is not.
    Ldif(BufReader<Limited<File>>),
    /// Anything else, in whole.
    Whole(Vec<u8>),
}

/// Opens a file that may be LDIF.
pub(crate) fn open(path: &Path) -> std::io::Result<Opened> {
    let mut reader = BufReader::with_capacity(HEAD, Limited::new(File::open(path)?, LARGEST_LDIF));
    if ldif::starts(reader.fill_buf()?) {
        return Ok(Opened::Ldif(reader));
    }
    read_file(path).map(Opened::Whole)
}

/// A reader that fails where there is more than its limit, so that nothing is taken for whole that is not.
pub(crate) struct Limited<R> {
    reader: R,
    limit: u64,
    left: u64,
}

impl<R> Limited<R> {
    const fn new(reader: R, limit: u64) -> Self {
        Self {
            reader,
            limit,
            left: limit,
        }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.reader.read(buffer)?;
        let read = u64::try_from(count).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(read).ok_or_else(|| {
            let says = format!("more than {} MiB", self.limit >> 20);
            Error::new(ErrorKind::FileTooLarge, says)
        })?;
        Ok(count)
    }
}

/// What it means for an import that a file was not read.
pub(crate) fn refusal(error: &Error) -> Refusal {
    refusal_within(error, LARGEST)
}

/// The same for LDIF.
pub(crate) fn refusal_of_ldif(error: &Error) -> Refusal {
    refusal_within(error, LARGEST_LDIF)
}

fn refusal_within(error: &Error, limit: u64) -> Refusal {
    match error.kind() {
        ErrorKind::NotFound => Refusal::Missing,
        ErrorKind::FileTooLarge => Refusal::TooLarge { limit },
        kind => Refusal::Unreadable { kind },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_ends_is_read_up_to_the_limit() {
        let endless = Path::new("/dev/zero");
        if !endless.exists() {
            println!("skipped: there is no /dev/zero");
            return;
        }
        assert_eq!(read_file(endless).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_limit_is_kept_to_the_byte() {
        let read = |limit| {
            let mut bytes = Vec::new();
            let reader = Limited::new([7_u8; 100].as_slice(), limit);
            BufReader::with_capacity(8, reader)
                .read_to_end(&mut bytes)
                .map_err(|error| error.kind())
        };
        assert_eq!(read(100), Ok(100));
        assert_eq!(read(99), Err(ErrorKind::FileTooLarge));
    }
}
