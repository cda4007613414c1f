use chipgate_apdu::Timestamp;
use chipgate_lds::{Mrz, MrzFields, MrzKey, MrzKind, Sex};
use rand::{SeedableRng, rngs::StdRng};

use super::InventedMrz;

fn zone(kind: MrzKind, number: &str, names: [&str; 2]) -> String {
    let fields = MrzFields {
        kind,
        document_code: if kind == MrzKind::Td3 { "P" } else { "I" },
        issuing_state: "UTO",
        document_number: number,
        nationality: "UTO",
        birth_date: "740812",
        sex: Sex::Female,
        expiry_date: "320415",
        optional_data: if number.len() > 9 { "" } else { "ZE184" },
        optional_data_2: "",
        primary: names[0],
        secondary: names[1],
    };
    let lines = Mrz::build(&fields).unwrap();
    lines.lines().collect()
}

fn invented(zone: &str, seed: u64) -> InventedMrz {
    InventedMrz::new(
        zone,
        Timestamp::from_seconds(1_782_864_000),
        &mut StdRng::seed_from_u64(seed),
    )
    .unwrap()
}

const FORMS: [(MrzKind, [&str; 2]); 5] = [
    (MrzKind::Td1, ["D23145890", "X99"]),
    (MrzKind::Td1, ["D23145890734", "A1234567890123"]),
    (MrzKind::Td2, ["D23145890", "X99"]),
    (MrzKind::Td2, ["D23145890734", "A12345678901"]),
    (MrzKind::Td3, ["L898902C3", "X99"]),
];

/// A printed zone that is another one than the chip's: right check digits are right again, and a wrong one is wrong.
#[test]
fn check_digits_of_the_printed_zone_are_right_where_they_were() {
    for ((kind, [number, other]), seed) in FORMS.into_iter().zip(0..) {
        let chip = zone(kind, number, ["ERIKSSON", "ANNA MARIA"]);
        let mrz = invented(&chip, seed);
        Mrz::parse(&mrz.lines()).unwrap();
        for printed in [
            zone(kind, number, ["ERIKSEN", "ANNE"]),
            zone(kind, other, ["ERIKSSON", "ANNA MARIA"]),
        ] {
            let apply = |printed: &[u8]| String::from_utf8(mrz.apply(printed).unwrap()).unwrap();
            let redacted = apply(printed.as_bytes());
            Mrz::parse(&redacted).unwrap_or_else(|error| panic!("{kind:?} {number}: {error}\n{redacted}"));
            assert_ne!(redacted, printed);
            for place in 0..printed.len() {
                let mut wrong = printed.clone().into_bytes();
                wrong[place] = match wrong[place] {
                    digit @ b'0'..=b'9' => b'0' + (digit - b'0' + 1) % 10,
                    _ => continue,
                };
                let was = Mrz::parse(core::str::from_utf8(&wrong).unwrap());
                let is = Mrz::parse(&apply(&wrong));
                assert_eq!(
                    was.is_ok(),
                    is.is_ok(),
                    "{kind:?} {number}, place {place}: {was:?} {is:?}"
                );
            }
        }
    }
}

/// The key of another document opens nothing, and is a key all the same.
#[test]
fn another_password_than_the_zones_stays_another_one_with_right_check_digits() {
    for ((kind, [number, other]), seed) in FORMS.into_iter().zip(0..) {
        let mrz = invented(&zone(kind, number, ["ERIKSSON", "ANNA MARIA"]), seed);
        let information = |key: MrzKey| String::from_utf8(key.information().as_bytes().to_vec()).unwrap();
        let own = information(MrzKey::from(&Mrz::parse(&mrz.lines()).unwrap()));
        let right = information(MrzKey::new(number, "740812", "320415").unwrap());
        assert_eq!(mrz.information(&right), own);
        let wrong = information(MrzKey::new(other, "740812", "320415").unwrap());
        let wrong = mrz.information(&wrong);
        assert_ne!(wrong, own);
        let (number, dates) = wrong.split_at(wrong.len() - 14);
        let again = MrzKey::new(
            number[..number.len() - 1].trim_end_matches('<'),
            &dates[..6],
            &dates[7..13],
        );
        assert_eq!(information(again.unwrap()), wrong);
    }
}
