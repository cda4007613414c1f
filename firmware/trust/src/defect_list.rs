//! Lists of known defects: TR-03129-2, 7 (defect lists) and Doc 9303-12, 7.3 (deviation lists). A defect belongs to the
//! documents of one signer.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use chipgate_apdu::Timestamp;
use chipgate_crypto::HashAlgorithm;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag, Tagged};

use crate::anchors::TrustAnchors;
use crate::authentication::Authentication;
use crate::certificate::Certificate;
use crate::elements::{CONTEXT_0, CONTEXT_1, CONTEXT_2_PRIMITIVE, CONTEXT_3_PRIMITIVE, element, elements};
use crate::fault::{TrustError, TrustFault};
use crate::path::{PathOptions, Purpose};
use crate::signed_data::SignedData;
use crate::signed_object::{Asked, authenticate};
use crate::signer_info::SignerIdentifier;
use crate::{ber, oid};

/// What is known to be wrong with the documents of a signer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownDefect {
    /// The signer's certificate is revoked; the status code of TR-03129-2, 7.3.1.1.
    CertificateRevoked(u8),
    /// The signer's certificate is malformed, and another one takes its place.
    CertificateReplaced,
    /// The keys of chip authentication may be known to others.
    ChipAuthenticationKeyRevoked,
    /// The keys of active authentication may be known to others.
    ActiveAuthenticationKeyRevoked,
    /// Protocols fail on genuine chips; the status code of TR-03129-2, 7.3.1.5.
    AuthenticationProtocolFailure(u8),
    /// The validity of the authority's (0), the signer's (1) or both certificates (2) is wrong.
    ValidityPeriodIncorrect(u8),
    /// These data groups are wrongly encoded.
    DataGroupsMalformed(Vec<u8>),
    /// The hashes of these data groups are wrong.
    DataGroupHashesWrong(Vec<u8>),
    /// The security object is wrong; the status code of TR-03129-2, 7.3.2.2.
    SecurityObjectInvalid(u8),
    /// EF.COM and the security object list different data groups.
    ComSodDiscrepancy,
    /// The security object names its signer wrongly.
    WrongSignerIdentifier,
    /// The signer's certificate names the wrong country; this one is right.
    IssuingCountry(String),
    /// EF.CardSecurity or EF.ChipSecurity is wrong.
    CardSecurityMalformed,
    /// The chip has to be switched off between authentications.
    PowerDownRequired,
    /// The signer's certificate is malformed.
    CertificateMalformed,
    /// Another defect, by its object identifier.
    Other(ObjectIdentifier),
}

impl KnownDefect {
    /// The defect's stable name, as outcomes and JSON carry it.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CertificateRevoked(_) => "certificate-revoked",
            Self::CertificateReplaced => "certificate-replaced",
            Self::ChipAuthenticationKeyRevoked => "chip-authentication-key-revoked",
            Self::ActiveAuthenticationKeyRevoked => "active-authentication-key-revoked",
            Self::AuthenticationProtocolFailure(_) => "authentication-protocol-failure",
            Self::ValidityPeriodIncorrect(_) => "validity-period-incorrect",
            Self::DataGroupsMalformed(_) => "data-groups-malformed",
            Self::DataGroupHashesWrong(_) => "data-group-hashes-wrong",
            Self::SecurityObjectInvalid(_) => "security-object-invalid",
            Self::ComSodDiscrepancy => "com-sod-discrepancy",
            Self::WrongSignerIdentifier => "wrong-signer-identifier",
            Self::IssuingCountry(_) => "issuing-country",
            Self::CardSecurityMalformed => "card-security-malformed",
            Self::PowerDownRequired => "power-down-required",
            Self::CertificateMalformed => "certificate-malformed",
            Self::Other(_) => "other",
        }
    }
}

impl fmt::Display for KnownDefect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::CertificateRevoked(code)
            | Self::AuthenticationProtocolFailure(code)
            | Self::ValidityPeriodIncorrect(code)
            | Self::SecurityObjectInvalid(code) => write!(f, " ({code})"),
            Self::DataGroupsMalformed(groups) | Self::DataGroupHashesWrong(groups) => {
                groups.iter().try_for_each(|group| write!(f, " DG{group}"))
            }
            Self::IssuingCountry(country) => write!(f, " ({country})"),
            Self::Other(oid) => write!(f, " ({oid})"),
            _ => Ok(()),
        }
    }
}

/// Whose documents a defect is in. What is not given is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Concerned {
    signer: Option<SignerIdentifier>,
    digest: Option<Vec<u8>>,
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    concerned: Concerned,
    /// What is known to be wrong.
    pub known: Vec<KnownDefect>,
    /// How many more known defects it names that cannot be read.
    unreadable: usize,
}

