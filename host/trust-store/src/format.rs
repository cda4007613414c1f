//! What a file holds, by its content; the name only says whether to look at it.

use std::fmt;
use std::path::Path;

use chipgate_trust::{
    Certificate, RevocationList, TrustError, UnverifiedMasterList, read_unverified_defect_list,
};

use crate::error::Refusal;
use crate::pem::{self, Block};
use crate::{ldif, reading};

/// File names that are looked at in a trust folder.
pub(crate) const EXTENSIONS: [&str; 8] = ["der", "cer", "crt", "pem", "crl", "ml", "dfl", "dvl"];

/// One object that a file holds.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Certificate(Box<Certificate>),
    RevocationList(Box<RevocationList>),
    /// Its DER; trusted or not is another question.
    MasterList(Vec<u8>),
    /// Its DER; trusted or not is another question.
    DefectList(Vec<u8>),
    /// An entry of the directory that is to go.
    Deletion(String),
}

/// What a file that holds none of these looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// No bytes at all.
    Empty,
    /// A PEM private key.
    PrivateKey,
    /// PEM with another label, or with a damaged body.
    OtherPem,
    /// An LDIF export of a directory without any certificate or list in it.
    Ldif,
    /// A CMS object of another kind, such as an EF.SOD without its wrapper.
    OtherCms,
    /// An EF.SOD.
    SecurityObject,
    /// A web page, such as the answer of a login portal.
    WebPage,
    /// JSON.
    Json,
    /// A ZIP archive.
    Zip,
    /// A file packed by gzip.
    Gzip,
    /// A tar archive.
    Tar,
    /// A picture, PNG or JPEG.
    Picture,
    /// A PDF.
    Pdf,
    /// Some other text.
    Text,
    /// DER of another structure, or damaged.
    OtherDer,
    /// Some other bytes.
    Binary,
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "an empty file",
            Self::PrivateKey => "a private key (which does not belong here)",
            Self::OtherPem => "PEM of another kind, or damaged PEM",
            Self::Ldif => "an LDIF export without certificates and lists",
            Self::OtherCms => "a CMS object of another kind (an EF.CardSecurity?)",
            Self::SecurityObject => "an EF.SOD: look at it with `chipgate trust check`",
            Self::WebPage => "a web page (a download that failed?)",
            Self::Json => "JSON",
            Self::Zip => "a ZIP archive (unpack it first)",
            Self::Gzip => "a gzip file (unpack it first)",
            Self::Tar => "a tar archive (unpack it first)",
            Self::Picture => "a picture",
            Self::Pdf => "a PDF",
            Self::Text => "text",
            Self::OtherDer => "DER of another structure, or cut short",
            Self::Binary => "binary data of another kind",
        })
    }
}

