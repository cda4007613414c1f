use alloc::{format, string::String, vec::Vec};

use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

use super::{Mrz, MrzField, MrzFields, MrzKey, MrzKind, NameAgreement, Sex};
use crate::{Dg1, LdsError};

/// The specimens of Doc 9303-4, -5 and -6.
const TD3: &str =
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10";
const TD1: &str =
    "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<";
const TD2: &str = "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6";
/// Document numbers of more than nine characters (Doc 9303-11, appendix D.2).
const LONG_TD1: &str =
    "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<";
const LONG_TD2: &str = "I<UTOSTEVENSON<<PETER<JOHN<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8";

fn failed(field: MrzField) -> Result<Mrz, LdsError> {
    Err(LdsError::MrzCheckDigit { field })
}

#[test]
fn reads_the_specimens_of_doc_9303() {
    for (text, kind, code, number, optional) in [
        (TD3, MrzKind::Td3, "P", "L898902C3", "ZE184226B"),
        (TD1, MrzKind::Td1, "I", "D23145890", ""),
        (TD2, MrzKind::Td2, "I", "D23145890", ""),
    ] {
        let mrz = Mrz::parse(text).unwrap();
        assert_eq!((mrz.kind, mrz.document_code.as_str()), (kind, code));
        assert_eq!(
            (mrz.issuing_state.as_str(), mrz.nationality.as_str()),
            ("UTO", "UTO")
        );
        assert_eq!(
            (mrz.document_number.as_str(), mrz.optional_data.as_str()),
            (number, optional)
        );
        assert_eq!(
            (mrz.birth_date.as_str(), mrz.expiry_date.as_str()),
            ("740812", "120415")
        );
        assert_eq!(mrz.sex, Sex::Female);
        assert_eq!(
            (&*mrz.names.primary, &*mrz.names.secondary),
            ("ERIKSSON", "ANNA MARIA")
        );
        assert_eq!(mrz.lines().collect::<Vec<_>>().join("\n"), text);
    }
}

#[test]
fn the_keys_information_is_that_of_doc_9303_11s_examples() {
    for text in [LONG_TD1, LONG_TD2] {
        let seed = Mrz::parse(text).unwrap().key_seed_text();
        assert_eq!(seed.as_bytes(), b"D23145890734934071279507122");
        assert_eq!(format!("{seed:?}"), "Secret(27 bytes)");
    }
    let key = MrzKey::new("L898902C", "690806", "940623").unwrap();
    assert_eq!(key.information().as_bytes(), b"L898902C<369080619406236");
    let mrz = Mrz::parse(TD1).unwrap();
    assert!(MrzKey::from(&mrz) == MrzKey::new("D23145890", "740812", "120415").unwrap());
    assert!(
        MrzKey::new("D23145890734", "340712", "950712").unwrap() == (&Mrz::parse(LONG_TD2).unwrap()).into()
    );
}

#[test]
fn a_long_document_number_is_read_in_full() {
    for text in [LONG_TD1, LONG_TD2] {
        let mrz = Mrz::parse(text).unwrap();
        assert_eq!(mrz.document_number, "D23145890734");
        assert_eq!(mrz.optional_data, "");
    }
    let wrong = LONG_TD1.replace("<7349<", "<7348<");
    assert_eq!(Mrz::parse(&wrong), failed(MrzField::DocumentNumber));
}

#[test]
fn a_wrong_check_digit_names_its_field() {
    for (right, wrong, field) in [
        ("L898902C36", "L898902C35", MrzField::DocumentNumber),
        ("L898902C36", "L898902C46", MrzField::DocumentNumber),
        ("7408122", "7408123", MrzField::BirthDate),
        ("1204159", "1204169", MrzField::ExpiryDate),
        ("ZE184226B", "ZE184226C", MrzField::OptionalData),
        ("<<<<<10", "<<<<<11", MrzField::Composite),
    ] {
        assert_eq!(Mrz::parse(&TD3.replace(right, wrong)), failed(field));
    }
}

#[test]
fn says_where_a_text_is_no_machine_readable_zone() {
    assert_eq!(
        Mrz::parse(&TD3[..87]),
        Err(LdsError::MrzLength { characters: 86 })
    );
    assert_eq!(Mrz::parse(""), Err(LdsError::MrzLength { characters: 0 }));
    assert_eq!(Mrz::parse("P<utO"), Err(LdsError::MrzCharacter { position: 3 }));
    assert_eq!(Mrz::parse("P<UTÖ"), Err(LdsError::MrzCharacter { position: 5 }));
    let sex = TD3.replace("2F12", "2A12");
    let field = MrzField::Sex;
    assert_eq!(Mrz::parse(&sex), Err(LdsError::MrzField { field }));
    let state = TD3.replace("P<UTO", "P<U1O");
    let field = MrzField::IssuingState;
    assert_eq!(Mrz::parse(&state), Err(LdsError::MrzField { field }));
}

#[test]
fn nothing_personal_appears_in_debug() {
    let shown = format!(
        "{:?} {:?}",
        Mrz::parse(TD3).unwrap(),
        MrzKey::from(&Mrz::parse(TD3).unwrap())
    );
    for secret in ["ERIKSSON", "L898902C3", "740812"] {
        assert!(!shown.contains(secret), "{shown}");
    }
}

#[test]
fn rejects_a_key_that_no_zone_can_have() {
    assert!(MrzKey::new("", "740812", "120415").is_err());
    assert!(MrzKey::new("L898902c3", "740812", "120415").is_err());
    assert!(MrzKey::new("L898902C3", "741312", "120415").is_err());
    assert!(MrzKey::new("L898902C3", "740812", "12041").is_err());
}

