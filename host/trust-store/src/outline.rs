//! What a DER object is by its outline: the tags at its start, which are there even where the rest was cut off.
//!
//! Nothing is decided by it; it is for telling people what they named instead of a certificate or a list.

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const CONTEXT_0: u8 = 0xA0;

/// 1.2.840.113549.1.7.1 (PKCS#7 data) and 1.2.840.113549.1.7.2 (RFC 5652, 5: SignedData).
const DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 1];
const SIGNED_DATA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
/// 2.23.136.1.1.1, .2 and .7 (Doc 9303-10 and -12), 0.4.0.127.0.7.3.1.5 (TR-03129-2), 0.4.0.127.0.7.3.2.1 (TR-03110-3).
const LDS_SECURITY_OBJECT: &[u8] = &[0x67, 0x81, 0x08, 1, 1, 1];
const MASTER_LIST: &[u8] = &[0x67, 0x81, 0x08, 1, 1, 2];
const DEVIATION_LIST: &[u8] = &[0x67, 0x81, 0x08, 1, 1, 7];
const DEFECT_LIST: &[u8] = &[0x04, 0, 0x7F, 0, 7, 3, 1, 5];
const SECURITY_OBJECT: &[u8] = &[0x04, 0, 0x7F, 0, 7, 3, 2, 1];

/// Kinds of objects that are taken for one another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// An X.509 certificate.
    Certificate,
    /// A certificate signing request (PKCS#10).
    CertificateRequest,
    /// A revocation list.
    RevocationList,
    /// A public key by itself.
    PublicKey,
    /// A private key: PKCS#8, PKCS#1 or SEC 1.
    PrivateKey,
    /// An encrypted private key.
    EncryptedPrivateKey,
    /// PKCS#12: certificates and, as a rule, their private key.
    Pkcs12,
    /// A master list.
    MasterList,
    /// A defect list.
    DefectList,
    /// A deviation list.
    DeviationList,
    /// PKCS#7 that only carries certificates.
    CertificateBag,
    /// A CMS object of another kind.
    OtherCms,
    /// An EF.SOD.
    Sod,
    /// What is in an EF.SOD, without its wrapper.
    BareSod,
    /// An EF.CardSecurity.
    CardSecurity,
    /// An EF.CardAccess.
    CardAccess,
    /// An EF.COM.
    Com,
    /// A data group.
    DataGroup(u8),
    /// A CV certificate of terminal authentication.
    CvCertificate,
    /// DER of another structure.
    Other,
}

/// An object by its outline, and how many bytes it says that it has; `None` where its length is indefinite.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outline {
    pub(crate) object: Object,
    pub(crate) length: Option<usize>,
}

/// The outline, if the bytes start as an object of one of these kinds does.
pub(crate) fn outline(bytes: &[u8]) -> Option<Outline> {
    let (header, content) = open(bytes)?;
    let object = match header.tag {
        0x30 => sequence(content),
        0x31 if matches!(parts(content).first(), Some((SEQUENCE, inner)) if starts_with_oid(inner)) => {
            Object::CardAccess
        }
        0x77 if matches!(parts(content).first(), Some((SEQUENCE, inner)) if starts_with_oid(inner)) => {
            Object::Sod
        }
        0x7F21 => Object::CvCertificate,
        0x60 if is_whole(&header, bytes) => Object::Com,
        tag if is_whole(&header, bytes) => Object::DataGroup(data_group(tag)?),
        _ => return None,
    };
    Some(Outline {
        object,
        length: header.length.map(|length| header.bytes.saturating_add(length)),
    })
}

/// These tags are letters, too: only a length that fits tells such a file from a text.
fn is_whole(header: &Header, bytes: &[u8]) -> bool {
    header.length.and_then(|length| header.bytes.checked_add(length)) == Some(bytes.len())
}

/// Doc 9303-10, table 34.
fn data_group(tag: u16) -> Option<u8> {
    const TAGS: [u8; 16] = [
        0x61, 0x75, 0x63, 0x76, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6A, 0x6B, 0x6C, 0x6D, 0x6E, 0x6F, 0x70,
    ];
    let place = TAGS.iter().position(|known| u16::from(*known) == tag)?;
    u8::try_from(place + 1).ok()
}

fn sequence(content: &[u8]) -> Object {
    let parts = parts(content);
    let tags: Vec<u8> = parts.iter().map(|(tag, _)| *tag).collect();
    let first = parts.first().map_or(&[][..], |(_, value)| *value);
    let second = parts.get(1).map_or(&[][..], |(_, value)| *value);
    match tags.as_slice() {
        [OBJECT_IDENTIFIER, CONTEXT_0, ..] if first == SIGNED_DATA => signed_data(second),
        [OBJECT_IDENTIFIER, CONTEXT_0, ..] => Object::OtherCms,
        // RFC 7292, 4: PFX, whose version is 3.
        [INTEGER, SEQUENCE, ..] if first == [3] => Object::Pkcs12,
        // RFC 5958, 2: PKCS#8.
        [INTEGER, SEQUENCE, OCTET_STRING, ..] | [INTEGER, SEQUENCE] if starts_with_oid(second) => {
            Object::PrivateKey
        }
        // RFC 8017, A.1.2, and RFC 5915, 3.
        [INTEGER, INTEGER, INTEGER, ..] | [INTEGER, OCTET_STRING, ..] => Object::PrivateKey,
        [INTEGER, INTEGER] | [SEQUENCE, BIT_STRING]
            if tags.first() == Some(&INTEGER) || starts_with_oid(first) =>
        {
            Object::PublicKey
        }
        // RFC 5958, 3.
        [SEQUENCE, OCTET_STRING] if starts_with_oid(first) => Object::EncryptedPrivateKey,
        [SEQUENCE, ..] => to_be_signed(first),
        _ => Object::Other,
    }
}