/// The content of a defect list or a deviation list.
///
/// ```text
/// DefectList ::= SEQUENCE { version INTEGER {v1(0), v2(1)}, hashAlg OBJECT IDENTIFIER, defects SET OF Defect }
/// Defect ::= SEQUENCE { signerIdentifier SignerIdentifier OPTIONAL, certificateHash OCTET STRING OPTIONAL,
///     knownDefects SET OF VersionedKnownDefect, description UTF8String OPTIONAL }
/// DeviationList ::= SEQUENCE { version INTEGER {v0(0)}, digestAlgorithm AlgorithmIdentifier OPTIONAL,
///     deviations SET OF SEQUENCE { documents DeviationDocuments, descriptions SET OF DeviationDescription } }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefectList {
    hash: HashAlgorithm,
    /// Its entries.
    pub defects: Vec<Defect>,
    /// How many entries were passed over: those that name no signer but a type, a period or numbers of documents, and those
    /// that cannot be read.
    pub passed_over: usize,
    /// How many entries, and known defects of entries that count, cannot be read.
    pub unreadable: usize,
}

/// What the check of a defect or deviation list came to, step by step.
pub type DefectListAuthentication = Authentication<DefectList>;

impl DefectList {
    /// What is known to be wrong with the documents of this signer.
    pub fn of(&self, signer: &Certificate) -> Vec<KnownDefect> {
        let defects = self.defects.iter();
        let concerned = defects.filter(|defect| defect.concerned.is(signer, self.hash));
        concerned.flat_map(|defect| defect.known.clone()).collect()
    }

    /// Reads the content of a signed list; `is_deviation_list` tells the two kinds apart.
    fn from_content(content: &[u8], is_deviation_list: bool) -> der::Result<Self> {
        let mut reader = SliceReader::new(content)?;
        let list = reader.sequence(|fields| {
            u8::decode(fields)?;
            let hash = hash_algorithm(fields)?;
            let entries = elements(element(fields, Tag::Set)?)?;
            let entry = |der: &&[u8]| {
                if is_deviation_list {
                    deviation(der)
                } else {
                    defect(der)
                }
            };
            let read: Vec<_> = entries.iter().filter_map(|der| entry(der).ok()).collect();
            let all = entries.len();
            let of_entries: usize = read.iter().map(|defect| defect.unreadable).sum();
            let unreadable = all - read.len() + of_entries;
            let defects: Vec<_> = read
                .into_iter()
                .filter(|defect| defect.concerned.signer.is_some() || defect.concerned.digest.is_some())
                .collect();
            Ok::<_, der::Error>(Self {
                hash,
                passed_over: all - defects.len(),
                unreadable,
                defects,
            })
        })?;
        reader.finish()?;
        Ok(list)
    }
}

impl Defect {
    /// One known defect that cannot be read takes no other one with it: a revocation beside it counts.
    fn new(concerned: Concerned, known: &[&[u8]], read: fn(&[u8]) -> der::Result<KnownDefect>) -> Self {
        let all = known.len();
        let known: Vec<_> = known.iter().filter_map(|der| read(der).ok()).collect();
        Self {
            concerned,
            unreadable: all - known.len(),
            known,
        }
    }
}

impl Concerned {
    fn is(&self, signer: &Certificate, hash: HashAlgorithm) -> bool {
        self.signer.as_ref().is_none_or(|named| named.is(signer))
            && self
                .digest
                .as_ref()
                .is_none_or(|digest| *digest == hash.digest(signer.der()))
    }
}

/// An OBJECT IDENTIFIER, an AlgorithmIdentifier, or nothing: SHA-256 then.
fn hash_algorithm<'a>(fields: &mut SliceReader<'a>) -> der::Result<HashAlgorithm> {
    let unknown = || der::Error::from(Tag::ObjectIdentifier.value_error());
    let oid = match Tag::peek(fields)? {
        Tag::ObjectIdentifier => ObjectIdentifier::decode(fields)?,
        Tag::Sequence => fields.sequence(|algorithm: &mut SliceReader<'a>| {
            let oid = ObjectIdentifier::decode(algorithm)?;
            algorithm.drain(algorithm.remaining_len())?;
            Ok::<_, der::Error>(oid)
        })?,
        _ => return Ok(HashAlgorithm::Sha256),
    };
    HashAlgorithm::from_oid(&oid).ok_or_else(unknown)
}

