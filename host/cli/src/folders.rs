//! The user's folders (XDG Base Directory Specification).

use std::path::PathBuf;

use crate::cli_error::CliError;

/// Where the trust anchors are unless `--trust` says otherwise. The test PKI is never there by itself.
pub(crate) fn trust() -> Result<PathBuf, CliError> {
    Ok(base("XDG_CONFIG_HOME", ".config")?.join("trust"))
}

/// Where reports wait unless `--outbox` says otherwise.
pub(crate) fn outbox() -> Result<PathBuf, CliError> {
    Ok(base("XDG_STATE_HOME", ".local/state")?.join("outbox"))
}

/// Where the verifier keeps its data unless `--data` says otherwise.
pub(crate) fn verifier() -> Result<PathBuf, CliError> {
    Ok(base("XDG_STATE_HOME", ".local/state")?.join("verifier"))
}

/// Where the demo leaves what it made, unless `--out` says otherwise.
pub(crate) fn demo() -> Result<PathBuf, CliError> {
    Ok(base("XDG_STATE_HOME", ".local/state")?.join("demo"))
}

/// Never below the current folder: whoever wrote there would decide what is trusted.
fn base(variable: &str, below_home: &str) -> Result<PathBuf, CliError> {
    let absolute = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
    };
    let folder = absolute(variable).or_else(|| Some(absolute("HOME")?.join(below_home)));
    folder.map(|folder| folder.join("chipgate")).ok_or_else(|| {
        CliError::Usage(format!(
            "there is no home folder (neither {variable} nor HOME is set): name the folder by --trust, --outbox, --data or --out"
        ))
    })
}
