//! Files on disk: keys are their owner's alone, and nothing is read without a limit.

use std::{
    fs::{self, File, OpenOptions},
    io::{Error, ErrorKind, Read, Write},
    path::Path,
};

use crate::CardError;

/// Reads a file of at most `most` bytes. A name may be that of a device that never ends.
pub(crate) fn read_at_most(path: &Path, most: u64) -> Result<Vec<u8>, CardError> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(most + 1).read_to_end(&mut bytes))
        .map_err(CardError::io(path))?;
    if bytes.len() as u64 > most {
        let longer = format!("it is longer than {most} bytes");
        return Err(CardError::io(path)(Error::new(ErrorKind::FileTooLarge, longer)));
    }
    Ok(bytes)
}

/// Writes a file that only its owner can read; an older one at that place is replaced whole.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> Result<(), CardError> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    let part = Path::new(&name);
    let _ = fs::remove_file(part); // what an interrupted run left; creating it fails if it is still there
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(part)
        .map_err(CardError::io(part))?;
    file.write_all(bytes).map_err(CardError::io(part))?;
    fs::rename(part, path).map_err(CardError::io(path))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::read_at_most;

    #[test]
    fn a_file_that_never_ends_is_given_up_and_one_of_just_the_limit_is_read() {
        let error = read_at_most(Path::new("/dev/zero"), 1000)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("/dev/zero") && error.contains("longer than 1000 bytes"),
            "{error}"
        );
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), [7; 100]).unwrap();
        assert_eq!(read_at_most(file.path(), 100).unwrap(), [7; 100]);
        assert!(read_at_most(file.path(), 99).is_err());
    }
}