/// TR-03129-2, 7.1.
fn defect(der: &[u8]) -> der::Result<Defect> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|fields| {
        let signer = if Tag::peek(fields)? == Tag::OctetString || Tag::peek(fields)? == Tag::Set {
            None
        } else {
            Some(SignerIdentifier::decode(fields)?)
        };
        let digest = match Tag::peek(fields)? {
            Tag::OctetString => Some(<&OctetStringRef>::decode(fields)?.as_bytes().to_vec()),
            _ => None,
        };
        let known = elements(element(fields, Tag::Set)?)?;
        fields.drain(fields.remaining_len())?;
        Ok(Defect::new(Concerned { signer, digest }, &known, known_defect))
    })
}

/// `KnownDefect`, or `[0] KnownDefectV2`, whose parameters stand under `[0]`.
fn known_defect(der: &[u8]) -> der::Result<KnownDefect> {
    let any = AnyRef::from_der(der)?;
    let mut fields = SliceReader::new(any.value())?;
    let kind = ObjectIdentifier::decode(&mut fields)?;
    let parameters = parameters(&mut fields, any.tag() != Tag::Sequence)?;
    Ok(of_defect_list(kind, parameters))
}

/// What follows the type: directly, or in `[0]`.
fn parameters<'a>(fields: &mut SliceReader<'a>, tagged: bool) -> der::Result<Option<AnyRef<'a>>> {
    if fields.is_finished() {
        return Ok(None);
    }
    match (tagged, Tag::peek(fields)?) {
        (false, _) => AnyRef::decode(fields).map(Some),
        (true, CONTEXT_0) => AnyRef::from_der(element(fields, CONTEXT_0)?).map(Some),
        (true, _) => Ok(None),
    }
}

/// TR-03129-2, 7.3.
fn of_defect_list(kind: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> KnownDefect {
    let code = parameters
        .and_then(|any| any.value().first().copied())
        .unwrap_or_default();
    let arcs: Vec<u32> = kind.arcs().skip(oid::ID_DEFECT_LIST.arcs().count()).collect();
    let is_of_list = oid::ID_DEFECT_LIST
        .arcs()
        .eq(kind.arcs().take(oid::ID_DEFECT_LIST.arcs().count()));
    match (is_of_list, arcs.as_slice()) {
        (true, [1, 1]) => KnownDefect::CertificateRevoked(code),
        (true, [1, 2]) => KnownDefect::CertificateReplaced,
        (true, [1, 3]) => KnownDefect::ChipAuthenticationKeyRevoked,
        (true, [1, 4]) => KnownDefect::ActiveAuthenticationKeyRevoked,
        (true, [1, 5]) => KnownDefect::AuthenticationProtocolFailure(code),
        (true, [1, 6]) => KnownDefect::ValidityPeriodIncorrect(code),
        (true, [2, 1]) => KnownDefect::DataGroupsMalformed(numbers(parameters)),
        (true, [2, 2]) => KnownDefect::SecurityObjectInvalid(code),
        (true, [2, 3]) => KnownDefect::ComSodDiscrepancy,
        (true, [2, 4]) => KnownDefect::WrongSignerIdentifier,
        (true, [2, 5]) => KnownDefect::IssuingCountry(text(parameters)),
        (true, [4, 1 | 2]) => KnownDefect::CardSecurityMalformed,
        (true, [4, 3]) => KnownDefect::PowerDownRequired,
        (true, [4, 4]) => KnownDefect::CertificateMalformed,
        _ => KnownDefect::Other(kind),
    }
}

/// A SET OF INTEGER, or one INTEGER.
fn numbers(parameters: Option<AnyRef<'_>>) -> Vec<u8> {
    match parameters {
        Some(any) if any.tag() == Tag::Set => elements(any.value())
            .unwrap_or_default()
            .iter()
            .filter_map(|der| u8::from_der(der).ok())
            .collect(),
        Some(any) => any.value().last().copied().into_iter().collect(),
        None => Vec::new(),
    }
}

fn text(parameters: Option<AnyRef<'_>>) -> String {
    let octets = parameters.map(AnyRef::value).unwrap_or_default();
    core::str::from_utf8(octets)
        .unwrap_or_default()
        .trim()
        .to_string()
}

/// Doc 9303-12, 7.3: `documents` with at most `[0]` type, one of `[1]` to `[3]` for the signer, `[4]` period, `[5]` numbers.
/// A period or numbers narrow the signer's documents down; which documents they are is then left to a person.
fn deviation(der: &[u8]) -> der::Result<Defect> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|fields| {
        let concerned = fields.sequence(documents)?;
        let descriptions = elements(element(fields, Tag::Set)?)?;
        Ok(Defect::new(concerned, &descriptions, description))
    })
}

