//! What counted before a change and no longer does, and why: a revocation list that names the signer of a master list takes each
//! anchor of that list with it, and nobody who imports it would think of that.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, PathOptions, RevocationList, authenticate_certificate};

use crate::error::Refusal;
use crate::listing::Listed;
use crate::store::{Anchor, Store, signers_in};

/// What counts at one moment.
#[derive(Debug, Clone)]
pub struct Standing {
    now: Timestamp,
    anchors: Vec<Anchor>,
    revocation: Vec<RevocationList>,
}

/// A certificate that no longer counts, though nobody asked for its removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The certificate.
    pub certificate: Listed,
    /// Why.
    pub why: LossCause,
}

/// Why a certificate no longer counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossCause {
    /// The master list that brought it in is not trusted any more.
    ListRefused {
        /// The list.
        file: PathBuf,
        /// Why, in words.
        why: String,
    },
    /// The master list that brought it in is gone.
    ListGone {
        /// The list.
        file: PathBuf,
    },
    /// A revocation list names it.
    Revoked,
    /// The anchor that issued it no longer counts.
    NoAnchor,
}

impl fmt::Display for LossCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListRefused { file, why } => write!(f, "{}: {why}", file.display()),
            Self::ListGone { file } => write!(f, "the list {} that brought it in is gone", file.display()),
            Self::Revoked => f.write_str("a revocation list of its issuer names it"),
            Self::NoAnchor => f.write_str("the anchor that issued it no longer counts"),
        }
    }
}

impl Store {
    /// What counts at this moment, to be held against what counts after a change.
    pub fn standing(&self, now: Timestamp) -> Standing {
        Standing {
            now,
            anchors: self.anchors.clone(),
            revocation: self.revocation_lists(now),
        }
    }

    /// What counted then and does not now. What a person removed or distrusted by its own fingerprint is not among it.
    pub fn lost_since(&self, before: &Standing) -> Vec<Lost> {
        let gone: Vec<&Anchor> = before
            .anchors
            .iter()
            .filter(|old| self.anchors.iter().all(|new| new.trusted != old.trusted))
            .collect();
        let of_lists = gone.iter().filter_map(|anchor| {
            let why = self.why_gone(anchor)?;
            Some(lost(anchor.trusted.certificate(), anchor.file.clone(), why))
        });
        let mut all: Vec<_> = of_lists.collect();
        let known: BTreeSet<_> = before
            .revocation
            .iter()
            .map(RevocationList::fingerprint)
            .collect();
        let lists = self.revocation_lists(before.now).into_iter();
        let new: Vec<_> = lists
            .filter(|list| !known.contains(&list.fingerprint()))
            .collect();
        let is_newly_revoked = |certificate: &Certificate| {
            let names = |list: &RevocationList| {
                list.issuer() == certificate.issuer() && list.lists(certificate.serial_number())
            };
            !before.revocation.iter().any(names)
                && new
                    .iter()
                    .any(|list| names(list) && self.signed_by_an_anchor(list).is_ok())
        };
        for anchor in &self.anchors {
            let certificate = anchor.trusted.certificate();
            if is_newly_revoked(certificate) {
                all.push(lost(certificate, anchor.file.clone(), LossCause::Revoked));
            }
        }
        if gone.is_empty() && new.is_empty() {
            return all;
        }
        let names: BTreeSet<_> = gone
            .iter()
            .map(|old| old.trusted.certificate().subject())
            .collect();
        for (file, at) in &self.signer_files {
            // A file that can't be read is told where it is opened; what it holds is not lost.
            for signer in signers_in(at).unwrap_or_default() {
                let is_without = names.contains(signer.issuer()) && !self.leads_to(&signer);
                let why = match (is_without, is_newly_revoked(&signer)) {
                    (true, _) => LossCause::NoAnchor,
                    (false, true) => LossCause::Revoked,
                    (false, false) => continue,
                };
                all.push(lost(&signer, file.clone(), why));
            }
        }
        all
    }

    /// Why an anchor that a list brought in does not count; `None` if that was asked for.
    fn why_gone(&self, anchor: &Anchor) -> Option<LossCause> {
        let fingerprint = anchor.trusted.certificate().fingerprint();
        if !anchor.from_master_list || self.distrust.has(&fingerprint) {
            return None;
        }
        let file = anchor.file.clone();
        let refused = self.refused.iter().find(|refused| refused.file == file);
        Some(match refused {
            Some(refused) if matches!(refused.why, Refusal::MasterList { .. }) => LossCause::ListRefused {
                file,
                why: refused.why.to_string(),
            },
            _ => LossCause::ListGone { file },
        })
    }

    fn leads_to(&self, signer: &Certificate) -> bool {
        let found = authenticate_certificate(signer, self, Timestamp(0), &PathOptions::default());
        found.issuer_certificate().is_successful()
    }
}

fn lost(certificate: &Certificate, file: PathBuf, why: LossCause) -> Lost {
    Lost {
        certificate: Listed::certificate(certificate, file),
        why,
    }
}