/// Whether a folder's file is looked at, by the ending of its name.
pub(crate) fn has_known_extension(path: &Path) -> bool {
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .map(str::to_ascii_lowercase);
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Reads a file and recognises what it holds.
pub(crate) fn read(path: &Path) -> Result<Vec<Result<Item, Refusal>>, Refusal> {
    let bytes = reading::read_file(path).map_err(|error| reading::refusal(&error))?;
    items(&bytes)
}

/// Recognises what the bytes hold: one DER object, or one object for each PEM block or LDIF value.
pub(crate) fn items(bytes: &[u8]) -> Result<Vec<Result<Item, Refusal>>, Refusal> {
    if bytes.starts_with(b"chipgate trust 1") {
        return Err(Refusal::Bundle);
    }
    if bytes.get(257..262) == Some(b"ustar") {
        return Err(Refusal::Unrecognised { found: Likeness::Tar });
    }
    if likeness(bytes) == Likeness::Ldif {
        return ldif_items(bytes);
    }
    if bytes.first() == Some(&0x30) {
        return Ok(vec![item(bytes)]);
    }
    let blocks = pem::blocks(bytes);
    if !blocks.is_empty() {
        return Ok(blocks.into_iter().map(pem_item).collect());
    }
    Err(Refusal::Unrecognised {
        found: likeness(bytes),
    })
}

/// What the bytes look like.
pub fn look_at(bytes: &[u8]) -> Likeness {
    likeness(bytes)
}

/// How many PEM blocks the bytes hold.
pub fn count_pem_blocks(bytes: &[u8]) -> usize {
    pem::blocks(bytes).len()
}

/// The content of the first PEM block, if the bytes are PEM.
pub fn first_pem_block(bytes: &[u8]) -> Option<Vec<u8>> {
    pem::blocks(bytes).into_iter().next()?.content
}

/// The bytes, or what the first PEM block in them holds.
pub fn der_of(bytes: &[u8]) -> Vec<u8> {
    first_pem_block(bytes).unwrap_or_else(|| bytes.to_vec())
}

fn ldif_items(bytes: &[u8]) -> Result<Vec<Result<Item, Refusal>>, Refusal> {
    let mut items = Vec::new();
    for record in ldif::records(&String::from_utf8_lossy(bytes)) {
        if record.is_deletion {
            items.push(Ok(Item::Deletion(record.dn)));
        } else {
            let values = record.values.iter();
            items.extend(values.map(|value| {
                let der = value.as_deref().ok_or_else(|| Refusal::NotBase64 {
                    dn: record.dn.clone(),
                })?;
                item(der)
            }));
        }
    }
    if items.is_empty() {
        return Err(Refusal::Unrecognised {
            found: Likeness::Ldif,
        });
    }
    Ok(items)
}

fn pem_item(block: Block) -> Result<Item, Refusal> {
    let unrecognised = |found| Err(Refusal::Unrecognised { found });
    match block.content {
        _ if block.label.ends_with("PRIVATE KEY") => unrecognised(Likeness::PrivateKey),
        Some(der) => item(&der).or_else(|refusal| match refusal {
            Refusal::Unrecognised { .. } => unrecognised(Likeness::OtherPem),
            other => Err(other),
        }),
        None => unrecognised(Likeness::OtherPem),
    }
}

fn item(der: &[u8]) -> Result<Item, Refusal> {
    match Certificate::from_der(der) {
        Ok(certificate) => return Ok(Item::Certificate(Box::new(certificate))),
        Err(TrustError::NotACertificate) => {}
        Err(other) => return Err(other.into()),
    }
    if let Ok(list) = RevocationList::from_der(der) {
        return Ok(Item::RevocationList(Box::new(list)));
    }
    if UnverifiedMasterList::from_der(der).is_ok() {
        return Ok(Item::MasterList(der.to_vec()));
    }
    match read_unverified_defect_list(der) {
        Ok(_) => Ok(Item::DefectList(der.to_vec())),
        Err(_) => Err(Refusal::Unrecognised { found: likeness(der) }),
    }
}

fn likeness(bytes: &[u8]) -> Likeness {
    let head = &bytes[..bytes.len().min(512)];
    if ldif::starts(bytes) {
        return Likeness::Ldif;
    }
    // A character may be cut where the head ends.
    let text = match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]),
        read => read,
    };
    let Ok(text) = text.map(str::trim_start) else {
        return match head {
            [0x30, ..] if is_cms(head) => Likeness::OtherCms,
            [0x30, ..] => Likeness::OtherDer,
            [0x77, ..] if is_cms(head) => Likeness::SecurityObject,
            [b'P', b'K', 3, 4, ..] => Likeness::Zip,
            [0x1F, 0x8B, ..] => Likeness::Gzip,
            [0x89, b'P', b'N', b'G', ..] | [0xFF, 0xD8, 0xFF, ..] => Likeness::Picture,
            _ if head.starts_with(b"%PDF-") => Likeness::Pdf,
            _ => Likeness::Binary,
        };
    };
    let lower = text.to_ascii_lowercase();
    match bytes.first() {
        None => Likeness::Empty,
        Some(0x30) => Likeness::OtherDer,
        _ if bytes.starts_with(b"%PDF-") => Likeness::Pdf,
        _ if bytes.get(257..262) == Some(b"ustar") => Likeness::Tar,
        _ if bytes.starts_with(b"PK\x03\x04") => Likeness::Zip,
        _ if lower.starts_with("<!doctype") || lower.starts_with("<html") => Likeness::WebPage,
        _ if lower.starts_with(['{', '[']) => Likeness::Json,
        _ if lower.contains("-----begin") => Likeness::OtherPem,
        _ if text.chars().all(|c| !c.is_control() || c.is_whitespace()) => Likeness::Text,
        _ => Likeness::Binary,
    }
}

/// The object identifier of SignedData is near the start.
fn is_cms(head: &[u8]) -> bool {
    const SIGNED_DATA: [u8; 11] = [6, 9, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 7, 2];
    let start = head.get(..32).unwrap_or(head);
    start.windows(11).any(|window| window == SIGNED_DATA)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_file_looks_like() {
        let cases: [(&[u8], Likeness); 16] = [
            (b"", Likeness::Empty),
            (b"dn: c=VN,dc=data\n", Likeness::Ldif),
            (b"<!DOCTYPE html><p>", Likeness::WebPage),
            (b"{\"a\": 1}", Likeness::Json),
            (b"PK\x03\x04\x00", Likeness::Zip),
            (b"just some words\n", Likeness::Text),
            (b"\x30\x03\x02\x01\x05", Likeness::OtherDer),
            (b"\xFF\xD8\xFF\xE0", Likeness::Picture),
            (b"\x89PNG\r\n\x1A\n", Likeness::Picture),
            (b"\x1F\x8B\x08\x00", Likeness::Gzip),
            (b"%PDF-1.4\n\xFF\xFF", Likeness::Pdf),
            (b"see -----BEGIN CERTIFICATE\n", Likeness::OtherPem),
            (b"# extended LDIF\n#\n\ndn: c=VN,dc=data\n", Likeness::Ldif),
            (b"\xEF\xBB\xBFversion: 1\n", Likeness::Ldif),
            (b"\xFF\xFE\x00\x80", Likeness::Binary),
            (b"\x30\x82\xFF\xFF", Likeness::OtherDer),
        ];
        for (bytes, found) in cases {
            let refusal = items(bytes).and_then(|items| items.into_iter().collect::<Result<Vec<_>, _>>());
            assert_eq!(
                refusal.map(|_| ()),
                Err(Refusal::Unrecognised { found }),
                "{found}"
            );
        }
    }

    #[test]
    fn tells_a_private_key_and_a_damaged_block_apart() {
        let key = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        let damaged = b"-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n";
        let found = |bytes| items(bytes).unwrap().remove(0).map(|_| ());
        assert_eq!(
            found(key),
            Err(Refusal::Unrecognised {
                found: Likeness::PrivateKey
            })
        );
        assert_eq!(
            found(damaged),
            Err(Refusal::Unrecognised {
                found: Likeness::OtherPem
            })
        );
    }
}
