//! libFuzzer over the target that CHIPGATE_FUZZ_TARGET names.
#![no_main]
#![allow(unsafe_code, missing_docs, reason = "the macro exports a function to C")]

use std::sync::OnceLock;

use chipgate_fuzz::{Target, target};

fn chosen() -> &'static Target {
    static CHOSEN: OnceLock<&'static Target> = OnceLock::new();
    CHOSEN.get_or_init(|| {
        let name = std::env::var("CHIPGATE_FUZZ_TARGET").unwrap_or_default();
        target(&name).unwrap_or_else(|| {
            eprintln!("CHIPGATE_FUZZ_TARGET names no target: {name:?}");
            std::process::exit(2)
        })
    })
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| chosen().run(bytes));
