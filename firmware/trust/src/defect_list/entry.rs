//! One entry of a list: whose documents it is about, and what is known of them.

use alloc::vec::Vec;

use chipgate_crypto::HashAlgorithm;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag, Tagged};

use super::known_defect::{KnownDefect, of_defect_list, of_deviation_list};
use super::unreadable::{DefectFault, UnreadableDefect};
use crate::certificate::Certificate;
use crate::elements::{CONTEXT_0, CONTEXT_1, CONTEXT_2_PRIMITIVE, CONTEXT_3_PRIMITIVE, element, elements};
use crate::signer_info::SignerIdentifier;

/// Whose documents a defect is in. What is not given is not compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Concerned {
    signer: Option<SignerIdentifier>,
    digest: Option<Vec<u8>>,
}

impl Concerned {
    pub(super) const fn names_a_signer(&self) -> bool {
        self.signer.is_some() || self.digest.is_some()
    }

    fn is(&self, signer: &Certificate, hash: HashAlgorithm) -> bool {
        self.signer.as_ref().is_none_or(|named| named.is(signer))
            && self
                .digest
                .as_ref()
                .is_none_or(|digest| *digest == hash.digest(signer.der()))
    }
}

/// One entry of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    pub(super) concerned: Concerned,
    /// What is known to be wrong.
    pub known: Vec<KnownDefect>,
}

impl Defect {
    pub(super) fn is_of(&self, signer: &Certificate, hash: HashAlgorithm) -> bool {
        self.concerned.is(signer, hash)
    }

    /// Reads the entry at this place. One known defect that cannot be read takes no other one with it: a revocation beside it
    /// counts.
    pub(super) fn read(
        (place, der): (usize, &[u8]),
        is_deviation_list: bool,
        unreadable: &mut Vec<UnreadableDefect>,
    ) -> Option<Self> {
        let (fields, read) = if is_deviation_list {
            (deviation(der), description as ReadKnown)
        } else {
            (defect(der), known_defect as ReadKnown)
        };
        let (concerned, all) = match fields {
            Ok(fields) => fields,
            Err(why) => {
                let known = None;
                unreadable.push(UnreadableDefect { place, known, why });
                return None;
            }
        };
        let mut known = Vec::with_capacity(all.len());
        for (index, der) in (1..).zip(all) {
            match read(der) {
                Ok(defect) => known.push(defect),
                Err(_) => unreadable.push(UnreadableDefect {
                    place,
                    known: Some(index),
                    why: DefectFault::Type,
                }),
            }
        }
        Some(Self { concerned, known })
    }
}

/// How a known defect is read.
type ReadKnown = fn(&[u8]) -> der::Result<KnownDefect>;

/// Whose documents an entry is about, and the DER of each known defect.
type Fields<'a> = (Concerned, Vec<&'a [u8]>);

/// The fields of an entry's SEQUENCE.
fn fields_of(der: &[u8]) -> der::Result<SliceReader<'_>> {
    let any = AnyRef::from_der(der)?;
    any.tag().assert_eq(Tag::Sequence)?;
    SliceReader::new(any.value())
}

/// TR-03129-2, 7.1.
fn defect(der: &[u8]) -> Result<Fields<'_>, DefectFault> {
    let mut fields = fields_of(der).map_err(|_| DefectFault::Structure)?;
    let concerned = concerned(&mut fields).map_err(|_| DefectFault::Concerned)?;
    let known = set(&mut fields).map_err(|_| DefectFault::Known)?;
    // A description follows, for people.
    fields
        .drain(fields.remaining_len())
        .map_err(|_| DefectFault::Structure)?;
    Ok((concerned, known))
}

fn concerned(fields: &mut SliceReader<'_>) -> der::Result<Concerned> {
    let signer = match Tag::peek(fields)? {
        Tag::OctetString | Tag::Set => None,
        _ => Some(SignerIdentifier::decode(fields)?),
    };
    let digest = match Tag::peek(fields)? {
        Tag::OctetString => Some(<&OctetStringRef>::decode(fields)?.as_bytes().to_vec()),
        _ => None,
    };
    Ok(Concerned { signer, digest })
}

fn set<'a>(fields: &mut SliceReader<'a>) -> der::Result<Vec<&'a [u8]>> {
    elements(element(fields, Tag::Set)?)
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

/// Doc 9303-12, 7.3: `documents` with at most `[0]` type, one of `[1]` to `[3]` for the signer, `[4]` period, `[5]` numbers.
/// A period or numbers narrow the signer's documents down; which documents they are is then left to a person.
fn deviation(der: &[u8]) -> Result<Fields<'_>, DefectFault> {
    let mut fields = fields_of(der).map_err(|_| DefectFault::Structure)?;
    let concerned = fields.sequence(documents).map_err(|_| DefectFault::Concerned)?;
    let descriptions = set(&mut fields).map_err(|_| DefectFault::Known)?;
    fields.finish().map_err(|_| DefectFault::Structure)?;
    Ok((concerned, descriptions))
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
