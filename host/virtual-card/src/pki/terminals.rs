//! The PKI of terminal authentication: an authority in two generations, a verifier, a terminal (TR-03110-3, 2.1 and C.1).

use chipgate_apdu::tlv::{self, Tag};
use chipgate_crypto::{Curve, ObjectIdentifier, PublicKey, SigningKey};
use rand_core::CryptoRng;

use crate::{CardError, agreement::curve_parameters, calendar::Moment};

/// id-TA-ECDSA-SHA-256.
const ECDSA_SHA_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.2.2.3");
/// id-IS (TR-03110-4, 2.2.3.1).
const INSPECTION_SYSTEM: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.3.1.2.1");
const HASH: chipgate_crypto::HashAlgorithm = chipgate_crypto::HashAlgorithm::Sha256;
/// How long certificates of authorities and of all others hold.
const AUTHORITY_YEARS: i32 = 3;
const HOLDER_DAYS: i32 = 365;

/// Role and rights of an authority, a domestic verifier and an inspection system that may read fingers and irises.
const AUTHORITY: u8 = 0xC3;
const VERIFIER: u8 = 0x83;
const TERMINAL: u8 = 0x03;

/// A key with its CV certificate.
#[derive(Clone)]
pub(crate) struct CvIdentity {
    /// The certificate's holder reference, which names the key.
    pub(crate) reference: String,
    pub(crate) key: SigningKey,
    pub(crate) certificate: Vec<u8>,
}

/// Everyone that terminal authentication needs. Chips trust the first authority; the verifier is the next one's, so that
/// a terminal has to show the link between them.
#[derive(Clone)]
pub(crate) struct TerminalPki {
    pub(crate) authority: CvIdentity,
    /// Its certificate is the link: signed by the first authority.
    pub(crate) next_authority: CvIdentity,
    pub(crate) verifier: CvIdentity,
    pub(crate) terminal: CvIdentity,
}

/// What a certificate says.
struct Holder<'a> {
    reference: &'a str,
    authorisation: u8,
    valid: (Moment, Moment),
}

impl TerminalPki {
    pub(crate) fn generate(now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Self, CardError> {
        let (long_ago, lately) = (now.plus_days(-400), now.plus_days(-30));
        let authority = |reference, from: Moment| Holder {
            reference,
            authorisation: AUTHORITY,
            valid: (from, from.plus_years(AUTHORITY_YEARS)),
        };
        let below = |reference, authorisation| Holder {
            reference,
            authorisation,
            valid: (lately, lately.plus_days(HOLDER_DAYS)),
        };
        let first = CvIdentity::issue(&authority("UTCVCATEST00001", long_ago), None, rng)?;
        let next = CvIdentity::issue(&authority("UTCVCATEST00002", lately), Some(&first), rng)?;
        let verifier = CvIdentity::issue(&below("UTDVTEST00001", VERIFIER), Some(&next), rng)?;
        let terminal = CvIdentity::issue(&below("UTISTEST00001", TERMINAL), Some(&verifier), rng)?;
        Ok(Self {
            authority: first,
            next_authority: next,
            verifier,
            terminal,
        })
    }
}

impl CvIdentity {
    /// One that was kept: its reference stands in its certificate. `None` if that is none.
    pub(super) fn from_parts(key: SigningKey, certificate: Vec<u8>) -> Option<Self> {
        let content = tlv::single(&certificate, Tag(0x7F21)).ok()?;
        let body = tlv::find(content, Tag(0x7F4E)).ok()??;
        let reference = tlv::find(body, Tag(0x5F20)).ok()??.to_vec();
        Some(Self {
            reference: String::from_utf8(reference).ok()?,
            key,
            certificate,
        })
    }

    /// A fresh key, certified by `issuer`, or by itself.
    fn issue(
        holder: &Holder<'_>,
        issuer: Option<&Self>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<Self, CardError> {
        let key = SigningKey::generate_ec(Curve::BrainpoolP256r1, rng)?;
        let (name, signing_key) = match issuer {
            Some(issuer) => (issuer.reference.as_str(), &issuer.key),
            None => (holder.reference, &key),
        };
        let body = body(holder, name, &key.public_key())?;
        let signature = signing_key.sign_plain(HASH, &body)?;
        let signature = tlv::encode(Tag(0x5F37), &signature);
        Ok(Self {
            reference: holder.reference.to_owned(),
            certificate: tlv::encode(Tag(0x7F21), &[body, signature].concat()),
            key,
        })
    }
}

/// The certificate body (C.1).
fn body(holder: &Holder<'_>, issuer: &str, key: &PublicKey) -> Result<Vec<u8>, CardError> {
    let (effective, expiration) = holder.valid;
    let authorisation = [
        tlv::encode(Tag(0x06), INSPECTION_SYSTEM.as_bytes()),
        tlv::encode(Tag(0x53), &[holder.authorisation]),
    ];
    let fields = [
        tlv::encode(Tag(0x5F29), &[0]),
        tlv::encode(Tag(0x42), issuer.as_bytes()),
        public_key(key, holder.authorisation == AUTHORITY)?,
        tlv::encode(Tag(0x5F20), holder.reference.as_bytes()),
        tlv::encode(Tag(0x7F4C), &authorisation.concat()),
        tlv::encode(Tag(0x5F25), &date(effective)),
        tlv::encode(Tag(0x5F24), &date(expiration)),
    ];
    Ok(tlv::encode(Tag(0x7F4E), &fields.concat()))
}

/// A public key data object (D.3.3); only authorities' certificates carry the curve.
fn public_key(key: &PublicKey, with_curve: bool) -> Result<Vec<u8>, CardError> {
    let PublicKey::Ec(point) = key else {
        return Err(chipgate_crypto::CryptoError::AlgorithmMismatch.into());
    };
    let mut fields = tlv::encode(Tag(0x06), ECDSA_SHA_256.as_bytes());
    let parameters = curve_parameters(point.curve()).filter(|_| with_curve);
    for (tag, number) in (0x81..).zip(parameters.iter().flatten()) {
        fields.extend(tlv::encode(Tag(tag), without_sign(number)));
    }
    fields.extend(tlv::encode(Tag(0x86), &point.to_uncompressed()));
    if with_curve {
        fields.extend(tlv::encode(Tag(0x87), &[1])); // the cofactor
    }
    Ok(tlv::encode(Tag(0x7F49), &fields))
}

/// An unsigned integer of the standard has no leading zero (D.2.1.1).
fn without_sign(number: &[u8]) -> &[u8] {
    number.strip_prefix(&[0]).unwrap_or(number)
}

/// Six bytes of one digit each: YYMMDD (D.2.1.3).
fn date(moment: Moment) -> Vec<u8> {
    moment.mrz().bytes().map(|digit| digit - b'0').collect()
}
