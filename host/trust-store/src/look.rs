//! Recognising what a file is by its content, where it is none of the kinds that are taken.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chipgate_trust::{Certificate, RevocationList, UnverifiedMasterList, read_unverified_defect_list};

use crate::ldif;
use crate::likeness::Likeness;
use crate::outline::{Object, outline};
use crate::pem::{self, Block};

/// What the bytes look like; of several PEM blocks, the first one.
pub fn look_at(bytes: &[u8]) -> Likeness {
    if bytes.is_empty() {
        return Likeness::Empty;
    }
    if let Some(found) = of_magic(bytes) {
        return found;
    }
    if let Some(block) = pem::blocks(bytes).first() {
        return look_at_block(block);
    }
    match text(bytes) {
        Some(text) => of_text(bytes, &text),
        None => look_at_der(bytes),
    }
}

/// What an object in PEM or LDIF looks like.
pub(crate) fn look_at_der(der: &[u8]) -> Likeness {
    of_der(der).unwrap_or(Likeness::Binary)
}

/// What a PEM block looks like.
pub(crate) fn look_at_block(block: &Block) -> Likeness {
    let is_private_key = block.label.ends_with("PRIVATE KEY");
    match (
        &block.content,
        of_der(block.content.as_deref().unwrap_or_default()),
    ) {
        _ if is_private_key && block.is_encrypted => Likeness::Object(Object::EncryptedPrivateKey),
        _ if is_private_key => Likeness::Object(Object::PrivateKey),
        _ if block.is_encrypted => Likeness::EncryptedPem,
        (None, _) => Likeness::DamagedPem,
        (Some(_), None | Some(Likeness::Object(Object::Other))) => Likeness::OtherPem,
        (Some(_), Some(found)) => found,
    }
}

/// The beginning, if it is text: characters and white space. Some letters may be of an older encoding.
fn text(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(bytes.get(..512).unwrap_or(bytes));
    let is_text = head.chars().all(|c| !c.is_control() || c.is_whitespace());
    let foreign = head.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
    (is_text && foreign * 8 <= head.len()).then(|| head.into_owned())
}

fn of_text(bytes: &[u8], head: &str) -> Likeness {
    let lower = head
        .trim_start_matches('\u{FEFF}')
        .trim_start()
        .to_ascii_lowercase();
    match lower.as_str() {
        "" => Likeness::Empty,
        page if page.starts_with("<!doctype html") || page.contains("<html") => Likeness::WebPage,
        xml if xml.starts_with("<?xml") || xml.starts_with('<') => Likeness::Xml,
        json if json.starts_with(['{', '[']) => Likeness::Json,
        pem if pem.contains("-----begin") => Likeness::DamagedPem,
        _ => of_encoding(bytes).unwrap_or(Likeness::Text),
    }
}

/// DER that somebody wrote down in characters.
fn of_encoding(bytes: &[u8]) -> Option<Likeness> {
    let packed: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|octet| !octet.is_ascii_whitespace())
        .collect();
    let is_object = |der: &[u8]| der.len() > 16 && outline(der).is_some();
    if hex::decode(&packed).is_ok_and(|der| is_object(&der)) {
        return Some(Likeness::Hexadecimal);
    }
    let decoded = STANDARD.decode(&packed);
    decoded
        .is_ok_and(|der| is_object(&der))
        .then_some(Likeness::Base64)
}

/// The first bytes of formats that have an agreed beginning.
fn of_magic(bytes: &[u8]) -> Option<Likeness> {
    Some(match bytes {
        _ if bytes.starts_with(b"chipgate trust 1") => Likeness::Bundle,
        _ if bytes.get(257..262) == Some(b"ustar") => Likeness::Tar,
        _ if bytes.starts_with(b"%PDF-") => Likeness::Pdf,
        _ if ldif::starts(bytes) => Likeness::Ldif,
        [b'P', b'K', 3, 4, ..] => Likeness::Zip,
        [0x1F, 0x8B, ..] => Likeness::Gzip,
        [0xFF, 0xD8, 0xFF, ..] => Likeness::Jpeg,
        [0x89, b'P', b'N', b'G', ..] => Likeness::Png,
        [0xFF, 0x4F, 0xFF, 0x51, ..] | [0, 0, 0, 12, b'j', b'P', ..] => Likeness::Jpeg2000,
        [0xFE, 0xED, 0xFE, 0xED, ..] => Likeness::KeyStore,
        [0xFF, 0xFE, first, 0, ..] | [0xFE, 0xFF, 0, first, ..] if *first != 0 => Likeness::Utf16,
        _ => return None,
    })
}

