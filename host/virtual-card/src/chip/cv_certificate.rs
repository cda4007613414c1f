//! CV certificates as a chip checks them (TR-03110-3, 2.5 and C.1).

use chipgate_apdu::tlv::{Reader, Tag};
use chipgate_crypto::{
    Curve, HashAlgorithm, ObjectIdentifier, PublicKey, PublicPoint, RsaPublicKey, SignatureAlgorithm,
};

/// id-IS, under which an inspection system's rights stand (TR-03110-4, 2.2.3.1).
const INSPECTION_SYSTEM: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.3.1.2.1");
const CERTIFICATE: Tag = Tag(0x7F21);
const BODY: Tag = Tag(0x7F4E);
const SIGNATURE: Tag = Tag(0x5F37);

/// What a certificate's holder is, by the two highest bits of its authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Authority,
    DomesticVerifier,
    ForeignVerifier,
    Terminal,
}

/// A public key that the chip has taken over, with what its certificate says of it (A.7.2.3).
#[derive(Clone)]
pub(crate) struct TrustPoint {
    /// The holder's reference, by which commands name the key.
    pub(crate) reference: Vec<u8>,
    pub(crate) role: Role,
    /// The rights that are left of the chain's: bit 0 fingers, bit 1 irises.
    pub(crate) rights: u8,
    /// Whether the verifier above a terminal is a domestic one, so that the terminal's date is believed.
    pub(crate) domestic: bool,
    pub(crate) effective: [u8; 6],
    expiration: [u8; 6],
    key: VerificationKey,
}

/// A public key with its algorithm.
#[derive(Clone)]
struct VerificationKey {
    key: PublicKey,
    algorithm: SignatureAlgorithm,
}

/// A certificate that was not checked yet.
pub(crate) struct CvCertificate<'a> {
    body: &'a [u8],
    signature: &'a [u8],
    authority_reference: &'a [u8],
    holder_reference: &'a [u8],
    public_key: &'a [u8],
    authorisation: u8,
    effective: [u8; 6],
    expiration: [u8; 6],
}

/// Why a chip does not take a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Its key is none that the chip can use.
    Key,
    /// The selected key is not the one that it names as its authority's.
    Authority,
    /// The signature does not verify.
    Signature,
    /// It ended before the chip's date, or the authority's key did.
    Expired,
    /// Its holder may not be certified by that authority.
    Role,
}

impl<'a> CvCertificate<'a> {
    /// The content of a certificate as PSO: Verify Certificate brings it: body and signature. `None` if it is none.
    pub(crate) fn parse(content: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(content);
        let body = reader.expect(BODY).ok()?;
        let signature = reader.expect(SIGNATURE).ok()?.value;
        if reader.next().ok()?.is_some() {
            return None;
        }
        let mut fields = Reader::new(body.value);
        let mut next = |tag| fields.expect(Tag(tag)).ok().map(|element| element.value);
        if next(0x5F29)? != [0] {
            return None; // only version 1 of the profile is known
        }
        Some(Self {
            body: body.raw,
            signature,
            authority_reference: next(0x42)?,
            public_key: next(0x7F49)?,
            holder_reference: next(0x5F20)?,
            authorisation: authorisation(next(0x7F4C)?)?,
            effective: next(0x5F25)?.try_into().ok()?,
            expiration: next(0x5F24)?.try_into().ok()?,
        })
    }

    const fn role(&self) -> Role {
        match self.authorisation >> 6 {
            0b11 => Role::Authority,
            0b10 => Role::DomesticVerifier,
            0b01 => Role::ForeignVerifier,
            _ => Role::Terminal,
        }
    }

    /// Checks the certificate under the selected key at the chip's date, and takes its key over (2.5.1, 2.5.2).
    pub(crate) fn validate(&self, issuer: &TrustPoint, today: [u8; 6]) -> Result<TrustPoint, Refusal> {
        if self.authority_reference != issuer.reference {
            return Err(Refusal::Authority);
        }
        if !issuer.key.verifies(self.body, self.signature) {
            return Err(Refusal::Signature);
        }
        if self.is_expired(issuer, today) {
            return Err(Refusal::Expired);
        }
        let verifier = |role| matches!(role, Role::DomesticVerifier | Role::ForeignVerifier);
        let fits = match self.role() {
            Role::Terminal => verifier(issuer.role),
            Role::Authority | Role::DomesticVerifier | Role::ForeignVerifier => {
                issuer.role == Role::Authority
            }
        };
        if !fits {
            return Err(Refusal::Role);
        }
        self.take_over(Some(issuer)).ok_or(Refusal::Key)
    }

    /// Link certificates never are, so that a chip that lay in a drawer can catch up; authorities whose key has ended certify no
    /// verifiers any more, only their successors (2.5, 2.5.1).
    fn is_expired(&self, issuer: &TrustPoint, today: [u8; 6]) -> bool {
        match self.role() {
            Role::Authority => false,
            Role::DomesticVerifier | Role::ForeignVerifier => {
                self.expiration < today || issuer.expiration < today
            }
            Role::Terminal => self.expiration < today,
        }
    }

    fn take_over(&self, issuer: Option<&TrustPoint>) -> Option<TrustPoint> {
        let role = self.role();
        Some(TrustPoint {
            reference: self.holder_reference.to_vec(),
            role,
            // An authority's own rights are not its predecessor's to cut.
            rights: match issuer {
                Some(issuer) if role != Role::Authority => issuer.rights & self.authorisation & 0x3F,
                _ => self.authorisation & 0x3F,
            },
            domestic: match role {
                Role::Terminal => issuer.is_some_and(|issuer| issuer.role == Role::DomesticVerifier),
                _ => true,
            },
            effective: self.effective,
            expiration: self.expiration,
            key: VerificationKey::parse(self.public_key, issuer.map(|issuer| &issuer.key))?,
        })
    }
}

