//! The entries of a master list, each bad one by name.

use chipgate_trust::{Certificate, UnreadableEntry};
use chipgate_trust_store::Verification;
use serde_json::{Value, json};

use super::super::text::fingerprint_line;
use crate::prose::{labelled, wrapped};

/// The entries of a master list.
pub(super) struct ListEntries {
    pub(super) verification: Verification,
    pub(super) certificates: Vec<Certificate>,
    pub(super) unreadable: Vec<UnreadableEntry>,
}

impl ListEntries {
    pub(super) fn is_sound(&self) -> bool {
        self.unreadable.is_empty() && self.verification.wrong.is_empty()
    }

    pub(super) fn to_text(&self) -> String {
        let found = &self.verification;
        let counts = format!(
            "{} entries: {} verify in the list, {} have their issuer elsewhere, {} can't be tried, {} are wrong, {} can't be read",
            self.certificates.len() + self.unreadable.len(),
            found.verified,
            found.without_issuer.len(),
            found.not_carried.len(),
            found.wrong.len(),
            self.unreadable.len()
        );
        let mut text = wrapped("  ", "  ", &counts);
        for certificate in self.named(&found.wrong) {
            text += &labelled("wrong", &certificate.subject().to_string());
            text += &fingerprint_line(&hex::encode(certificate.fingerprint()));
        }
        for entry in &self.unreadable {
            text += &labelled("damaged", &format!("entry {}: {}", entry.place, entry.error));
            text += &fingerprint_line(&hex::encode(entry.fingerprint));
        }
        for (fingerprint, fault) in &found.not_carried {
            for certificate in self.named(&[*fingerprint]) {
                text += &labelled("not tried", &certificate.subject().to_string());
                text += &labelled("", &fault.to_string());
                text += &fingerprint_line(&hex::encode(fingerprint));
            }
        }
        for certificate in self.named(&found.without_issuer) {
            text += &labelled("entry", &certificate.subject().to_string());
            text += &labelled(
                "",
                &format!("its issuer is not in the list: {}", certificate.issuer()),
            );
        }
        text
    }

    fn named(&self, fingerprints: &[[u8; 32]]) -> Vec<&Certificate> {
        let all = self.certificates.iter();
        all.filter(|certificate| fingerprints.contains(&certificate.fingerprint()))
            .collect()
    }

    pub(super) fn to_json(&self) -> Value {
        let found = &self.verification;
        let missing = self.named(&found.without_issuer).into_iter().map(|certificate| {
            json!({ "subject": certificate.subject().to_string(), "issuer": certificate.issuer().to_string(),
                    "fingerprint": hex::encode(certificate.fingerprint()) })
        });
        let unreadable = self.unreadable.iter().map(
            |entry| json!({ "place": entry.place, "fingerprint": hex::encode(entry.fingerprint), "why": entry.error.to_string() }),
        );
        let not_carried = found.not_carried.iter().map(
            |(fingerprint, fault)| json!({ "fingerprint": hex::encode(fingerprint), "fault": fault.code() }),
        );
        json!({ "certificates": self.certificates.len(), "verified": found.verified,
                "without_issuer": found.without_issuer.iter().map(hex::encode).collect::<Vec<_>>(),
                "wrong": found.wrong.iter().map(hex::encode).collect::<Vec<_>>(),
                "not_carried": not_carried.collect::<Vec<_>>(),
                "unreadable": unreadable.collect::<Vec<_>>(), "missing_issuers": missing.collect::<Vec<_>>() })
    }
}
