use alloc::{borrow::ToOwned, vec, vec::Vec};

use chipgate_crypto::HashAlgorithm;
use der::Decode;
use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{LdsSecurityObject, LdsVersionInfo};
use crate::{DataGroup, LdsError};

fn with(version: u8, hash: HashAlgorithm, numbers: &[u8]) -> LdsSecurityObject {
    LdsSecurityObject {
        version,
        hash,
        data_groups: numbers
            .iter()
            .map(|&number| {
                let group = DataGroup::try_from(number).unwrap();
                (group, vec![number; hash.output_length()])
            })
            .collect(),
        lds_version: (version == 1).then(|| LdsVersionInfo {
            lds_version: "0108".to_owned(),
            unicode_version: "040000".to_owned(),
        }),
    }
}

#[test]
fn finds_the_hash_of_a_data_group() {
    let object = with(0, HashAlgorithm::Sha256, &[1, 2, 14]);
    assert_eq!(object.hash_of(DataGroup::DG14), Some(&[14; 32][..]));
    assert_eq!(object.hash_of(DataGroup::DG15), None);
}

#[test]
fn writes_the_layout_of_appendix_d() {
    let expected = "3029020100300706052b0e03021a301b30190201010414".to_owned() + &"01".repeat(20);
    let bytes = with(0, HashAlgorithm::Sha1, &[1]).encode();
    assert_eq!(hex::encode(bytes), expected);
}

/// The same structures for RustCrypto's `der`, which takes nothing but DER.
mod strict {
    use alloc::vec::Vec;

    use der::Sequence;
    use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef, PrintableStringRef};

    #[derive(Sequence)]
    pub struct Object<'a> {
        pub version: u8,
        pub hash_algorithm: Algorithm<'a>,
        pub hash_values: Vec<HashValue<'a>>,
        pub version_info: Option<VersionInfo<'a>>,
    }

    #[derive(Sequence)]
    pub struct Algorithm<'a> {
        pub algorithm: ObjectIdentifier,
        pub parameters: Option<AnyRef<'a>>,
    }

    #[derive(Sequence)]
    pub struct HashValue<'a> {
        pub number: u8,
        pub hash: &'a OctetStringRef,
    }

    #[derive(Sequence)]
    pub struct VersionInfo<'a> {
        pub lds_version: PrintableStringRef<'a>,
        pub unicode_version: PrintableStringRef<'a>,
    }
}

#[test]
fn a_strict_der_reader_reads_the_same() {
    for version in [0, 1] {
        for hash in HashAlgorithm::ALL {
            let object = with(version, hash, &[1, 2, 13, 14, 15, 16]);
            let bytes = object.encode();
            let strict = strict::Object::from_der(&bytes).unwrap();
            assert_eq!(strict.version, version);
            assert_eq!(strict.hash_algorithm.algorithm, hash.oid());
            assert!(strict.hash_algorithm.parameters.is_none());
            for (value, (group, hash)) in strict.hash_values.iter().zip(&object.data_groups) {
                assert_eq!((value.number, value.hash.as_bytes()), (group.number(), &hash[..]));
            }
            let versions = strict.version_info.map(|info| LdsVersionInfo {
                lds_version: info.lds_version.as_str().to_owned(),
                unicode_version: info.unicode_version.as_str().to_owned(),
            });
            assert_eq!(versions, object.lds_version);
        }
    }
}

#[test]
fn takes_null_parameters_and_refuses_others() {
    let plain = with(0, HashAlgorithm::Sha1, &[1]).encode();
    let with_parameters = |parameters: [u8; 2]| {
        let mut bytes = plain.clone();
        bytes[1] += 2;
        bytes[6] += 2;
        bytes.splice(14..14, parameters);
        LdsSecurityObject::parse(&bytes)
    };
    assert_eq!(with_parameters([5, 0]), Ok(with(0, HashAlgorithm::Sha1, &[1])));
    assert!(matches!(with_parameters([4, 0]), Err(LdsError::Field { .. })));
}

#[test]
fn rejects_what_could_be_read_in_two_ways() {
    let twice = with(0, HashAlgorithm::Sha256, &[1, 1]).encode();
    assert!(matches!(
        LdsSecurityObject::parse(&twice),
        Err(LdsError::Field { .. })
    ));
    let mut short = with(0, HashAlgorithm::Sha256, &[1, 2]);
    short.data_groups[1].1.pop();
    assert!(matches!(
        LdsSecurityObject::parse(&short.encode()),
        Err(LdsError::Field { .. })
    ));
    let mut mixed = with(1, HashAlgorithm::Sha256, &[1, 2]);
    mixed.version = 0;
    assert!(matches!(
        LdsSecurityObject::parse(&mixed.encode()),
        Err(LdsError::Field { .. })
    ));
    let empty = with(0, HashAlgorithm::Sha256, &[]).encode();
    assert!(matches!(
        LdsSecurityObject::parse(&empty),
        Err(LdsError::Field { .. })
    ));
    let mut newer = with(1, HashAlgorithm::Sha256, &[1, 2]);
    newer.version = 2;
    assert!(matches!(
        LdsSecurityObject::parse(&newer.encode()),
        Err(LdsError::Unsupported { .. })
    ));
}

#[test]
fn version_1_counts_with_and_without_the_version_information() {
    let mut object = with(1, HashAlgorithm::Sha256, &[1, 2]);
    assert!(object.lds_version.is_some());
    assert_eq!(LdsSecurityObject::parse(&object.encode()), Ok(object.clone()));
    object.lds_version = None;
    assert_eq!(LdsSecurityObject::parse(&object.encode()), Ok(object));
}

fn objects() -> impl Strategy<Value = LdsSecurityObject> {
    let numbers = prop::collection::btree_set(1..=16_u8, 1..=16);
    let hash = prop::sample::select(HashAlgorithm::ALL.to_vec());
    (0..=1_u8, hash, numbers).prop_map(|(version, hash, numbers)| {
        let numbers: Vec<u8> = numbers.into_iter().collect();
        with(version, hash, &numbers)
    })
}

proptest! {
    #[test]
    fn survives_a_round_trip(object in objects()) {
        prop_assert_eq!(LdsSecurityObject::parse(&object.encode()), Ok(object));
    }

    #[test]
    fn fails_on_every_truncation(object in objects()) {
        let bytes = object.encode();
        for length in 0..bytes.len() {
            prop_assert!(LdsSecurityObject::parse(&bytes[..length]).is_err());
        }
    }

    #[test]
    fn never_panics_on_any_bytes(bytes: Vec<u8>, position: prop::sample::Index, byte in any::<u8>()) {
        let _ = LdsSecurityObject::parse(&bytes);
        let mut altered = with(1, HashAlgorithm::Sha256, &[1, 2]).encode();
        let index = position.index(altered.len());
        altered[index] = byte;
        let _ = LdsSecurityObject::parse(&altered);
    }
}
