//! What a key file is that is not the one that was asked for, and the command that makes that one of it.

use std::path::Path;

use chipgate_crypto::{PublicKey, SigningKey};

/// The forms in which OpenSSL writes keys.
enum Form {
    /// PKCS#8, in the clear.
    Private,
    /// RFC 5915 (SEC 1), with or without its parameters before it.
    OlderPrivate,
    Encrypted,
    Public,
}

/// Why this is no private key to sign with, if it is known what it is.
pub(super) fn instead_of_private(file: &Path, der: &[u8]) -> Option<String> {
    let file = file.display();
    Some(match form(der)? {
        Form::Private => return None,
        Form::OlderPrivate => format!(
            "{file} is an EC private key in the older form (SEC 1): `openssl pkey -in {file} -out bundle-key.pem` writes it as PKCS#8"
        ),
        Form::Encrypted => format!(
            "{file} is an encrypted private key: `openssl pkey -in {file} -out bundle-key.pem` asks for its password and writes it \
             in the clear"
        ),
        Form::Public => format!(
            "{file} is a public key: name the private one; `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out \
             bundle-key.pem` makes a new one"
        ),
    })
}

/// Why this is no public key, if it is known what it is.
pub(super) fn instead_of_public(file: &Path, der: &[u8]) -> Option<String> {
    match form(der)? {
        Form::Public => None,
        Form::Private | Form::OlderPrivate | Form::Encrypted => Some(format!(
            "{0} is a private key: `openssl pkey -in {0} -pubout -out bundle-public.pem` writes the public one",
            file.display()
        )),
    }
}

fn form(der: &[u8]) -> Option<Form> {
    if SigningKey::from_pkcs8_der(der).is_ok() {
        return Some(Form::Private);
    }
    if PublicKey::from_spki_der(der).is_ok() {
        return Some(Form::Public);
    }
    // `openssl ecparam -genkey` writes the curve's name in a block before the key.
    if der.first() == Some(&0x06) {
        return Some(Form::OlderPrivate);
    }
    let (tag, content, _) = element(der)?;
    let (first, value, rest) = element(content)?;
    let (second, ..) = element(rest)?;
    match (tag, first, second) {
        // ECPrivateKey ::= SEQUENCE { version INTEGER (1), privateKey OCTET STRING … }
        (0x30, 0x02, 0x04) if value == [1] => Some(Form::OlderPrivate),
        // EncryptedPrivateKeyInfo ::= SEQUENCE { encryptionAlgorithm SEQUENCE, encryptedData OCTET STRING }
        (0x30, 0x30, 0x04) => Some(Form::Encrypted),
        // SubjectPublicKeyInfo ::= SEQUENCE { algorithm SEQUENCE, subjectPublicKey BIT STRING }
        (0x30, 0x30, 0x03) => Some(Form::Public),
        _ => None,
    }
}

/// Tag, content and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first & 0x7F {
        length if *first < 0x80 => (usize::from(length), rest),
        octets @ 1..=3 => {
            let (octets, rest) = rest.split_at_checked(usize::from(octets))?;
            let length = octets
                .iter()
                .fold(0, |length, octet| length << 8 | usize::from(*octet));
            (length, rest)
        }
        _ => return None,
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}