fn documents(fields: &mut SliceReader<'_>) -> der::Result<Concerned> {
    let mut concerned = Concerned {
        signer: None,
        digest: None,
    };
    while !fields.is_finished() {
        match Tag::peek(fields)? {
            CONTEXT_1 => {
                let named = element(fields, CONTEXT_1)?;
                concerned.signer = Some(SignerIdentifier::from_fields(named)?);
            }
            CONTEXT_2_PRIMITIVE => {
                let identifier = element(fields, CONTEXT_2_PRIMITIVE)?.to_vec();
                concerned.signer = Some(SignerIdentifier::SubjectKeyIdentifier(identifier));
            }
            CONTEXT_3_PRIMITIVE => concerned.digest = Some(element(fields, CONTEXT_3_PRIMITIVE)?.to_vec()),
            _ => {
                fields.tlv_bytes()?;
            }
        }
    }
    Ok(concerned)
}

fn description(der: &[u8]) -> der::Result<KnownDefect> {
    let mut reader = SliceReader::new(der)?;
    reader.sequence(|fields| {
        if Tag::peek(fields)? != Tag::ObjectIdentifier {
            fields.tlv_bytes()?;
        }
        let kind = ObjectIdentifier::decode(fields)?;
        let parameters = parameters(fields, true)?;
        fields.drain(fields.remaining_len())?;
        Ok(of_deviation_list(kind, parameters))
    })
}

/// Doc 9303-12, 7.3.5.
fn of_deviation_list(kind: ObjectIdentifier, parameters: Option<AnyRef<'_>>) -> KnownDefect {
    let base = oid::ID_ICAO_DEVIATION_LIST;
    let arcs: Vec<u32> = kind.arcs().skip(base.arcs().count()).collect();
    let is_of_list = base.arcs().eq(kind.arcs().take(base.arcs().count()));
    match (is_of_list, arcs.as_slice()) {
        (true, [1, 1 | 2]) => KnownDefect::CertificateMalformed,
        (true, [1, 4]) => KnownDefect::ActiveAuthenticationKeyRevoked,
        (true, [2, 1]) => KnownDefect::DataGroupsMalformed(numbers(parameters)),
        (true, [2, 2]) => KnownDefect::DataGroupHashesWrong(numbers(parameters)),
        (true, [2, 3]) => KnownDefect::SecurityObjectInvalid(1),
        (true, [2, 4]) => KnownDefect::ComSodDiscrepancy,
        _ => KnownDefect::Other(kind),
    }
}

/// Checks a defect list or a deviation list: its signature, and that a path leads from an anchor to its signer's
/// certificate, which is for this purpose.
pub fn authenticate_defect_list(
    der: &[u8],
    anchors: &dyn TrustAnchors,
    now: Timestamp,
    options: &PathOptions,
) -> DefectListAuthentication {
    let Some(der) = ber::to_der(der) else {
        return Authentication::unsigned(TrustFault::Unreadable, None);
    };
    let cms = match SignedData::from_der(&der) {
        Ok(cms) => cms,
        Err(fault) => return Authentication::unsigned(fault, None),
    };
    let is_deviation_list = cms.content_type == oid::ID_ICAO_DEVIATION_LIST;
    let (content_type, purpose) = if is_deviation_list {
        (oid::ID_ICAO_DEVIATION_LIST, Purpose::DeviationLists)
    } else {
        (oid::ID_DEFECT_LIST, Purpose::DefectLists)
    };
    let asked = Asked {
        content_types: &[content_type],
        purpose,
        anchors,
        now,
        options,
    };
    let read = |content: &[u8]| {
        DefectList::from_content(content, is_deviation_list).map_err(|_| TrustFault::ContentUnreadable)
    };
    authenticate(&cms, &asked, read, |list, _, _| list)
}

/// A list whose signature nobody checked, and the certificates beside it: to be shown, and to tell it from other files.
pub fn read_unverified_defect_list(der: &[u8]) -> Result<(DefectList, Vec<Certificate>), TrustError> {
    let der = ber::to_der(der).ok_or(TrustError::NotADefectList)?;
    let cms = SignedData::from_der(&der).map_err(|_| TrustError::NotADefectList)?;
    let is_deviation_list = cms.content_type == oid::ID_ICAO_DEVIATION_LIST;
    if !is_deviation_list && cms.content_type != oid::ID_DEFECT_LIST {
        return Err(TrustError::NotADefectList);
    }
    let content = cms.content.ok_or(TrustError::NotADefectList)?;
    let list =
        DefectList::from_content(content, is_deviation_list).map_err(|_| TrustError::NotADefectList)?;
    Ok((list, cms.certificates))
}
