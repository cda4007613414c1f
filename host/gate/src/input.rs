//! Files that someone names: read up to a limit, since a name may be that of a device that never ends.

use std::{
    fs::File,
    io::{Error, ErrorKind, Read, Result},
    path::Path,
};

/// The longest picture that is read, in bytes.
pub const LONGEST_PICTURE: u64 = 64 << 20;
/// The longest policy, key, certificate or file of a chip that is read, in bytes.
pub const LONGEST_INPUT: u64 = 4 << 20;

/// The bytes of a file of at most `most` bytes; [`ErrorKind::FileTooLarge`] for a longer one.
pub fn read_at_most(file: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(file)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(Error::new(
            ErrorKind::FileTooLarge,
            format!("it is longer than {}", in_words(most)),
        ));
    }
    Ok(bytes)
}

/// A limit as people say it.
fn in_words(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} bytes"),
        1024..0x10_0000 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}

/// The same for text in UTF-8.
pub fn read_text_at_most(file: &Path, most: u64) -> Result<String> {
    String::from_utf8(read_at_most(file, most)?)
        .map_err(|_| Error::new(ErrorKind::InvalidData, "it is no text in UTF-8"))
}

#[cfg(test)]
mod tests {
    use std::{io::ErrorKind, path::Path};

    use super::read_at_most;

    #[test]
    fn a_file_that_never_ends_is_given_up() {
        let error = read_at_most(Path::new("/dev/zero"), 1 << 20).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::FileTooLarge);
        assert_eq!(error.to_string(), "it is longer than 1 MiB");
    }

    #[test]
    fn a_file_of_exactly_the_limit_is_read() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [7; 100]).unwrap();
        assert_eq!(read_at_most(file.path(), 100).unwrap(), [7; 100]);
        let error = read_at_most(file.path(), 99).unwrap_err();
        assert_eq!(error.to_string(), "it is longer than 99 bytes");
    }
}
