//! What the store holds, for people. x509-parser reads it; it decides nothing.

use std::fmt;
use std::path::PathBuf;

use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, RevocationList, TrustFault, fingerprint};
use x509_parser::prelude::{CertificateRevocationList, FromDer, X509Certificate};

use crate::store::{Fingerprint, Store, readable_signers_in};
use crate::usability::why_unusable;

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A CSCA certificate that is signed by its own key.
    Csca,
    /// A CSCA certificate that is signed by another key, such as its predecessor's.
    Link,
    /// A document signer's certificate.
    Signer,
    /// A revocation list.
    RevocationList,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csca => "CSCA",
            Self::Link => "link",
            Self::Signer => "signer",
            Self::RevocationList => "CRL",
        })
    }
}

/// One object of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub kind: Kind,
    /// The state, two letters, if the name has one.
    pub country: Option<String>,
    /// Whose certificate it is; of a revocation list, its issuer.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// SHA-256 of the DER, in lower-case hexadecimal digits.
    pub fingerprint: String,
    /// From when it is valid; of a revocation list, its issue.
    pub not_before: Timestamp,
    /// Until when it is valid; of a revocation list, the next update, if it says so.
    pub not_after: Option<Timestamp>,
    /// How many certificates a revocation list revokes.
    pub revoked: Option<usize>,
    /// The file that it is in.
    pub file: PathBuf,
    /// Whether a master list brought it in.
    pub from_master_list: bool,
    /// Why it can't be used as what it is; `None` if nothing is known against it.
    pub unusable: Option<String>,
}

impl Store {
    /// Everything that counts: the anchors in the order of their states and names, then the revocation lists.
    pub fn list(&self) -> Vec<Listed> {
        // What is shown asks for no time: of each authority the latest list counts.
        let revocation = self.revocation_lists(Timestamp(u64::MAX));
        let anchors = self.anchors.iter().map(|anchor| {
            let certificate = anchor.trusted.certificate();
            let listed = Listed::certificate(certificate, anchor.file.clone());
            Listed {
                unusable: self.why_unusable(certificate, &revocation),
                from_master_list: anchor.from_master_list,
                ..listed
            }
        });
        let mut listed: Vec<_> = anchors.collect();
        listed.extend(
            self.revocation
                .iter()
                .map(|(file, list)| self.listed_list(list, file.clone())),
        );
        let signers = self.signer_files.iter().flat_map(|(file, at)| {
            let signers = readable_signers_in(at).into_iter();
            signers.map(|signer| Listed::certificate(&signer, file.clone()))
        });
        listed.extend(signers);
        listed.extend(self.of_bundle(&revocation));
        listed.sort_by(|a, b| {
            let key = |l: &Listed| {
                (
                    l.kind == Kind::RevocationList,
                    l.country.clone(),
                    l.subject.clone(),
                    l.not_before,
                )
            };
            key(a).cmp(&key(b))
        });
        listed
    }
}

/// A signed list as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedList {
    /// What kind of list it is.
    pub kind: &'static str,
    /// SHA-256 of the file's content, in lower-case hexadecimal digits: `chipgate trust remove` takes it.
    pub fingerprint: String,
    /// Who signed it, where that was kept.
    pub signer: Option<String>,
    /// When it was signed, if it says so.
    pub signed: Option<Timestamp>,
    /// How many entries it has.
    pub entries: usize,
    /// The file that it is in.
    pub file: PathBuf,
}

impl Store {
    /// The master lists and defect lists that count.
    pub fn signed_lists(&self) -> Vec<SignedList> {
        let master = self.master_lists.iter().map(|list| SignedList {
            kind: "master list",
            fingerprint: hex::encode(list.fingerprint),
            signer: Some(list.signer.subject().to_string()),
            signed: list.signing_time,
            entries: list.entries.len(),
            file: list.file.clone(),
        });
        let defects = self.defect_lists.iter().map(|(file, list, der)| SignedList {
            kind: "defect list",
            fingerprint: hex::encode(fingerprint(der)),
            signer: None,
            signed: None,
            entries: list.defects.len(),
            file: file.clone(),
        });
        master.chain(defects).collect()
    }

    /// A revocation list, and what keeps it from clearing anyone.
    pub(crate) fn listed_list(&self, list: &RevocationList, file: PathBuf) -> Listed {
        Listed {
            unusable: self.why_not_clearing(list),
            ..Listed::revocation_list(list, file)
        }
    }

