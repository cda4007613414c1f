//! What a check came to, and whether the object is trusted by it.

use chipgate_apdu::Timestamp;
use chipgate_lds::DataGroup;
use chipgate_trust::{Authentication, Certificate, KnownDefect, StepResult, TrustFault};

use super::document::DocumentChecks;
use super::list_entries::ListEntries;

/// What was found, whatever the file is.
pub(super) struct Checked {
    pub(super) kind: &'static str,
    pub(super) steps: Vec<(&'static str, StepResult)>,
    pub(super) path: Vec<Certificate>,
    pub(super) signing_time: Option<Timestamp>,
    pub(super) defects: Vec<KnownDefect>,
    pub(super) data_groups: Vec<(DataGroup, Option<&'static str>)>,
    /// Data groups that EF.SOD lists and the folder has not.
    pub(super) missing: Vec<DataGroup>,
    /// The checks of the document, if a folder of data groups was named.
    pub(super) document: Option<DocumentChecks>,
    pub(super) list: Option<ListEntries>,
    /// How many PEM blocks the file has, of which the first was checked.
    pub(super) pem_blocks: usize,
    /// Whose certificate the path needs next, and is not here.
    pub(super) missing_issuer: Option<MissingIssuer>,
    /// Whether the certificate is itself an anchor.
    pub(super) is_anchor: bool,
}

/// An issuer of whom no certificate is here.
pub(super) struct MissingIssuer {
    pub(super) name: String,
    /// In hexadecimal digits.
    pub(super) key_identifier: Option<String>,
}

/// The kind of a certificate by itself.
pub(super) const CERTIFICATE: &str = "certificate";

impl Checked {
    pub(super) fn of<T>(kind: &'static str, found: &Authentication<T>) -> Self {
        let mut steps = vec![
            ("signature", found.signature()),
            ("issuer-certificate", found.issuer_certificate()),
            ("certificate-validity", found.validity()),
            ("certificate-validity.key-usage", found.key_usage_period()),
            ("revocation", found.revocation()),
        ];
        if kind == CERTIFICATE {
            // Nothing was signed at a time here.
            steps.retain(|(name, _)| *name != "certificate-validity.key-usage" && *name != "signature");
        }
        let signer = found.signer().into_iter();
        Self {
            kind,
            steps,
            path: signer.chain(found.issuers()).cloned().collect(),
            signing_time: found.signing_time(),
            defects: Vec::new(),
            data_groups: Vec::new(),
            missing: Vec::new(),
            document: None,
            list: None,
            pem_blocks: 0,
            missing_issuer: missing_issuer(found),
            is_anchor: false,
        }
    }

    /// Whether nothing tells that the signer was not revoked.
    pub(super) fn is_revocation_unknown(&self) -> bool {
        let revocation = self.steps.iter().find(|(name, _)| *name == "revocation");
        revocation.is_some_and(|(_, step)| matches!(step, StepResult::Undetermined(_)))
    }

    /// The signature holds, a path leads to it, it is valid, its key was used in its time, nothing is revoked, by a revocation
    /// list or a defect list, no data group differs, and each entry of a list is sound.
    pub(super) fn is_trusted(&self) -> bool {
        let step = |name: &str| {
            self.steps
                .iter()
                .find(|(of, _)| *of == name)
                .map(|(_, step)| *step)
        };
        let holds = |name: &str| step(name).is_none_or(StepResult::is_successful);
        // What is missing for these two leaves them open; it speaks against nothing.
        let not_failed = |name: &str| !matches!(step(name), Some(StepResult::Failed(_)));
        let agrees = self.data_groups.iter().all(|(_, says)| says.is_none());
        holds("signature")
            && holds("issuer-certificate")
            && holds("certificate-validity")
            && not_failed("certificate-validity.key-usage")
            && not_failed("revocation")
            && !self.defects.iter().any(withdraws_trust)
            && agrees
            && self.document.as_ref().is_none_or(DocumentChecks::is_sound)
            && (self.document.is_none() || !self.data_groups.is_empty())
            && self.list.as_ref().is_none_or(ListEntries::is_sound)
    }
}

/// The issuer that the signer's certificate names, if no anchor is that one.
fn missing_issuer<T>(found: &Authentication<T>) -> Option<MissingIssuer> {
    let missing = [TrustFault::NoIssuerFound, TrustFault::NoAnchors].map(Some);
    let signer = found
        .signer()
        .filter(|_| missing.contains(&found.issuer_certificate().fault()))?;
    Some(MissingIssuer {
        name: signer.issuer().to_string(),
        key_identifier: signer.authority_key_identifier().map(hex::encode),
    })
}

/// TR-03135-1, table 5.54: whatever its status code, a revoked signer is not trusted, or its trust is open.
const fn withdraws_trust(defect: &KnownDefect) -> bool {
    matches!(defect, KnownDefect::CertificateRevoked(_))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use chipgate_trust::UnreadableEntry;
    use chipgate_trust_store::Verification;

    use super::super::show;
    use super::*;

    fn sound() -> Checked {
        let steps = [
            "signature",
            "issuer-certificate",
            "certificate-validity",
            "certificate-validity.key-usage",
            "revocation",
        ];
        Checked {
            kind: "EF.SOD",
            steps: steps.map(|step| (step, StepResult::Successful)).to_vec(),
            path: Vec::new(),
            signing_time: None,
            defects: Vec::new(),
            data_groups: Vec::new(),
            missing: Vec::new(),
            document: None,
            list: None,
            pem_blocks: 0,
            missing_issuer: None,
            is_anchor: false,
        }
    }

    fn with_step(name: &str, result: StepResult) -> Checked {
        let mut checked = sound();
        for (step, of) in &mut checked.steps {
            if *step == name {
                *of = result;
            }
        }
        checked
    }

    #[test]
    fn a_known_revocation_and_a_key_out_of_its_time_are_not_trusted() {
        assert!(sound().is_trusted());
        let mut checked = sound();
        checked.defects = vec![KnownDefect::ComSodDiscrepancy];
        assert!(checked.is_trusted(), "it says nothing against the signer");
        checked.defects.push(KnownDefect::CertificateRevoked(0));
        assert!(!checked.is_trusted());
        let outside = StepResult::Failed(TrustFault::OutsideKeyUsagePeriod);
        assert!(!with_step("certificate-validity.key-usage", outside).is_trusted());
        let open = StepResult::Undetermined(TrustFault::NoKeyUsagePeriod);
        assert!(with_step("certificate-validity.key-usage", open).is_trusted());
        let revoked = StepResult::Failed(TrustFault::Revoked);
        assert!(!with_step("revocation", revoked).is_trusted());
    }

    #[test]
    fn a_list_with_a_bad_entry_is_not_trusted_and_the_entry_is_named() {
        let list = |wrong: Vec<[u8; 32]>, unreadable| {
            let verification = Verification {
                wrong,
                ..Verification::default()
            };
            let certificates = Vec::new();
            Some(ListEntries {
                verification,
                certificates,
                unreadable,
            })
        };
        let mut checked = sound();
        checked.list = list(Vec::new(), Vec::new());
        assert!(checked.is_trusted());
        checked.list = list(vec![[1; 32]], Vec::new());
        assert!(!checked.is_trusted());
        let entry = UnreadableEntry {
            place: 7,
            fingerprint: [2; 32],
            error: chipgate_trust::TrustError::NotACertificate,
        };
        checked.list = list(Vec::new(), vec![entry]);
        assert!(!checked.is_trusted());
        let text = show::to_text(Path::new("list.ml"), &checked);
        assert!(
            text.contains("1 entries") && text.contains(&"02".repeat(32)),
            "{text}"
        );
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    }
}
