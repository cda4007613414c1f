//! What a file that is none of the kinds that are taken looks like, and what to do with it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chipgate_trust::{Certificate, RevocationList, UnverifiedMasterList, read_unverified_defect_list};

use crate::ldif;
use crate::outline::{Object, outline};
use crate::pem::{self, Block};

/// What a file looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Likeness {
    /// No bytes at all.
    Empty,
    /// DER of one object.
    Object(Object),
    /// The beginning of an object.
    Cut {
        /// Of what kind it is.
        object: Object,
        /// How many bytes there are.
        bytes: usize,
        /// How many it says that it has.
        of: usize,
    },
    /// An object, and more behind its end.
    Followed {
        /// Of what kind it is.
        object: Object,
        /// How many bytes are behind it.
        by: usize,
    },
    /// An object of a kind that is taken, which can't be read.
    Damaged(Object),
    /// A trust bundle.
    Bundle,
    /// An LDIF export of a directory.
    Ldif,
    /// An LDIF export without any certificate or list in it.
    EmptyLdif,
    /// PEM whose content is encrypted.
    EncryptedPem,
    /// PEM that does not end, or is no Base64.
    DamagedPem,
    /// PEM with something else in it.
    OtherPem,
    /// Base64 of DER, without the lines that make it PEM.
    Base64,
    /// DER in hexadecimal digits.
    Hexadecimal,
    /// Text in UTF-16.
    Utf16,
    /// A web page, such as the answer of a login portal.
    WebPage,
    /// XML.
    Xml,
    /// JSON.
    Json,
    /// A ZIP archive.
    Zip,
    /// A file packed by gzip.
    Gzip,
    /// A tar archive.
    Tar,
    /// A JPEG picture.
    Jpeg,
    /// A JPEG 2000 picture.
    Jpeg2000,
    /// A PNG picture.
    Png,
    /// A PDF.
    Pdf,
    /// A key store of Java.
    KeyStore,
    /// Some other text.
    Text,
    /// Some other bytes.
    Binary,
}

impl Object {
    /// With its article, and what else it is called.
    const fn name(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::CertificateRequest => "a certificate signing request (PKCS#10)",
            Self::RevocationList => "a revocation list (CRL)",
            Self::PublicKey => "a public key",
            Self::PrivateKey => "a private key",
            Self::EncryptedPrivateKey => "an encrypted private key",
            Self::Pkcs12 => "a PKCS#12 file (.p12, .pfx)",
            Self::MasterList => "a master list",
            Self::DefectList => "a defect list",
            Self::DeviationList => "a deviation list",
            Self::CertificateBag => "PKCS#7 with certificates (.p7b, .p7c)",
            Self::OtherCms => "a CMS object of another kind",
            Self::Sod => "an EF.SOD",
            Self::BareSod => "an EF.SOD without its wrapper (tag 77)",
            Self::CardSecurity => "an EF.CardSecurity",
            Self::CardAccess => "an EF.CardAccess",
            Self::Com => "an EF.COM",
            Self::DataGroup(_) => "a data group",
            Self::CvCertificate => "a CV certificate of terminal authentication",
            Self::Other => "DER of another structure",
        }
    }

    /// What to do with a sound one of a kind that is not taken.
    const fn what_to_do(self) -> Option<&'static str> {
        Some(match self {
            Self::CertificateRequest => {
                "nobody has signed it: import the certificate that its authority made of it"
            }
            Self::PublicKey => {
                "import the certificate that it is in; the key of a bundle's signer goes to `chipgate trust update --key`"
            }
            Self::PrivateKey | Self::EncryptedPrivateKey => {
                "it does not belong here: keep it secret, and import the certificate of its public key"
            }
            Self::Pkcs12 => {
                "take the certificate out of it with `openssl pkcs12 -in FILE -nokeys`, and keep the file secret: as a rule \
                 it holds a private key"
            }
            Self::CertificateBag => {
                "take the certificates out of it with `openssl pkcs7 -print_certs -in FILE` (`-inform DER` for DER)"
            }
            Self::Sod | Self::CardSecurity => {
                "it belongs to one document, and brings in nobody: look at it with `chipgate trust check`"
            }
            Self::BareSod => "read EF.SOD from the chip again, as it is there",
            Self::CardAccess => "nobody signs it: check EF.CardSecurity, or EF.SOD with DG14",
            Self::Com => "nobody signs it: check EF.SOD",
            Self::DataGroup(_) => {
                "it is held against EF.SOD: `chipgate trust check EF.SOD --dg FOLDER` with the folder that it is in"
            }
            Self::CvCertificate => {
                "put it into the folder that `--terminal` names; no passport is checked with it"
            }
            Self::RevocationList => "`chipgate trust import` checks it against its issuer and takes it in",
            _ => return None,
        })
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DataGroup(number) => write!(f, "the data group DG{number}"),
            object => f.write_str(object.name()),
        }
    }
}

