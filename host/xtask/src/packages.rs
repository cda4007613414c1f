//! What the system must have, and how it is installed: by the distribution's packages.

use std::path::Path;

use crate::command::{Failure, is_installed, privileged, program, run, succeeds};

/// Something that the system must have.
pub(crate) struct Need {
    /// What it is called on a system without apt.
    pub(crate) what: &'static str,
    /// What it is for.
    pub(crate) why: &'static str,
    /// Debian's and Ubuntu's packages.
    pub(crate) packages: &'static [&'static str],
    /// Whether it is there.
    pub(crate) is_there: fn() -> bool,
}

/// What building, the demo and the tests need.
pub(crate) const NEEDED: [Need; 6] = [
    Need {
        what: "a C compiler",
        why: "to build SQLite and the kernels of the neural network engine",
        packages: &["gcc", "libc6-dev"],
        is_there: || is_installed("cc") && Path::new("/usr/include/stdio.h").exists(),
    },
    Need {
        what: "pkg-config",
        why: "to find the smart-card library",
        packages: &["pkg-config"],
        is_there: || is_installed("pkg-config"),
    },
    Need {
        what: "the PC/SC library's headers (libpcsclite)",
        why: "to talk to smart-card readers",
        packages: &["libpcsclite-dev"],
        is_there: || succeeds(program("pkg-config").args(["--exists", "libpcsclite"])),
    },
    Need {
        what: "the PC/SC service (pcscd)",
        why: "it owns the smart-card readers",
        packages: &["pcscd"],
        is_there: || is_installed("pcscd"),
    },
    Need {
        what: "the virtual smart-card reader (vsmartcard's vpcd)",
        why: "it presents virtual cards to the PC/SC service",
        packages: &["vsmartcard-vpcd"],
        is_there: || Path::new("/etc/reader.conf.d/vpcd").exists(),
    },
    Need {
        what: "Python's package client (pip)",
        why: "it fetches the face models and the demo's pictures",
        packages: &["python3", "python3-pip"],
        is_there: || succeeds(program("python3").args(["-m", "pip", "--version"])),
    },
];

/// What `cargo xtask size` runs the microcontroller's program in.
pub(crate) const EMULATOR: [Need; 1] = [Need {
    what: "QEMU for Arm (qemu-system-arm)",
    why: "it runs the program for the microcontroller",
    packages: &["qemu-system-arm"],
    is_there: || is_installed("qemu-system-arm"),
}];

/// Installs what is missing of `needs`, after saying what and why. Does nothing where nothing is.
pub(crate) fn install_missing(needs: &[Need]) -> Result<(), Failure> {
    let missing: Vec<&Need> = needs.iter().filter(|need| !(need.is_there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this system:");
    for need in &missing {
        println!("  {}, {}", need.what, need.why);
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    if !is_installed("apt-get") {
        let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
        return Err(Failure(format!(
            "this system has no apt: install {} with its own package manager, then run this again",
            names.join(", ")
        )));
    }
    install_by_apt(&packages)?;
    still_missing(&missing)
}

fn install_by_apt(packages: &[&str]) -> Result<(), Failure> {
    let by_hand = format!(
        "apt-get update && apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
    let (Some(mut update), Some(mut install)) = (privileged("apt-get"), privileged("apt-get")) else {
        return Err(Failure(format!(
            "installing needs root or sudo; run this as root, then try again:\n    {by_hand}"
        )));
    };
    println!("Installing them by: {by_hand}");
    // A stale list of packages is better than none: only the installation decides.
    let _ = run(update.args(["update", "--quiet", "--quiet"]));
    run(install
        .env("DEBIAN_FRONTEND", "noninteractive")
        .args(["install", "--yes", "--quiet", "--no-install-recommends"])
        .args(packages))
}

fn still_missing(needs: &[&Need]) -> Result<(), Failure> {
    match needs.iter().find(|need| !(need.is_there)()) {
        None => Ok(()),
        Some(need) => Err(Failure(format!(
            "{} is still missing after installing {}: look at the output above",
            need.what,
            need.packages.join(", ")
        ))),
    }
}
