//! Anchors that an operator took the trust from, whatever list or bundle brings them. The decision stands in a file of the folder, so
//! that a newer list does not undo it.

use std::collections::BTreeSet;

use super::{Anchor, Fingerprint, Store};
use crate::listing::{Listed, parse_fingerprint};

/// The file that names them, a fingerprint a line.
pub(crate) const DISTRUSTED: &str = "trust.distrusted";

/// The fingerprints of what is distrusted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Distrust {
    fingerprints: BTreeSet<Fingerprint>,
    /// Lines that are no fingerprints: nobody can say what they mean, and no change of the file loses them.
    unreadable: Vec<String>,
}

impl Distrust {
    pub(super) fn from_text(text: &str) -> Self {
        let mut distrust = Self::default();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match parse_fingerprint(line) {
                Some(fingerprint) => {
                    distrust.fingerprints.insert(fingerprint);
                }
                None => distrust.unreadable.push(line.to_owned()),
            }
        }
        distrust
    }

    pub(crate) fn to_text(&self) -> String {
        let fingerprints = self.fingerprints.iter().map(hex::encode);
        let lines = fingerprints.chain(self.unreadable.iter().cloned());
        lines.map(|line| line + "\n").collect()
    }

    pub(crate) fn has(&self, fingerprint: &Fingerprint) -> bool {
        self.fingerprints.contains(fingerprint)
    }

    /// Whether a list or a bundle may bring this anchor in: none, where a line may mean any of them.
    pub(crate) fn keeps_out(&self, fingerprint: &Fingerprint) -> bool {
        self.has(fingerprint) || self.is_damaged()
    }

    pub(crate) fn is_damaged(&self) -> bool {
        !self.unreadable.is_empty()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.fingerprints.is_empty() && self.unreadable.is_empty()
    }

    pub(crate) fn add(&mut self, fingerprint: Fingerprint) {
        self.fingerprints.insert(fingerprint);
    }

    /// Whether it was among them.
    pub(crate) fn remove(&mut self, fingerprint: &Fingerprint) -> bool {
        self.fingerprints.remove(fingerprint)
    }
}

/// An anchor that does not count, whatever brings it in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distrusted {
    /// SHA-256 of its DER, in lower-case hexadecimal digits.
    pub fingerprint: String,
    /// The certificate, if something here holds it.
    pub certificate: Option<Listed>,
}

impl Store {
    /// The anchors that an operator took the trust from by `trust remove`, until `trust import --fingerprint` gives it back.
    pub fn distrusted(&self) -> Vec<Distrusted> {
        let of_bundle = self.bundle.iter().flat_map(|(file, bundle)| {
            let anchors = bundle.anchors();
            anchors.map(move |anchor| Listed::certificate(anchor.certificate(), file.clone()))
        });
        let of_files = self.kept_out.iter().map(|anchor| Listed {
            from_master_list: anchor.from_master_list,
            ..Listed::certificate(anchor.trusted.certificate(), anchor.file.clone())
        });
        let held: Vec<_> = of_files.chain(of_bundle).collect();
        let fingerprints = self.distrust.fingerprints.iter().map(hex::encode);
        let distrusted = fingerprints.map(|fingerprint| Distrusted {
            certificate: held.iter().find(|item| item.fingerprint == fingerprint).cloned(),
            fingerprint,
        });
        distrusted.collect()
    }

    /// Sets aside the anchors of files that are distrusted.
    pub(super) fn leave_out_distrusted(&mut self) {
        let distrust = &self.distrust;
        let (out, stays): (Vec<_>, Vec<_>) = std::mem::take(&mut self.anchors)
            .into_iter()
            .partition(|anchor| distrust.has(&anchor.trusted.certificate().fingerprint()));
        self.anchors = stays;
        for anchor in out {
            self.keep_out(anchor);
        }
    }

    pub(super) fn keep_out(&mut self, anchor: Anchor) {
        if self.kept_out.iter().all(|known| known.trusted != anchor.trusted) {
            self.kept_out.push(anchor);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_no_fingerprint_keeps_every_anchor_of_a_list_out_and_is_not_lost() {
        let text = format!("{}\n\nwhat?\n", "1".repeat(64));
        let mut distrust = Distrust::from_text(&text);
        assert!(distrust.has(&[0x11; 32]) && !distrust.has(&[0x22; 32]) && distrust.keeps_out(&[0x22; 32]));
        assert!(distrust.remove(&[0x11; 32]) && !distrust.remove(&[0x11; 32]));
        distrust.add([0x22; 32]);
        assert_eq!(distrust.to_text(), format!("{}\nwhat?\n", "2".repeat(64)));
        assert!(!Distrust::from_text(&"3".repeat(64)).keeps_out(&[0x22; 32]));
    }
}
