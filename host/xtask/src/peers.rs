//! What others wrote, and the tests are held against. Where one cannot be had, its tests say so by name.

use std::path::{Path, PathBuf};

use crate::{
    command::{Failure, cargo, is_installed, program, run, target},
    packages::{Need, install_missing},
};

/// From the distribution.
const PROGRAMS: [Need; 4] = [
    Need {
        what: "OpenSSL's program",
        why: "its signatures, certificates and CMS are what ours are held against",
        packages: &["openssl"],
        is_there: || is_installed("openssl"),
    },
    Need {
        what: "OpenPACE's library (libeac)",
        why: "as another reader, it runs PACE with the virtual card",
        packages: &["libeac-dev"],
        is_there: || Path::new("/usr/include/eac/eac.h").exists(),
    },
    Need {
        what: "mrtdreader",
        why: "as another reader, it reads the virtual passport",
        packages: &["mrtdreader"],
        is_there: || is_installed("mrtdreader"),
    },
    Need {
        what: "Wireshark's tshark",
        why: "it dissects the exported exchanges",
        packages: &["tshark"],
        is_there: || is_installed("tshark"),
    },
];

/// From Python's package index: signatures and ciphers; the neural network engine and the face network's own library.
const MODULES: [&str; 5] = [
    "cryptography==50.0.2",
    "dlib-bin==20.0.1.post1",
    "numpy==2.4.6",
    "onnxruntime==1.32.0",
    "pillow==13.0.0",
];

/// Installs what is missing, where that is possible, and returns where Python finds its modules.
pub(crate) fn install() -> PathBuf {
    let modules = target().join("tools").join("python-peers");
    for step in [
        install_missing(&PROGRAMS),
        install_modules(&modules),
        build_emrtd(),
    ] {
        if let Err(failure) = step {
            println!("Going on without: {failure}");
        }
    }
    modules
}

/// Where the program over the crate `emrtd` lies, a reader for the virtual card. It is no part of the workspace: its crates ask more of
/// some that others use, too, and those would be built a second time.
pub(crate) fn emrtd() -> PathBuf {
    emrtd_folder().join("debug").join("emrtd-peer")
}

fn emrtd_folder() -> PathBuf {
    target().join("tools").join("emrtd")
}

fn build_emrtd() -> Result<(), Failure> {
    run(cargo()
        .args(["build", "--quiet", "--locked", "--manifest-path"])
        .arg("host/virtual-card/tests/emrtd/Cargo.toml")
        .arg("--target-dir")
        .arg(emrtd_folder()))
}

/// Keeps the modules in a folder of their own: the system's Python stays as it is.
fn install_modules(folder: &Path) -> Result<(), Failure> {
    let mark = folder.join(".installed");
    let wanted = MODULES.join("\n");
    if std::fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    println!("Fetching what the tests are held against: {}", MODULES.join(", "));
    run(program("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--upgrade",
            "--only-binary",
            ":all:",
            "--target",
        ])
        .arg(folder)
        .args(MODULES))?;
    std::fs::write(&mark, wanted)
        .map_err(|error| Failure(format!("{} could not be written: {error}", mark.display())))
}
