//! Which certificates lead from a key that a chip knows to the terminal's (Doc 9303-11, 7.1.4.3; TR-03110-3, A.7.1).

use alloc::{vec, vec::Vec};

use chipgate_lds::{CertificateRole, CvCertificate, PublicKeyReference};

/// The longest chain: link certificates, a document verifier's, the terminal's.
const LONGEST_CHAIN: usize = 8;

/// The CV certificates of a terminal, in any order: its own, the document verifier's and link certificates of its CVCA, for
/// as many countries as there are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalCertificates {
    certificates: Vec<CvCertificate>,
}

impl TerminalCertificates {
    /// From certificates in any order. Self-signed ones are of no use to a chip, and are left out.
    pub fn new(certificates: impl IntoIterator<Item = CvCertificate>) -> Self {
        Self {
            certificates: certificates
                .into_iter()
                .filter(|certificate| !certificate.is_self_signed())
                .collect(),
        }
    }

    /// Whether there is a certificate of a terminal.
    #[must_use]
    pub fn has_terminal(&self) -> bool {
        self.certificates.iter().any(is_terminal)
    }

    /// The shortest chain that begins under this key and ends with a terminal's certificate.
    #[must_use]
    pub fn chain_from(&self, authority: &PublicKeyReference) -> Option<Vec<&CvCertificate>> {
        // Breadth first: each round makes the chains one certificate longer, and a key is reached only once.
        let mut reached = vec![authority];
        let mut chains: Vec<Vec<&CvCertificate>> = vec![Vec::new()];
        for _ in 0..LONGEST_CHAIN {
            let mut longer = Vec::new();
            for chain in &chains {
                let last = chain.last().map_or(authority, |last| &last.body().holder);
                let next = self
                    .certificates
                    .iter()
                    .filter(|next| next.body().authority == *last);
                for certificate in next {
                    let chain = [&chain[..], &[certificate]].concat();
                    if is_terminal(certificate) {
                        return Some(chain);
                    }
                    if !reached.contains(&&certificate.body().holder) {
                        reached.push(&certificate.body().holder);
                        longer.push(chain);
                    }
                }
            }
            chains = longer;
        }
        None
    }
}

fn is_terminal(certificate: &CvCertificate) -> bool {
    certificate.body().authorization.role() == CertificateRole::Terminal
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use alloc::string::{String, ToString};
    use chipgate_lds::{
        CvCertificateBody, CvPublicKey, CvPublicKeyValue, DataGroup, Date, HolderAuthorization, oid,
    };

    pub(crate) fn reference(mnemonic: &str, number: &str) -> PublicKeyReference {
        PublicKeyReference::new("UT", mnemonic, number).unwrap()
    }

    /// A certificate that nobody signed.
    pub(crate) fn certificate(
        authority: &PublicKeyReference,
        holder: &PublicKeyReference,
        role: CertificateRole,
    ) -> CvCertificate {
        let body = CvCertificateBody {
            authority: authority.clone(),
            public_key: CvPublicKey {
                algorithm: oid::id_TA_ECDSA_SHA_256,
                value: CvPublicKeyValue::Ec {
                    parameters: None,
                    point: [4; 65].into(),
                },
            },
            holder: holder.clone(),
            authorization: HolderAuthorization::inspection_system(role, &[DataGroup::DG3]),
            effective_date: Date::new(2026, 1, 2).unwrap(),
            expiration_date: Date::new(2027, 1, 2).unwrap(),
            extensions: Vec::new(),
        };
        CvCertificate::new(body, [7; 64].into())
    }

    #[test]
    fn finds_the_shortest_chain_in_any_order() {
        let (old, new) = (reference("CVCA", "00001"), reference("CVCA", "00002"));
        let (verifier, terminal) = (reference("DV", "00001"), reference("GATE", "00001"));
        let foreign = CertificateRole::ForeignDocumentVerifier;
        let mut certificates = vec![
            certificate(&verifier, &terminal, CertificateRole::Terminal),
            certificate(&old, &new, CertificateRole::Cvca),
            certificate(&new, &verifier, foreign),
            certificate(&new, &new, CertificateRole::Cvca),
            certificate(&old, &reference("DV", "00009"), foreign),
        ];
        for _ in 0..certificates.len() {
            certificates.rotate_left(1);
            let pool = TerminalCertificates::new(certificates.clone());
            assert!(pool.has_terminal());
            let holders = |authority| {
                pool.chain_from(authority).map(|chain| {
                    let holders = chain
                        .iter()
                        .map(|certificate| certificate.body().holder.to_string());
                    holders.collect::<Vec<String>>()
                })
            };
            let direct = ["UTDV00001", "UTGATE00001"].map(String::from).to_vec();
            assert_eq!(holders(&new), Some(direct.clone()));
            assert_eq!(
                holders(&old),
                Some([&["UTCVCA00002".into()], &direct[..]].concat())
            );
            assert_eq!(holders(&terminal), None);
            assert_eq!(holders(&reference("CVCA", "00003")), None);
        }
    }

    #[test]
    fn certificates_in_a_circle_lead_nowhere() {
        let (one, other) = (reference("CVCA", "00001"), reference("CVCA", "00002"));
        let pool = TerminalCertificates::new([
            certificate(&one, &other, CertificateRole::Cvca),
            certificate(&other, &one, CertificateRole::Cvca),
        ]);
        assert_eq!(pool.chain_from(&one), None);
        assert!(!pool.has_terminal());
    }
}
