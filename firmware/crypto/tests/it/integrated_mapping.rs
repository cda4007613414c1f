//! PACE's integrated mapping: the worked examples of Doc 9303-11, appendix H, and plain arithmetic in Python on every curve
//! and with every cipher.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, Cipher, CryptoError, Curve, DhGroup, SessionKeys,
};
use hex_literal::hex;
use rand::Rng;

use crate::rng;

#[test]
fn maps_and_agrees_on_a_curve_as_appendix_h_1_does() {
    let group = AgreementGroup::Ecdh(Curve::BrainpoolP256r1);
    let s = hex!("2923BE84E16CD6AE529049F1F1BBE9EB");
    let t = hex!("5DD4CBFC96F5453B130D890A1CDBAE32");
    let generator = group.map_integrated(Cipher::Aes128, &s, &t).unwrap();
    assert_eq!(
        generator.to_bytes(),
        hex!(
            "04"
            "8E82D31559ED0FDE92A4D0498ADD3C23BABA94FB77691E31E90AEA77FB17D427"
            "4C1AE14BD0C3DBAC0C871B7F3608169364437CA30AC243A089D3F266C1E60FAD"
        )
    );
    let key = |bytes| AgreementPrivateKey::from_bytes(group, bytes).unwrap();
    let chip = key(&hex!(
        "107CF58696EF6155053340FD633392BA81909DF7B9706F226F32086C7AFF974A"
    ));
    let terminal = key(&hex!(
        "A73FB703AC1436A18E0CFA5ABB3F7BEC7A070E7A6788486BEE230C4A22762595"
    ));
    let secret = terminal.agree(&chip.apply(&generator).unwrap()).unwrap();
    assert_eq!(
        secret.as_bytes(),
        hex!("4F150FDE1D4F0E38E95017B891BAE17133A0DF45B0D3E18B60BA7BEAFDC2C713")
    );
    let keys = SessionKeys::derive(Cipher::Aes128, secret.as_bytes());
    assert_eq!(keys.mac.as_bytes(), hex!("B01E89E3D9E8719E586B50B4A7506E0B"));
}

#[test]
fn maps_modulo_a_prime_as_appendix_h_2_does() {
    let s = hex!("FA5B7E3E49753A0DB9178B7B9BD898C8");
    let t = hex!("B3A6DB3C870C3E99245E0D1C06B747DE");
    let generator = AgreementGroup::Dh(DhGroup::Modp1024Order160)
        .map_integrated(Cipher::Aes128, &s, &t)
        .unwrap();
    assert_eq!(
        generator.to_bytes(),
        hex!(
            "1D7D767F11E333BCD6DBAEF40E799E7A926B96973550656FF3C830726D118D61"
            "C276CDCC61D475CF03A98E0C0E79CAEBA5BE25578BD4551D0B10903236F0B0F9"
            "76852FA78EEA14EA0ACA87D1E91F688FE0DFF897BBE35A472621D343564B262F"
            "34223AE8FC59B664BFEDFA2BFE7516CA5510A6BBB633D517EC25D4E0BBAA16C2"
        )
    );
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The mapped points by `integrated_mapping.py`; `None` where there is no Python with `cryptography`.
fn by_python(lines: &str) -> Option<String> {
    let mut python = Command::new("python3")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/it/integrated_mapping.py"
        ))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()?;
    // A Python without the module ends before it has read anything.
    let _ = python.stdin.take()?.write_all(lines.as_bytes());
    let output = python.wait_with_output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(
        error.is_empty() || error.contains("ModuleNotFoundError"),
        "{error}"
    );
    output
        .status
        .success()
        .then(|| String::from_utf8(output.stdout).unwrap())
}

#[test]
fn maps_on_every_curve_with_every_cipher_as_plain_arithmetic_does() {
    let mut rng = rng();
    let (mut lines, mut found) = (String::new(), Vec::new());
    for curve in Curve::ALL
        .into_iter()
        .filter(|curve| curve.has_integrated_mapping())
    {
        for cipher in [Cipher::ALL; 4].into_iter().flatten() {
            let mut s = vec![0; if cipher.key_length() > 16 { 32 } else { 16 }];
            let mut t = vec![0; cipher.key_length()];
            rng.fill_bytes(&mut s);
            rng.fill_bytes(&mut t);
            let parameters = hex(&curve.explicit_parameters_der());
            let _ = writeln!(lines, "{cipher:?} {} {} {parameters}", hex(&s), hex(&t));
            let mapped = AgreementGroup::Ecdh(curve)
                .map_integrated(cipher, &s, &t)
                .unwrap();
            found.push(hex(&mapped.to_bytes()));
        }
    }
    match by_python(&lines) {
        Some(expected) => assert_eq!(found, expected.lines().collect::<Vec<_>>()),
        None => println!("skipped: maps_on_every_curve (no Python with cryptography)"),
    }
}

#[test]
fn there_is_no_integrated_mapping_on_p_224() {
    let group = AgreementGroup::Ecdh(Curve::P224);
    assert!(!group.has_integrated_mapping());
    assert_eq!(
        group.map_integrated(Cipher::Aes128, &[1; 16], &[2; 16]),
        Err(CryptoError::MappingNotPossible { curve: Curve::P224 })
    );
}

#[test]
fn nonces_have_the_lengths_of_their_cipher() {
    let group = AgreementGroup::Dh(DhGroup::Modp2048Order256);
    for (cipher, s, t) in [
        (Cipher::TripleDes, 16, 16),
        (Cipher::Aes128, 16, 16),
        (Cipher::Aes192, 32, 24),
        (Cipher::Aes256, 32, 32),
    ] {
        let map = |s: usize, t: usize| group.map_integrated(cipher, &vec![5; s], &vec![6; t]);
        assert!(map(s, t).is_ok());
        for (wrong_s, wrong_t) in [(s - 8, t), (s + 16, t), (0, t), (s, t - 8), (s, t + 8), (s, 0)] {
            let error = map(wrong_s, wrong_t).unwrap_err();
            assert!(matches!(error, CryptoError::NonceLength { .. }), "{error}");
        }
    }
}