impl fmt::Display for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object(object) => return write!(f, "{object}"),
            Self::Cut { object, bytes, of } => {
                return write!(f, "{object}, cut short: {bytes} of {of} bytes are there");
            }
            Self::Followed { object, by } => {
                return write!(f, "{object} with {by} more bytes behind its end");
            }
            Self::Damaged(object) => return write!(f, "{object} that is damaged"),
            Self::Empty => "an empty file",
            Self::Bundle => "a trust bundle",
            Self::Ldif => "LDIF",
            Self::EmptyLdif => "an LDIF export without certificates and lists",
            Self::EncryptedPem => "encrypted PEM",
            Self::DamagedPem => "PEM that is damaged or cut short",
            Self::OtherPem => "PEM of another kind",
            Self::Base64 => "Base64 without the lines of PEM",
            Self::Hexadecimal => "hexadecimal digits",
            Self::Utf16 => "text in UTF-16",
            Self::WebPage => "a web page",
            Self::Xml => "XML",
            Self::Json => "JSON",
            Self::Zip => "a ZIP archive",
            Self::Gzip => "a gzip file",
            Self::Tar => "a tar archive",
            Self::Jpeg => "a picture (JPEG)",
            Self::Jpeg2000 => "a picture (JPEG 2000)",
            Self::Png => "a picture (PNG)",
            Self::Pdf => "a PDF",
            Self::KeyStore => "a key store of Java",
            Self::Text => "text",
            Self::Binary => "binary data of another kind",
        })
    }
}

impl Likeness {
    /// What to do with it, where there is more to say than what is taken instead.
    pub const fn what_to_do(self) -> Option<&'static str> {
        Some(match self {
            Self::Object(object) => return object.what_to_do(),
            Self::Empty | Self::Cut { .. } | Self::Damaged(_) | Self::DamagedPem => {
                "obtain it again, in whole"
            }
            Self::Followed { .. } => {
                "a file of DER holds one object: cut it into its parts, or write them as PEM"
            }
            Self::Bundle => "`chipgate trust update` checks it and takes it in",
            Self::Ldif => "`chipgate trust import` checks each of its entries and takes in what is trusted",
            Self::EmptyLdif => {
                "export the attributes userCertificate, certificateRevocationList and pkdMasterListContent with it"
            }
            Self::EncryptedPem => "certificates and lists are not secret: obtain them as they were published",
            Self::Base64 => {
                "decode it with `base64 -d`, or put the lines BEGIN CERTIFICATE and END CERTIFICATE around it"
            }
            Self::Hexadecimal => "turn it into bytes with `xxd -r -p`",
            Self::Utf16 => "save it as UTF-8",
            Self::WebPage => "the download failed, or wants a log-in: obtain the file itself",
            Self::Zip | Self::Gzip | Self::Tar => "unpack it, and name what is in it",
            Self::KeyStore => "take the certificates out of it with `keytool -exportcert -rfc`",
            _ => return None,
        })
    }
}

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
            (
                b"<HTML><body>Zugang verweigert f\xFCr Sie</body>",
                Likeness::WebPage,
            ),
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