fn fields(kind: MrzKind) -> MrzFields<'static> {
    MrzFields {
        kind,
        document_code: "P",
        issuing_state: "D",
        document_number: "C01X00T47",
        nationality: "D",
        birth_date: "6408<<",
        sex: Sex::Unspecified,
        expiry_date: "270131",
        optional_data: "",
        optional_data_2: "",
        primary: "Mustermann".to_uppercase().leak(),
        secondary: "ERIKA-MARIA D'ARC",
    }
}

#[test]
fn fillers_stand_for_what_is_short_or_unknown() {
    let mrz = Mrz::build(&fields(MrzKind::Td3)).unwrap();
    assert!(
        mrz.text.starts_with("P<D<<MUSTERMANN<<ERIKA<MARIA<DARC<<<"),
        "{}",
        mrz.text
    );
    assert_eq!(mrz.issuing_state, "D");
    assert_eq!(mrz.birth_date.day(), None);
    assert_eq!(mrz.names.secondary, "ERIKA MARIA DARC");
    // The check digit of an empty personal number may be a filler (Doc 9303-4, 4.2.2).
    let with_filler = format!("{}<{}", &mrz.text[..86], &mrz.text[87..]);
    assert_eq!(Mrz::parse(&with_filler).unwrap().optional_data, "");
}

#[test]
fn long_names_are_cut_and_say_so() {
    let long = "ABCDEFGHIJKLMNOPQRSTUVWXYZ ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut td1 = fields(MrzKind::Td1);
    assert!(!Mrz::build(&td1).unwrap().names_may_be_cut());
    td1.secondary = long;
    let mrz = Mrz::build(&td1).unwrap();
    assert_eq!(mrz.names.secondary, "ABCDEFGHIJKLMNOPQR");
    assert!(mrz.names_may_be_cut());
    assert_eq!(
        mrz.name_agreement(&format!("Mustermann {long}")),
        NameAgreement::Cut
    );
    td1.primary = long;
    let mrz = Mrz::build(&td1).unwrap();
    assert_eq!(mrz.names.primary, "ABCDEFGHIJKLMNOPQRSTUVWXY A");
    assert_eq!(mrz.names.secondary, "A");
}

#[test]
fn what_could_not_be_read_back_is_not_built() {
    let mut td3 = fields(MrzKind::Td3);
    td3.document_number = "C01X00T471";
    assert!(matches!(Mrz::build(&td3), Err(LdsError::DoesNotFit { .. })));
    let mut td1 = fields(MrzKind::Td1);
    td1.document_number = "C01X00T47123456789012345";
    assert!(matches!(Mrz::build(&td1), Err(LdsError::DoesNotFit { .. })));
    td1.document_number = "";
    assert!(Mrz::build(&td1).is_err());
    td1.document_number = "c01";
    assert!(Mrz::build(&td1).is_err());
    td1.document_number = "ÄÖÜÄÖÜ";
    assert!(Mrz::build(&td1).is_err());
}

fn kinds() -> impl Strategy<Value = MrzKind> {
    prop::sample::select([MrzKind::Td1, MrzKind::Td2, MrzKind::Td3].to_vec())
}

proptest! {
    #[test]
    fn survives_a_round_trip(
        kind in kinds(),
        number in "[A-Z0-9]{1,14}",
        birth in "[0-9]{2}(0[1-9]|1[0-2]|<<)([0-2][1-9]|<<)",
        optional in "[A-Z0-9]{0,7}",
        second in "[A-Z0-9]{0,11}",
        primary in "[A-Z]{1,20}",
        secondary in "[A-Z]{0,8}",
    ) {
        let mut given = fields(kind);
        (given.document_number, given.birth_date) = (&number, &birth);
        (given.primary, given.secondary) = (&primary, &secondary);
        if kind == MrzKind::Td1 {
            given.optional_data_2 = &second;
        }
        if number.len() <= 9 {
            given.optional_data = &optional;
        }
        let long = number.len() > 9;
        match Mrz::build(&given) {
            Err(error) => prop_assert!(long && kind != MrzKind::Td1, "{}", error),
            Ok(mrz) => {
                prop_assert_eq!(&mrz.document_number, &number);
                prop_assert_eq!(mrz.birth_date.as_str(), &birth);
                prop_assert_eq!(&mrz.optional_data, given.optional_data);
                prop_assert_eq!(&mrz.optional_data_2, given.optional_data_2);
                prop_assert_eq!((&mrz.names.primary, &mrz.names.secondary), (&primary, &secondary));
                let dg1 = Dg1 { mrz };
                let file = dg1.encode();
                prop_assert_eq!(Dg1::parse(&file), Ok(dg1));
                for length in 0..file.len() {
                    prop_assert!(Dg1::parse(&file[..length]).is_err());
                }
            }
        }
    }

    #[test]
    fn never_panics_on_any_text(text: String, kind in kinds(), zone in "[A-Z0-9<]{90}") {
        let _ = Mrz::parse(&text);
        let _ = Mrz::parse(&zone[..kind.length()]);
        let _ = MrzKey::new(&text, &text, &text);
        let mut given = fields(kind);
        given.document_number = &text;
        given.optional_data = &text;
        given.primary = &text;
        let _ = Mrz::build(&given);
    }

    #[test]
    fn an_altered_digit_of_the_key_is_noticed(position in 44..72_usize, digit in any::<u8>()) {
        // A check digit misses a change whose weighted difference is a multiple of ten; single digits always show.
        let text = TD3.replace('\n', "");
        let was = text.as_bytes()[position];
        let digit = b'0' + digit % 10;
        if was.is_ascii_digit() && was != digit {
            let altered = format!("{}{}{}", &text[..position], char::from(digit), &text[position + 1..]);
            prop_assert!(Mrz::parse(&altered).is_err());
        }
    }
}
