//! Fuzz targets: a function for each parser, and for the whole reader against cards that break the rules.
//!
//! A target takes any bytes, and fails by a panic: on one of its own, or on a result that must not be. Run them by
//! `cargo xtask fuzz --seconds N`, which builds the crates of this workspace with coverage counters and hands the
//! targets to libFuzzer; the corpus lies beside, a folder a target, and each file of it is also run by an ordinary test.
//!
//! ```
//! let target = chipgate_fuzz::target("mrz").unwrap();
//! target.run(b"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<");
//! ```
mod parsers;
mod reader;
mod trust;

/// A function that takes any bytes.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    run: fn(&[u8]),
}

impl Target {
    /// Panics if something is wrong with what these bytes come to.
    pub fn run(&self, bytes: &[u8]) {
        (self.run)(bytes);
    }
}

/// Every target.
pub const TARGETS: [Target; 21] = [
    target_of("tlv", parsers::tlv),
    target_of("apdu", parsers::apdu),
    target_of("lds", parsers::lds),
    target_of("security-infos", parsers::security_infos),
    target_of("security-object", trust::security_object),
    target_of("card-security", trust::card_security),
    target_of("certificate", trust::certificate),
    target_of("revocation-list", trust::revocation_list),
    target_of("master-list", trust::master_list),
    target_of("defect-list", trust::defect_list),
    target_of("bundle", trust::bundle),
    target_of("trust-file", trust::file),
    target_of("mrz", parsers::mrz),
    target_of("qr", parsers::qr),
    target_of("card-file", parsers::card_file),
    target_of("recording", parsers::recording),
    target_of("policy", parsers::policy),
    target_of("report", parsers::report),
    target_of("image", parsers::image),
    target_of("reader-answers", reader::answers),
    target_of("reader-card", reader::card),
];

const fn target_of(name: &'static str, run: fn(&[u8])) -> Target {
    Target { name, run }
}

/// The target with this name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