impl TrustPoint {
    /// An authority's certificate, which the chip is given when it is made. Its signature is not checked: a trust point
    /// is trusted for being one.
    pub(crate) fn from_certificate(certificate: &[u8]) -> Option<Self> {
        let content = chipgate_apdu::tlv::single(certificate, CERTIFICATE).ok()?;
        let certificate = CvCertificate::parse(content)?;
        (certificate.role() == Role::Authority)
            .then(|| certificate.take_over(None))
            .flatten()
    }

    /// The date that the chip may take over from the certificate: none from terminals of foreign verifiers (2.5, "accurate
    /// terminal certificate").
    pub(crate) fn believable_date(&self) -> Option<[u8; 6]> {
        self.domestic.then_some(self.effective)
    }

    /// Whether the key has ended at that date.
    pub(crate) fn has_expired(&self, today: [u8; 6]) -> bool {
        self.expiration < today
    }

    /// Whether that is the key's signature over the data.
    pub(crate) fn verifies(&self, data: &[u8], signature: &[u8]) -> bool {
        self.key.verifies(data, signature)
    }
}

impl VerificationKey {
    /// A public key data object (D.3); an elliptic curve key without its curve has its authority's.
    fn parse(content: &[u8], inherited: Option<&Self>) -> Option<Self> {
        let mut reader = Reader::new(content);
        let protocol = reader.expect(Tag(0x06)).ok()?.value;
        let algorithm = algorithm(protocol)?;
        let mut numbers = Vec::new();
        while let Some(element) = reader.next().ok()? {
            numbers.push((element.tag.0, element.value));
        }
        let number = |tag: u32| {
            numbers
                .iter()
                .find(|(given, _)| *given == tag)
                .map(|(_, value)| *value)
        };
        let key = if let SignatureAlgorithm::Ecdsa(_) = algorithm {
            let curve = match number(0x81) {
                Some(_) => curve(&number)?,
                None => inherited?.curve()?,
            };
            PublicKey::Ec(PublicPoint::from_uncompressed(curve, number(0x86)?).ok()?)
        } else {
            PublicKey::Rsa(RsaPublicKey::new(number(0x81)?, number(0x82)?).ok()?)
        };
        Some(Self { key, algorithm })
    }

    fn curve(&self) -> Option<Curve> {
        match &self.key {
            PublicKey::Ec(point) => Some(point.curve()),
            PublicKey::Rsa(_) => None,
        }
    }

    /// ECDSA signatures have the plain format here (A.7.4.1).
    fn verifies(&self, data: &[u8], signature: &[u8]) -> bool {
        let result = match self.algorithm {
            SignatureAlgorithm::Ecdsa(hash) => self.key.verify_plain(hash, data, signature),
            algorithm => self.key.verify(&algorithm, data, signature),
        };
        result.is_ok()
    }
}

/// The algorithm of id-TA-… (A.7.3, A.7.4).
fn algorithm(protocol: &[u8]) -> Option<SignatureAlgorithm> {
    use HashAlgorithm::{Sha1, Sha224, Sha256, Sha384, Sha512};
    let oid = ObjectIdentifier::from_bytes(protocol).ok()?.to_string();
    Some(match oid.strip_prefix("0.4.0.127.0.7.2.2.2.")? {
        "1.1" => SignatureAlgorithm::RsaPkcs1v15(Sha1),
        "1.2" => SignatureAlgorithm::RsaPkcs1v15(Sha256),
        "1.5" => SignatureAlgorithm::RsaPkcs1v15(Sha512),
        "1.3" => SignatureAlgorithm::pss(Sha1),
        "1.4" => SignatureAlgorithm::pss(Sha256),
        "1.6" => SignatureAlgorithm::pss(Sha512),
        "2.1" => SignatureAlgorithm::Ecdsa(Sha1),
        "2.2" => SignatureAlgorithm::Ecdsa(Sha224),
        "2.3" => SignatureAlgorithm::Ecdsa(Sha256),
        "2.4" => SignatureAlgorithm::Ecdsa(Sha384),
        "2.5" => SignatureAlgorithm::Ecdsa(Sha512),
        _ => return None,
    })
}

/// The known curve with these parameters: p, a, b, G and r (D.3.3).
fn curve<'a>(number: &impl Fn(u32) -> Option<&'a [u8]>) -> Option<Curve> {
    let given = [
        number(0x81)?,
        number(0x82)?,
        number(0x83)?,
        number(0x84)?,
        number(0x85)?,
    ];
    let bare = |bytes: &[u8]| -> Vec<u8> { bytes.iter().copied().skip_while(|byte| *byte == 0).collect() };
    let matches = |curve: &Curve| {
        crate::agreement::curve_parameters(*curve)
            .is_some_and(|own| own.iter().zip(given).all(|(own, given)| bare(own) == bare(given)))
    };
    Curve::ALL.into_iter().find(matches)
}

/// Role and rights: the byte of a template for inspection systems.
fn authorisation(template: &[u8]) -> Option<u8> {
    let mut reader = Reader::new(template);
    let kind = reader.expect(Tag(0x06)).ok()?.value;
    match reader.expect(Tag(0x53)).ok()?.value {
        [byte] if kind == INSPECTION_SYSTEM.as_bytes() => Some(*byte),
        _ => None,
    }
}
