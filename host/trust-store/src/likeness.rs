//! What a file that is none of the kinds that are taken looks like, and what to do with it.

use std::fmt;

use crate::outline::Object;

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
