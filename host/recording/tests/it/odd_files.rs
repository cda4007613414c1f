//! Files that say more than they should, or say it otherwise: nothing of that is left after redaction.

use chipgate_lds::{DataGroup, File};
use chipgate_recording::{Entry, Outcome};

use crate::odd_exchanges::{
    COM, NAME, OK, PACE, TRAVEL_DOCUMENTS, exchange, object, recording, redacted, select, tells, with_status,
};

/// A reading of a file that can't be what it should be, or says more than it should.
fn reading(file: File, bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let mut exchanges = vec![
        select(file.identifier()),
        exchange(&[0, 0xB0, 0, 0, 0, 0, 0], &with_status(bytes)),
    ];
    if file.is_in_application() {
        exchanges.insert(0, exchange(TRAVEL_DOCUMENTS, OK));
    }
    exchanges
}

fn group(number: u8) -> File {
    File::DataGroup(DataGroup::try_from(number).unwrap())
}

#[test]
fn a_name_in_a_file_that_says_more_than_it_should_is_exchanged() {
    let file = |name: &str| File::from_name(name).unwrap();
    let more = object(0x53, &[NAME]);
    let zone = b"P<UTOTEST<<TEST<<<<<<<<<<<<<<<<<<<<<<<<<<<<<X000000000UTO8001014<3501017<<<<<<<<<<<<<<00";
    // An unknown protocol under an arc of its own, with a value.
    let info = object(0x30, &[&[0x06, 0x03, 0x2A, 0x03, 0x04], &object(0x04, &[NAME])]);
    let pace = [
        &[0x06, 0x0A][..],
        &PACE[2..12],
        &[0x02, 0x01, 0x02, 0x02, 0x01, 0x0C],
    ]
    .concat();
    let pace = object(0x30, &[&pace]);
    let capabilities = [0x47, 0x03, 0x84, 0x01, 0xC0];
    let odd = [
        ("EF.COM", object(0x60, &[&COM[2..], &more])),
        ("EF.COM", object(0x60, &[&more])),
        ("EF.COM", NAME.to_vec()),
        ("EF.COM", object(0x60, &[&object(0x5F01, &[NAME]), &COM[9..]])),
        ("EF.COM", object(0x60, &[&COM[2..18], &object(0x5C, &[NAME])])),
        ("EF.COM", [COM, NAME].concat()),
        ("EF.CardAccess", object(0x31, &[&pace, &info])),
        ("EF.CardAccess", [&object(0x31, &[&pace])[..], NAME].concat()),
        ("EF.CardAccess", object(0x31, &[&more])),
        ("EF.ATR/INFO", [&capabilities[..], &more].concat()),
        ("EF.ATR/INFO", object(0x47, &[NAME])),
        (
            "EF.DIR",
            object(
                0x61,
                &[&object(0x4F, &[&TRAVEL_DOCUMENTS[5..]]), &object(0x50, &[NAME])],
            ),
        ),
        (
            "EF.DIR",
            [&object(0x61, &[&object(0x4F, &[NAME])])[..], NAME].concat(),
        ),
        ("EF.CVCA", object(0x43, &[NAME])),
        ("DG1", object(0x61, &[&more, &object(0x5F1F, &[zone])])),
        ("DG2", object(0x75, &[&object(0x7F61, &[&[2, 1, 0], &more])])),
        ("DG11", object(0x6B, &[&object(0x5C, &[NAME])])),
        (
            "DG11",
            object(
                0x6B,
                &[
                    &object(0x06, &[NAME]),
                    &object(0x01, &[NAME]),
                    &object(0x0A, &[NAME]),
                ],
            ),
        ),
        (
            "DG12",
            object(0x6C, &[&object(0x5F01, &[NAME]), &object(0x05, &[NAME])]),
        ),
        ("DG14", object(0x6E, &[&object(0x31, &[&info])])),
        ("DG14", object(0x6E, &[&object(0x31, &[&pace, &more])])),
    ];
    for (name, bytes) in odd {
        let exchanges = reading(file(name), &bytes);
        assert!(tells(&recording(&exchanges)), "{name}");
        let redacted = redacted(&exchanges).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!tells(&redacted), "{name} {}", hex::encode(&bytes));
    }
}

/// The year of birth in two bytes.
#[test]
fn a_number_in_two_bytes_is_exchanged() {
    let year = [0x02, 0x02, 0x07, 0xCC];
    let exchanges = reading(group(13), &object(0x6D, &[&object(0x30, &[&year])]));
    let redacted = redacted(&exchanges).unwrap();
    let found = redacted.entries.iter().any(|entry| match entry {
        Entry::Exchange {
            outcome: Outcome::Response(response),
            ..
        } => response.windows(4).any(|part| part == year),
        _ => false,
    });
    assert!(!found);
}

/// Chip authentication's key on a curve that no one here knows is the chip's alone all the same.
#[test]
fn a_key_of_an_unknown_kind_is_exchanged() {
    let key = object(
        0x30,
        &[
            &object(0x06, &[&[0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x01, 0x02]]), // id-PK-ECDH
            &object(
                0x30,
                &[
                    &object(0x30, &[&[0x06, 0x03, 0x2A, 0x03, 0x04]]),
                    &object(0x03, &[&[0], NAME, NAME]),
                ],
            ),
        ],
    );
    let set = object(0x31, &[&key]);
    for (file, bytes) in [(group(14), object(0x6E, &[&set])), (File::CardAccess, set)] {
        let exchanges = reading(file, &bytes);
        assert!(tells(&recording(&exchanges)));
        assert!(!tells(&redacted(&exchanges).unwrap()), "{file}");
    }
}
