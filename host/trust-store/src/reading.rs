//! Reading files that anyone may have put there, up to a limit.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::error::Refusal;

/// The largest file that is read: the largest master lists have a few megabytes.
const LARGEST: u64 = 64 << 20;

/// Reads a file of at most 64 MiB. A larger one, or a device that never ends, is [`ErrorKind::FileTooLarge`], and no more
/// than that is read of it.
pub fn read_file(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(std::io::Error::new(
            ErrorKind::FileTooLarge,
            "more than 64 MiB, which no certificate or list has",
        ));
    }
    Ok(bytes)
}

/// What it means for an import that a file was not read.
pub(crate) fn refusal(error: &std::io::Error) -> Refusal {
    match error.kind() {
        ErrorKind::NotFound => Refusal::Missing,
        ErrorKind::FileTooLarge => Refusal::TooLarge { limit: LARGEST },
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
}