/// RFC 5280, 4.1 and 5.1, and RFC 2986, 4.1: what is signed of a certificate, a revocation list and a request.
fn to_be_signed(content: &[u8]) -> Object {
    let tags: Vec<u8> = parts(content).iter().map(|(tag, _)| *tag).collect();
    match tags.as_slice() {
        [CONTEXT_0, INTEGER, ..] | [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ..] => Object::Certificate,
        [INTEGER, SEQUENCE, SEQUENCE, CONTEXT_0, ..] => Object::CertificateRequest,
        [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..]
        | [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] => Object::RevocationList,
        _ => Object::Other,
    }
}

/// RFC 5652, 5.1, by the type of its content.
fn signed_data(content: &[u8]) -> Object {
    let value = |of: &[u8], place: usize| parts(of).get(place).map(|(_, value)| value.to_vec());
    let content_type = value(content, 0)
        .and_then(|signed| value(&signed, 2))
        .and_then(|content| value(&content, 0));
    match content_type.as_deref() {
        Some(MASTER_LIST) => Object::MasterList,
        Some(DEFECT_LIST) => Object::DefectList,
        Some(DEVIATION_LIST) => Object::DeviationList,
        Some(SECURITY_OBJECT) => Object::CardSecurity,
        Some(LDS_SECURITY_OBJECT) => Object::BareSod,
        Some(DATA) => Object::CertificateBag,
        _ => Object::OtherCms,
    }
}

fn starts_with_oid(content: &[u8]) -> bool {
    matches!(parts(content).first(), Some((OBJECT_IDENTIFIER, _)))
}

struct Header {
    tag: u16,
    /// `None` where it is indefinite.
    length: Option<usize>,
    bytes: usize,
}

/// The first header, and what there is of its content.
fn open(bytes: &[u8]) -> Option<(Header, &[u8])> {
    let (tag, after_tag) = match bytes {
        [0x7F, second, rest @ ..] => (0x7F00 | u16::from(*second), rest),
        [first, rest @ ..] => (u16::from(*first), rest),
        [] => return None,
    };
    let (first, rest) = after_tag.split_first()?;
    let (length, rest) = match first {
        0x80 => (None, rest),
        0x81..=0x84 => {
            let (field, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
            let length = field
                .iter()
                .fold(0_usize, |length, octet| (length << 8) | usize::from(*octet));
            (Some(length), rest)
        }
        0x00..=0x7F => (Some(usize::from(*first)), rest),
        _ => return None,
    };
    let header = Header {
        tag,
        length,
        bytes: bytes.len() - rest.len(),
    };
    let end = length.unwrap_or(rest.len()).min(rest.len());
    Some((header, rest.get(..end).unwrap_or_default()))
}

/// The first parts of some content, as far as they are there.
fn parts(content: &[u8]) -> Vec<(u8, &[u8])> {
    const ENOUGH: usize = 5;
    let mut parts = Vec::new();
    let mut rest = content;
    while parts.len() < ENOUGH {
        let Some((header, value)) = open(rest) else { break };
        let Ok(tag) = u8::try_from(header.tag) else { break };
        parts.push((tag, value));
        let after = header.length.and_then(|length| header.bytes.checked_add(length));
        rest = after.and_then(|after| rest.get(after..)).unwrap_or_default();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(bytes: &[u8]) -> Option<(Object, Option<usize>)> {
        outline(bytes).map(|outline| (outline.object, outline.length))
    }

    #[test]
    fn tells_objects_by_their_first_tags() {
        let cases: [(&[u8], Object); 9] = [
            (b"\x30\x03\x02\x01\x05", Object::Other),
            (b"\x30\x10\x02\x01\x01\x04\x0B", Object::PrivateKey),
            (
                b"\x30\x09\x02\x01\x00\x02\x01\x09\x02\x01\x03",
                Object::PrivateKey,
            ),
            (b"\x30\x06\x02\x01\x09\x02\x01\x03", Object::PublicKey),
            (b"\x30\x80\x02\x01\x03\x30\x80\x06\x09", Object::Pkcs12),
            (
                b"\x30\x0B\x30\x03\x06\x01\x2A\x03\x04\x00\x01\x02\x03",
                Object::PublicKey,
            ),
            (
                b"\x30\x09\x30\x03\x06\x01\x2A\x04\x02\x01\x02",
                Object::EncryptedPrivateKey,
            ),
            (b"\x7F\x21\x81\xFF\x7F\x4E", Object::CvCertificate),
            (b"\x31\x07\x30\x05\x06\x03\x2A\x03\x04", Object::CardAccess),
        ];
        for (bytes, object) in cases {
            assert_eq!(
                found(bytes).map(|(object, _)| object),
                Some(object),
                "{bytes:02X?}"
            );
        }
    }

    #[test]
    fn a_text_that_begins_with_a_tag_is_no_data_group() {
        assert_eq!(found(b"a text"), None);
        assert_eq!(found(b"a\x02\x5F\x1F"), Some((Object::DataGroup(1), Some(4))));
        assert_eq!(found(b"`\x01\x01"), Some((Object::Com, Some(3))));
        assert_eq!(found(b""), None);
        assert_eq!(found(b"\x30"), None);
        assert_eq!(
            found(b"\x30\x84\xFF\xFF\xFF\xFF"),
            Some((Object::Other, Some(0x1_0000_0005)))
        );
    }
}
