//! A device's name and key, as an operator gives them.

use chipgate_crypto::{Curve, PublicKey};
use pem_rfc7468::LineEnding;

use crate::error::VerifierError;

/// Label of a public key in PEM (RFC 7468, section 13).
const PUBLIC_KEY: &str = "PUBLIC KEY";

/// Whether this can be a device's name: it stands in addresses, pages and file names.
pub(crate) fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=64).contains(&name.len()) && name.bytes().all(plain)
}

/// The name, if it can be one.
pub(crate) fn name(name: &str) -> Result<&str, VerifierError> {
    if is_name(name) {
        Ok(name)
    } else {
        Err(VerifierError::DeviceName {
            name: name.to_owned(),
        })
    }
}

/// The key as DER of SubjectPublicKeyInfo, from PEM or hexadecimal digits. Reports are signed with ES256, so that it
/// lies on P-256.
pub(crate) fn public_key(text: &str) -> Result<Vec<u8>, VerifierError> {
    let text = text.trim();
    let der = if text.starts_with("-----BEGIN") {
        from_pem(text)?
    } else {
        from_hex(text)?
    };
    match PublicKey::from_spki_der(&der) {
        Ok(PublicKey::Ec(point)) if point.curve() == Curve::P256 => Ok(PublicKey::Ec(point).to_spki_der()),
        Ok(_) => Err(VerifierError::DeviceKey {
            reason: "it is no key on P-256",
        }),
        Err(_) => Err(VerifierError::DeviceKey {
            reason: "it is no public key",
        }),
    }
}

/// A public key as PEM.
pub(crate) fn to_pem(key: &PublicKey) -> Result<String, VerifierError> {
    pem_rfc7468::encode_string(PUBLIC_KEY, LineEnding::LF, &key.to_spki_der()).map_err(|_| {
        VerifierError::DeviceKey {
            reason: "it cannot be written as PEM",
        }
    })
}

fn from_pem(text: &str) -> Result<Vec<u8>, VerifierError> {
    let (label, der) = pem_rfc7468::decode_vec(text.as_bytes()).map_err(|_| VerifierError::DeviceKey {
        reason: "the PEM is damaged",
    })?;
    if label != PUBLIC_KEY {
        return Err(VerifierError::DeviceKey {
            reason: "the PEM is no PUBLIC KEY",
        });
    }
    Ok(der)
}

fn from_hex(text: &str) -> Result<Vec<u8>, VerifierError> {
    let digits: String = text.split_whitespace().collect();
    hex::decode(digits).map_err(|_| VerifierError::DeviceKey {
        reason: "it is neither PEM nor hexadecimal",
    })
}

#[cfg(test)]
mod tests {
    use chipgate_crypto::SigningKey;

    use super::*;
    use crate::testing::Counter;

    fn key(curve: Curve) -> Vec<u8> {
        let key = SigningKey::generate_ec(curve, &mut Counter::starting_at(1)).unwrap();
        key.public_key().to_spki_der()
    }

    #[test]
    fn takes_a_key_as_pem_and_as_hexadecimal() {
        let der = key(Curve::P256);
        let pem = pem_rfc7468::encode_string(PUBLIC_KEY, LineEnding::LF, &der).unwrap();
        assert_eq!(public_key(&pem).unwrap(), der);
        assert_eq!(
            public_key(&format!("{}\n", hex::encode_upper(&der))).unwrap(),
            der
        );
    }

    #[test]
    fn takes_the_key_that_openssl_writes() {
        let command = "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout 2>/dev/null";
        match std::process::Command::new("sh").args(["-c", command]).output() {
            Ok(output) if output.status.success() => {
                public_key(&String::from_utf8(output.stdout).unwrap()).unwrap();
            }
            _ => println!("skipped: takes_the_key_that_openssl_writes (no openssl)"),
        }
    }

    #[test]
    fn refuses_keys_of_another_kind() {
        let reason = |text: &str| match public_key(text) {
            Err(VerifierError::DeviceKey { reason }) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason(&hex::encode(key(Curve::P384))), "it is no key on P-256");
        assert_eq!(reason("00"), "it is no public key");
        assert_eq!(reason("key"), "it is neither PEM nor hexadecimal");
        assert_eq!(reason("-----BEGIN PUBLIC KEY-----\nA\n"), "the PEM is damaged");
        let secret = pem_rfc7468::encode_string("PRIVATE KEY", LineEnding::LF, &[1, 2]).unwrap();
        assert_eq!(reason(&secret), "the PEM is no PUBLIC KEY");
    }

    #[test]
    fn refuses_names_that_could_break_a_page_or_an_address() {
        for good in ["gate-07", "counter.noi-bai_2", "A"] {
            assert!(name(good).is_ok());
        }
        for bad in ["", "gate 7", "a/b", "<b>", "é", "a&b", &"x".repeat(65)] {
            assert!(name(bad).is_err(), "{bad}");
        }
    }
}
