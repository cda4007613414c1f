//! Why something that was to be imported is not trusted, and what to do about it: nothing that is known to be altered, forged or
//! revoked is worth another authority.

use chipgate_trust::TrustFault;

/// The fault, and the advice for a file. `missing` is what to do where only an authority is missing.
pub(crate) fn of_file(fault: TrustFault, missing: &str) -> String {
    let says = fault.to_string();
    // What stands behind the last colon is for the officer who has the document in hand.
    let says = says.rsplit_once(": ").map_or(says.as_str(), |(says, _)| says);
    format!("{says}: {}", advice(fault).unwrap_or(missing))
}

/// What to do; `None` where an authority is missing.
const fn advice(fault: TrustFault) -> Option<&'static str> {
    Some(match fault {
        TrustFault::NoAnchors | TrustFault::NoIssuerFound => return None,
        TrustFault::NoSignerCertificate => "import its signer's certificate first",
        TrustFault::DigestMismatch
        | TrustFault::SignatureInvalid
        | TrustFault::IssuerSignatureInvalid
        | TrustFault::CrlSignatureInvalid => {
            "it was altered or forged; don't use it, and obtain it again from its publisher"
        }
        TrustFault::Revoked | TrustFault::IssuerRevoked => {
            "don't use it, and obtain one that is signed with a certificate that is not revoked"
        }
        TrustFault::WrongKeyUsage
        | TrustFault::CountryMismatch
        | TrustFault::CertificateMalformed
        | TrustFault::UnknownCriticalExtension => "don't use it, and ask its publisher for a sound one",
        TrustFault::UnsupportedAlgorithm | TrustFault::UnknownCurve => {
            "this version can't check it; obtain one that is signed with another kind of key"
        }
        TrustFault::WeakHash => "obtain one that is signed with a stronger hash",
        TrustFault::CertificateExpired | TrustFault::IssuerExpired => {
            "it was signed after that; obtain one that is signed with a valid certificate"
        }
        TrustFault::CertificateNotYetValid | TrustFault::IssuerNotYetValid => {
            "it was signed before that certificate's time, so don't use it, and ask its publisher for a sound one"
        }
        TrustFault::Unreadable
        | TrustFault::ContentUnreadable
        | TrustFault::WrongContentType
        | TrustFault::NotSigned
        | TrustFault::SignedAttributesMissing
        | TrustFault::ContentTypeMismatch => "obtain the file again from its publisher",
        _ => "obtain a newer one from its publisher",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_where_an_authority_is_missing_another_one_is_asked_for() {
        for fault in TrustFault::ALL {
            let says = of_file(fault, "name its fingerprint");
            let is_missing = matches!(fault, TrustFault::NoAnchors | TrustFault::NoIssuerFound);
            assert_eq!(says.contains("fingerprint"), is_missing, "{says}");
            assert!(
                !says.contains("document:") && !says.contains("refuse the document"),
                "{says}"
            );
            assert!(
                !says.contains("the clock"),
                "it is the time of signing that counts: {says}"
            );
        }
    }
}