    /// What the bundle holds.
    fn of_bundle(&self, revocation: &[RevocationList]) -> Vec<Listed> {
        let Some((file, bundle)) = &self.bundle else {
            return Vec::new();
        };
        let anchors = self
            .anchors_of_bundle()
            .map(|anchor| anchor.certificate().clone());
        let certificates = anchors.chain(bundle.other_certificates());
        let listed = certificates.map(|certificate| {
            let listed = Listed::certificate(&certificate, file.clone());
            let is_authority = certificate.is_authority();
            let unusable = is_authority.then(|| self.why_unusable(&certificate, revocation));
            Listed {
                unusable: unusable.flatten(),
                ..listed
            }
        });
        let lists = bundle.revocation_lists();
        let lists = lists.map(|list| self.listed_list(&list, file.clone()));
        listed.chain(lists).collect()
    }
}

impl Listed {
    pub(crate) fn certificate(certificate: &Certificate, file: PathBuf) -> Self {
        let (subject, issuer) = names(certificate);
        Self {
            kind: kind(certificate),
            country: certificate.subject().country().map(str::to_owned),
            subject,
            issuer,
            fingerprint: hex::encode(certificate.fingerprint()),
            not_before: certificate.not_before(),
            not_after: Some(certificate.not_after()),
            revoked: None,
            file,
            from_master_list: false,
            unusable: certificate
                .is_authority()
                .then(|| why_unusable(certificate))
                .flatten(),
        }
    }

    pub(crate) fn revocation_list(list: &RevocationList, file: PathBuf) -> Self {
        let issuer = CertificateRevocationList::from_der(list.der()).map_or_else(
            |_| list.issuer().to_string(),
            |(_, shown)| shown.issuer().to_string(),
        );
        Self {
            kind: Kind::RevocationList,
            country: list.issuer().country().map(str::to_owned),
            subject: issuer.clone(),
            issuer,
            fingerprint: hex::encode(list.fingerprint()),
            not_before: list.this_update(),
            not_after: list.next_update(),
            revoked: Some(list.len()),
            file,
            from_master_list: false,
            unusable: None,
        }
    }
}

/// A CSCA certificate is signed by its own key. Where the key is of a kind that is not carried here, names and key
/// identifiers tell.
fn kind(certificate: &Certificate) -> Kind {
    if !certificate.is_authority() {
        return Kind::Signer;
    }
    let own_key = match certificate
        .public_key()
        .and_then(|key| certificate.verify_signature(&key))
    {
        Err(TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve) => {
            let identifier = certificate.authority_key_identifier();
            let same_key = identifier.is_none() || identifier == certificate.subject_key_identifier();
            certificate.is_self_issued() && same_key
        }
        verified => verified.is_ok(),
    };
    if own_key { Kind::Csca } else { Kind::Link }
}

/// Subject and issuer as x509-parser shows them; where it cannot, as the certificate's own reader does.
fn names(certificate: &Certificate) -> (String, String) {
    X509Certificate::from_der(certificate.der()).map_or_else(
        |_| {
            (
                certificate.subject().to_string(),
                certificate.issuer().to_string(),
            )
        },
        |(_, shown)| (shown.subject().to_string(), shown.issuer().to_string()),
    )
}

/// Reads a fingerprint as people write it: 64 hexadecimal digits, with or without colons and spaces.
pub fn parse_fingerprint(text: &str) -> Option<Fingerprint> {
    let digits: String = text.chars().filter(|c| !matches!(c, ':' | ' ')).collect();
    hex::decode(digits).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_fingerprint_with_and_without_colons() {
        let digits = "6f0a20d63a43fc589eaf0d8c52113a2a8bfa341c6f2fab04121238aa0c22b1a9";
        let fingerprint = parse_fingerprint(digits).unwrap();
        assert_eq!(hex::encode(fingerprint), digits);
        let with_colons: Vec<_> = fingerprint.iter().map(|octet| format!("{octet:02X}")).collect();
        assert_eq!(parse_fingerprint(&with_colons.join(":")), Some(fingerprint));
        for wrong in [
            "",
            "6f0a",
            &digits[1..],
            &format!("{digits}00"),
            &digits.replace('6', "g"),
        ] {
            assert_eq!(parse_fingerprint(wrong), None, "{wrong}");
        }
    }
}
