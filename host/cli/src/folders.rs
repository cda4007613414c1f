//! The user's folders (XDG Base Directory Specification).

use std::path::PathBuf;

/// Where the trust anchors are unless `--trust` says otherwise. The test PKI is never there by itself.
pub(crate) fn trust() -> PathBuf {
    base("XDG_CONFIG_HOME", ".config").join("trust")
}

/// Where reports wait unless `--outbox` says otherwise.
pub(crate) fn outbox() -> PathBuf {
    base("XDG_STATE_HOME", ".local/state").join("outbox")
}

/// Where the verifier keeps its data unless `--data` says otherwise.
pub(crate) fn verifier() -> PathBuf {
    base("XDG_STATE_HOME", ".local/state").join("verifier")
}

/// Where the demo leaves what it made, unless `--out` says otherwise.
pub(crate) fn demo() -> PathBuf {
    base("XDG_STATE_HOME", ".local/state").join("demo")
}

fn base(variable: &str, below_home: &str) -> PathBuf {
    let set = std::env::var_os(variable)
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute());
    let home = || {
        std::env::var_os("HOME")
            .map_or_else(PathBuf::new, PathBuf::from)
            .join(below_home)
    };
    set.unwrap_or_else(home).join("chipgate")
}
