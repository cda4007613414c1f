//! Why an authority's certificate can't be used, in words for people. What decides is `chipgate-trust`; x509-parser shows what it
//! refused.

use chipgate_apdu::Timestamp;
use chipgate_trust::{Certificate, RevocationList, TrustFault};
use x509_parser::asn1_rs::Any;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

use crate::store::Store;

/// Curves that certificates were seen on, or that are known by other names, and that are not carried here.
const CURVES: [(&str, &str); 14] = [
    ("1.2.840.10045.3.1.1", "P-192"),
    ("1.3.132.0.8", "secp160r1"),
    ("1.3.132.0.10", "secp256k1"),
    ("1.3.132.0.31", "secp192k1"),
    ("1.3.132.0.32", "secp224k1"),
    ("1.3.36.3.3.2.8.1.1.1", "brainpoolP160r1"),
    ("1.3.36.3.3.2.8.1.1.2", "brainpoolP160t1"),
    ("1.3.36.3.3.2.8.1.1.4", "brainpoolP192t1"),
    ("1.3.36.3.3.2.8.1.1.6", "brainpoolP224t1"),
    ("1.3.36.3.3.2.8.1.1.8", "brainpoolP256t1"),
    ("1.3.36.3.3.2.8.1.1.10", "brainpoolP320t1"),
    ("1.3.36.3.3.2.8.1.1.12", "brainpoolP384t1"),
    ("1.3.36.3.3.2.8.1.1.14", "brainpoolP512t1"),
    ("1.2.156.10197.1.301", "SM2"),
];

/// Why no path that ends at this authority can hold; `None` if nothing in the certificate itself is against it.
pub(crate) fn why_unusable(certificate: &Certificate) -> Option<String> {
    let fault = certificate.check_as_anchor().err()?;
    Some(match fault {
        TrustFault::UnknownCriticalExtension => format!(
            "its critical extension {} is not known here",
            certificate.unknown_critical_extensions().join(", ")
        ),
        TrustFault::CountryMismatch => "its name has no country".to_owned(),
        TrustFault::CertificateExpired => "it ends before it begins to be valid".to_owned(),
        TrustFault::CertificateMalformed => {
            "its key is none of its kind, or an extension is malformed".to_owned()
        }
        _ => key_in_words(certificate),
    })
}

/// What is known of a key that is not carried.
fn key_in_words(certificate: &Certificate) -> String {
    let other = || "its key is of a kind that is not carried here".to_owned();
    let Ok((_, shown)) = X509Certificate::from_der(certificate.der()) else {
        return other();
    };
    let key = &shown.tbs_certificate.subject_pki;
    if let Ok(PublicKey::RSA(rsa)) = key.parsed() {
        return format!(
            "its RSA key has {} bits, a length that is not carried here",
            rsa.key_size()
        );
    }
    let algorithm = key.algorithm.algorithm.to_id_string();
    if algorithm != "1.2.840.10045.2.1" {
        return format!("its key is of the kind {algorithm}, which is not carried here");
    }
    let parameters = key.algorithm.parameters.as_ref();
    match parameters.map(Any::as_oid) {
        Some(Ok(curve)) => {
            let curve = curve.to_id_string();
            let name = CURVES.iter().find(|(known, _)| *known == curve);
            let name = name.map_or(String::new(), |(_, name)| format!(" ({name})"));
            format!("its key is on the curve {curve}{name}, which is not carried here")
        }
        _ => "its key has explicit parameters that are no known curve's".to_owned(),
    }
}

impl Store {
    /// Why this authority's certificate proves nothing, whatever it signed: what it is itself, or that it is revoked.
    pub(crate) fn why_unusable(&self, certificate: &Certificate, lists: &[RevocationList]) -> Option<String> {
        why_unusable(certificate).or_else(|| {
            self.revoked_at(certificate, lists)
                .map(|_| "it is revoked".to_owned())
        })
    }

    /// When the revocation list was issued that names this certificate.
    fn revoked_at(&self, certificate: &Certificate, lists: &[RevocationList]) -> Option<Timestamp> {
        let names = |list: &&RevocationList| {
            list.issuer() == certificate.issuer()
                && list.lists(certificate.serial_number())
                && self.signed_by_an_anchor(list).is_ok()
        };
        lists.iter().find(names).map(RevocationList::this_update)
    }
}
