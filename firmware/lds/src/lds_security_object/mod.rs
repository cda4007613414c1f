use alloc::{borrow::ToOwned, string::String, vec::Vec};

use chipgate_apdu::tlv;
use chipgate_crypto::HashAlgorithm;

use crate::asn1::{
    Components, OCTET_STRING, PRINTABLE_STRING, SEQUENCE, constructed, object_identifier, single,
    unsigned_integer,
};
use crate::{DataGroup, LdsError};

const STRUCTURE: &str = "LDSSecurityObject";

/// The versions that an [`LdsSecurityObject`] of version 1 repeats from EF.COM, there signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdsVersionInfo {
    /// `0108`
    pub lds_version: String,
    /// `040000`
    pub unicode_version: String,
}

/// What the issuer signs: the hash of each data group (Doc 9303-10, 4.6.2.3 and appendix D).
///
/// ```text
/// LDSSecurityObject ::= SEQUENCE {
///     version              INTEGER { v0(0), v1(1) },
///     hashAlgorithm        DigestAlgorithmIdentifier,
///     dataGroupHashValues  SEQUENCE SIZE (2..16) OF SEQUENCE { dataGroupNumber INTEGER, dataGroupHashValue OCTET STRING },
///     ldsVersionInfo       SEQUENCE { ldsVersion PrintableString, unicodeVersion PrintableString } OPTIONAL  -- v1 only
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LdsSecurityObject {
    /// 0 or 1.
    pub version: u8,
    /// The hash function.
    pub hash: HashAlgorithm,
    /// Each data group with the hash of its whole file, in the order in which they stood; none twice.
    pub data_groups: Vec<(DataGroup, Vec<u8>)>,
    /// The signed versions, which only version 1 has. They may be missing there, too.
    pub lds_version: Option<LdsVersionInfo>,
}

impl LdsSecurityObject {
    /// Reads the content that EF.SOD's CMS signs.
    pub fn parse(content: &[u8]) -> Result<Self, LdsError> {
        let mut components = Components::new(STRUCTURE, single(STRUCTURE, content, SEQUENCE)?);
        let version = components.small_integer("the version")?;
        if version > 1 {
            let what = "a version after 1";
            return Err(LdsError::Unsupported {
                structure: STRUCTURE,
                what,
            });
        }
        let hash = hash_algorithm(components.expect(SEQUENCE)?.value)?;
        let data_groups = hash_values(components.expect(SEQUENCE)?.value, hash)?;
        let lds_version = match components.optional(SEQUENCE)? {
            Some(info) => Some(version_info(info.value)?),
            None => None,
        };
        components.finish()?;
        // Appendix D: "if present, version MUST be V1", and not the other way round.
        if lds_version.is_some() && version == 0 {
            return Err(components.invalid("the version information, which belongs to version 1 only,"));
        }
        Ok(Self {
            version,
            hash,
            data_groups,
            lds_version,
        })
    }

    /// Writes the content to sign.
    pub fn encode(&self) -> Vec<u8> {
        let algorithm = constructed(SEQUENCE, &[object_identifier(&self.hash.oid())]);
        let hashes: Vec<Vec<u8>> = self
            .data_groups
            .iter()
            .map(|(group, hash)| {
                let number = unsigned_integer(&[group.number()]);
                constructed(SEQUENCE, &[number, tlv::encode(OCTET_STRING, hash)])
            })
            .collect();
        let version_info = self.lds_version.as_ref().map_or_else(Vec::new, |info| {
            let lds = tlv::encode(PRINTABLE_STRING, info.lds_version.as_bytes());
            let unicode = tlv::encode(PRINTABLE_STRING, info.unicode_version.as_bytes());
            constructed(SEQUENCE, &[lds, unicode])
        });
        let version = unsigned_integer(&[self.version]);
        let hashes = constructed(SEQUENCE, &hashes);
        constructed(SEQUENCE, &[version, algorithm, hashes, version_info])
    }

    /// The hash that a data group must have; `None` if the data group is not listed.
    pub fn hash_of(&self, group: DataGroup) -> Option<&[u8]> {
        let listed = self.data_groups.iter().find(|(listed, _)| *listed == group);
        listed.map(|(_, hash)| hash.as_slice())
    }
}

/// `AlgorithmIdentifier ::= SEQUENCE { algorithm, parameters NULL OPTIONAL }`
fn hash_algorithm(value: &[u8]) -> Result<HashAlgorithm, LdsError> {
    let mut components = Components::new(STRUCTURE, value);
    let oid = components.object_identifier("the hash algorithm")?;
    let parameters = components.next()?;
    components.finish()?;
    if parameters.is_some_and(|parameters| parameters.raw != [0x05, 0x00]) {
        return Err(components.invalid("the parameters of the hash algorithm"));
    }
    HashAlgorithm::from_oid(&oid).ok_or(LdsError::Unsupported {
        structure: STRUCTURE,
        what: "its hash algorithm",
    })
}

fn hash_values(value: &[u8], hash: HashAlgorithm) -> Result<Vec<(DataGroup, Vec<u8>)>, LdsError> {
    let mut list = Components::new(STRUCTURE, value);
    let mut groups: Vec<(DataGroup, Vec<u8>)> = Vec::new();
    while let Some(element) = list.optional(SEQUENCE)? {
        let mut components = list.within(element.value);
        let number = components.small_integer("a data group's number")?;
        let digest = components.expect(OCTET_STRING)?.value;
        components.finish()?;
        let group = DataGroup::try_from(number).map_err(|_| list.invalid("a data group's number"))?;
        if groups.iter().any(|(earlier, _)| *earlier == group) {
            return Err(list.invalid("the list of hashes, where a data group stands twice,"));
        }
        if digest.len() != hash.output_length() {
            return Err(list.invalid("a data group's hash"));
        }
        groups.push((group, digest.to_vec()));
    }
    list.finish()?;
    if groups.is_empty() {
        return Err(list.invalid("the list of hashes, which is empty,"));
    }
    Ok(groups)
}

fn version_info(value: &[u8]) -> Result<LdsVersionInfo, LdsError> {
    let mut components = Components::new(STRUCTURE, value);
    let lds_version = components.expect(PRINTABLE_STRING)?.value;
    let unicode_version = components.expect(PRINTABLE_STRING)?.value;
    components.finish()?;
    let text = |value| match core::str::from_utf8(value) {
        Ok(text) if text.is_ascii() => Ok(text.to_owned()),
        _ => Err(components.invalid("the version information")),
    };
    Ok(LdsVersionInfo {
        lds_version: text(lds_version)?,
        unicode_version: text(unicode_version)?,
    })
}

#[cfg(test)]
mod tests;