fn of_der(der: &[u8]) -> Option<Likeness> {
    let outline = outline(der)?;
    let (object, bytes) = (outline.object, der.len());
    Some(match outline.length {
        Some(of) if bytes < of => Likeness::Cut { object, bytes, of },
        Some(length) if bytes > length => Likeness::Followed {
            object,
            by: bytes - length,
        },
        _ if is_readable(object, der) => Likeness::Object(object),
        _ => Likeness::Damaged(object),
    })
}

/// Whether an object of a kind that is taken can be read. Of the others no one asks.
fn is_readable(object: Object, der: &[u8]) -> bool {
    match object {
        Object::Certificate => Certificate::from_der(der).is_ok(),
        Object::RevocationList => RevocationList::from_der(der).is_ok(),
        Object::MasterList => UnverifiedMasterList::from_der(der).is_ok(),
        Object::DefectList | Object::DeviationList => read_unverified_defect_list(der).is_ok(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_file_looks_like() {
        let other = Likeness::Object(Object::Other);
        let cases: [(&[u8], Likeness); 27] = [
            (b"", Likeness::Empty),
            (b"\n\n", Likeness::Empty),
            (b"chipgate trust 1\0\0", Likeness::Bundle),
            (b"dn: c=VN,dc=data\n", Likeness::Ldif),
            (b"# extended LDIF\n#\n\ndn: c=VN,dc=data\n", Likeness::Ldif),
            (b"\xEF\xBB\xBFversion: 1\n", Likeness::Ldif),
            (b"<!DOCTYPE html><p>", Likeness::WebPage),
            (b"<HTML><body>\xA9 2026</body>", Likeness::WebPage),
            (b"<?xml version='1.0'?><a/>", Likeness::Xml),
            (b"{\"a\": 1}", Likeness::Json),
            (b"PK\x03\x04\x00", Likeness::Zip),
            (b"just some words\n", Likeness::Text),
            (b"0 is a number\n", Likeness::Text),
            (b"\x30\x03\x02\x01\x05", other),
            (b"\xFF\xD8\xFF\xE0", Likeness::Jpeg),
            (b"\x89PNG\r\n\x1A\n", Likeness::Png),
            (b"\xFF\x4F\xFF\x51\x00", Likeness::Jpeg2000),
            (b"\x1F\x8B\x08\x00", Likeness::Gzip),
            (b"%PDF-1.4\n\xFF\xFF", Likeness::Pdf),
            (b"see -----BEGIN CERTIFICATE\n", Likeness::DamagedPem),
            (b"\xFF\xFEd\0n\0", Likeness::Utf16),
            (b"\xFE\xED\xFE\xED\0\0\0\x02", Likeness::KeyStore),
            (
                b"30130201 00020109 02010302 01040201 0502 0106",
                Likeness::Hexadecimal,
            ),
            (b"MBMCAQACAQkCAQMCAQQCAQUC\nAQYA", Likeness::Base64),
            (b"\xFF\xFE\x00\x80", Likeness::Binary),
            (b"\x80\x81\x82\x83", Likeness::Binary),
            (b"\x00\x01", Likeness::Binary),
        ];
        for (bytes, found) in cases {
            assert_eq!(look_at(bytes), found, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn an_object_that_is_cut_and_one_with_more_behind_it_are_told_apart() {
        let cut = look_at(b"\x30\x82\xFF\xFF");
        assert_eq!(
            cut.to_string(),
            "DER of another structure, cut short: 4 of 65539 bytes are there"
        );
        let followed = look_at(b"\x30\x03\x02\x01\x05\r\n");
        assert_eq!(
            followed.to_string(),
            "DER of another structure with 2 more bytes behind its end"
        );
        assert!(cut.what_to_do().is_some() && followed.what_to_do().is_some());
    }
}
