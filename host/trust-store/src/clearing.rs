//! Why a revocation list clears nobody, in words for people. What decides is `chipgate-trust`; x509-parser shows the extensions.

use chipgate_trust::{RevocationList, TrustAnchor, TrustAnchors};
use x509_parser::extensions::{ParsedExtension, X509Extension};
use x509_parser::prelude::{CertificateRevocationList, FromDer};

use crate::store::Store;

/// RFC 5280, 5.2.4: deltaCRLIndicator.
const DELTA: &str = "2.5.29.27";
/// RFC 5280, 5.3.3: certificateIssuer, of an entry of an indirect list.
const CERTIFICATE_ISSUER: &str = "2.5.29.29";
/// What may be critical: issuingDistributionPoint, authorityKeyIdentifier, cRLNumber, reasonCode, invalidityDate.
const KNOWN: [&str; 5] = ["2.5.29.28", "2.5.29.35", "2.5.29.20", "2.5.29.21", "2.5.29.24"];

/// What of the list itself keeps it from clearing a signer; `None` if nothing does.
pub(crate) fn why_not(list: &RevocationList) -> Option<String> {
    let (_, shown) = CertificateRevocationList::from_der(list.der()).ok()?;
    let entries = shown.iter_revoked_certificates();
    let of_entries = entries.flat_map(|entry| entry.extensions());
    let mut extensions = shown.extensions().iter().chain(of_entries);
    extensions.find_map(why_not_with)
}

fn why_not_with(extension: &X509Extension<'_>) -> Option<String> {
    if let ParsedExtension::IssuingDistributionPoint(point) = extension.parsed_extension() {
        let says = if point.indirect_crl {
            "it is an indirect list"
        } else if point.only_some_reasons.is_some() {
            "it is a partial list, for some reasons only"
        } else if point.only_contains_attribute_certs {
            "it is a list of attribute certificates"
        } else if point.only_contains_ca_certs {
            "it is a partial list, of authorities only"
        } else {
            return None;
        };
        return Some(says.to_owned());
    }
    let kind = extension.oid.to_id_string();
    match kind.as_str() {
        DELTA => Some("it is a delta list".to_owned()),
        CERTIFICATE_ISSUER => Some("it is an indirect list".to_owned()),
        other if extension.critical && !KNOWN.contains(&other) => {
            Some(format!("its critical extension {other} is not known here"))
        }
        _ => None,
    }
}

impl Store {
    /// Why this list clears nobody: what it is itself, or who signed it.
    pub(crate) fn why_not_clearing(&self, list: &RevocationList) -> Option<String> {
        why_not(list).or_else(|| {
            let candidates = self.candidates(list.issuer(), None);
            let mut signers = candidates.iter().filter(|anchor| {
                let key = anchor.certificate().public_key();
                key.is_ok_and(|key| list.verify_signature(&key).is_ok())
            });
            let against = |anchor: &TrustAnchor| {
                let certificate = anchor.certificate();
                if !certificate.may_sign_revocation_lists() {
                    Some("it is signed by an authority that may not sign revocation lists")
                } else if self.is_revoked(certificate) {
                    Some("it is signed by a revoked authority")
                } else {
                    None
                }
            };
            let first = against(signers.next()?)?;
            signers
                .all(|anchor| against(anchor).is_some())
                .then(|| first.to_owned())
        })
    }
}
