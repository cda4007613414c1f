//! What contradicts itself in the trust folder, for people and for programs.

use chipgate_trust_store::Conflict;
use serde_json::{Value, json};

use super::text::fingerprint_line;
use crate::prose::wrapped;

/// What it is, then the certificates that it is about.
pub(super) fn to_text(conflict: &Conflict) -> String {
    let (what, certificates) = in_words(conflict);
    let mut text = wrapped("  conflict: ", "    ", &what);
    for (name, fingerprint) in certificates {
        text += &wrapped("    ", "      ", name);
        text += &fingerprint_line(fingerprint);
    }
    text
}

fn in_words(conflict: &Conflict) -> (String, &[(String, String)]) {
    match conflict {
        Conflict::SameKeyTwoNames { names } => ("one key under several names".to_owned(), names),
        Conflict::SameIdentifierTwoKeys {
            identifier,
            certificates,
        } => (
            format!("several keys with the identifier {identifier}"),
            certificates,
        ),
        Conflict::Withdrawn {
            certificate,
            has,
            has_not,
        } => (
            format!(
                "{has} has an anchor that the newer {has_not} of the same state withdrew; `chipgate trust remove \
                 FINGERPRINT` distrusts it, whatever list has it"
            ),
            std::slice::from_ref(certificate),
        ),
    }
}

pub(super) fn to_json(conflict: &Conflict) -> Value {
    let kind = match conflict {
        Conflict::SameKeyTwoNames { .. } => "same-key-two-names",
        Conflict::SameIdentifierTwoKeys { .. } => "same-identifier-two-keys",
        Conflict::Withdrawn { .. } => "withdrawn",
    };
    let (says, certificates) = in_words(conflict);
    let certificates = certificates.iter();
    let certificates =
        certificates.map(|(name, fingerprint)| json!({ "subject": name, "fingerprint": fingerprint }));
    json!({ "kind": kind, "says": says, "certificates": certificates.collect::<Vec<_>>() })
}
