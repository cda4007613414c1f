use alloc::{format, string::String, vec, vec::Vec};

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::{Comparison, ComparisonResult, CrossCheckField, CrossCheckSource, CrossChecked};
use crate::vietnam::{CitizenNumber, CitizenQr, CitizenValue, Dg13Vietnam};
use crate::{Mrz, MrzFields, MrzKind, Sex, Text};

const CODE: &str =
    "001302012345|123456789|Nguyễn Thị Hoa|15042002|Nữ|Số 1, Hà Nội|20052021||Nguyễn Văn An|Trần Thị Bình";

fn mrz(number: &str, secondary: &str, birth_date: &str, sex: Sex, expiry_date: &str) -> Mrz {
    let number = CitizenNumber::parse(number).unwrap();
    Mrz::build(&MrzFields {
        kind: MrzKind::Td1,
        document_code: "ID",
        issuing_state: "VNM",
        document_number: number.document_number(),
        nationality: "VNM",
        birth_date,
        sex,
        expiry_date,
        optional_data: &number.optional_data(),
        optional_data_2: "",
        primary: "NGUYEN",
        secondary,
    })
    .unwrap()
}

fn genuine_mrz() -> Mrz {
    mrz("001302012345", "THI HOA", "020415", Sex::Female, "270415")
}

fn details(name: &str, expires: &str) -> Dg13Vietnam {
    let text = |text: &str| CitizenValue::Text(Text::from(text));
    Dg13Vietnam {
        fields: vec![
            (1, text("001302012345")),
            (2, text(name)),
            (3, text("15/04/2002")),
            (4, text("Nữ")),
            (11, text("20/05/2021")),
            (12, text(expires)),
        ],
    }
}

fn difference(field: CrossCheckField, left: CrossCheckSource, right: CrossCheckSource) -> Comparison {
    let result = ComparisonResult::Differs;
    Comparison {
        field,
        left,
        right,
        result,
    }
}

#[test]
fn a_genuine_card_agrees_with_itself_everywhere() {
    let (qr, mrz) = (CitizenQr::parse(CODE).unwrap(), genuine_mrz());
    let details = details("NGUYỄN THỊ HOA", "15/04/2027");
    let all = CrossChecked {
        qr: Some(&qr),
        printed: Some(&mrz),
        chip: Some(&mrz),
        details: Some(&details),
    };
    let check = all.cross_check();
    assert_eq!(check.differences().collect::<Vec<_>>(), Vec::<&Comparison>::new());
    assert_eq!(check.result(), ComparisonResult::Agrees);
    assert_eq!(check.printed_against_chip(), ComparisonResult::Agrees);
    let agreeing = |field| {
        let all = check.comparisons.iter();
        all.filter(|comparison| comparison.field == field && comparison.result == ComparisonResult::Agrees)
            .count()
    };
    // Six pairs of places, four numbers with themselves, three dates of expiry with the law.
    assert_eq!(agreeing(CrossCheckField::Number), 6);
    assert_eq!(agreeing(CrossCheckField::Name), 6);
    assert_eq!(agreeing(CrossCheckField::BirthDate), 10);
    assert_eq!(agreeing(CrossCheckField::Sex), 10);
    assert_eq!(agreeing(CrossCheckField::IssueDate), 1);
    assert_eq!(agreeing(CrossCheckField::ExpiryDate), 6);
}

#[test]
fn a_chip_in_another_card_shows_in_number_name_and_dates() {
    let qr = CitizenQr::parse(CODE).unwrap();
    let other = mrz("079090054321", "VAN NAM", "900101", Sex::Male, "300101");
    let check = CrossChecked {
        qr: Some(&qr),
        chip: Some(&other),
        ..CrossChecked::default()
    }
    .cross_check();
    let pair = |field| difference(field, CrossCheckSource::QrCode, CrossCheckSource::ChipMrz);
    let differences: Vec<Comparison> = check.differences().copied().collect();
    for field in [
        CrossCheckField::Number,
        CrossCheckField::Name,
        CrossCheckField::BirthDate,
        CrossCheckField::Sex,
    ] {
        assert!(differences.contains(&pair(field)), "{field:?}");
    }
    assert_eq!(check.printed_against_chip(), ComparisonResult::Differs);
}

#[test]
fn a_chip_is_of_another_document_if_anything_differs_or_the_number_is_missing() {
    let qr = CitizenQr::parse(CODE).unwrap();
    let against = |chip: &Mrz| {
        let places = CrossChecked {
            qr: Some(&qr),
            chip: Some(chip),
            ..CrossChecked::default()
        };
        places.cross_check().chip_of_another_document()
    };
    assert_eq!(against(&genuine_mrz()), None);
    let sister = mrz("001302012345", "THI HONG", "020415", Sex::Female, "270415");
    assert_eq!(against(&sister), Some(CrossCheckField::Name));
    let other = mrz("001302012346", "THI HOA", "020415", Sex::Female, "270415");
    assert_eq!(against(&other), Some(CrossCheckField::Number));
    // The holder's passport: everything agrees, but it has no citizen's number where a citizen card has it.
    let mut passport = genuine_mrz();
    passport.kind = MrzKind::Td3;
    assert_eq!(against(&passport), Some(CrossCheckField::Number));
}

#[test]
fn a_parents_name_is_not_taken_for_a_differing_name() {
    let qr = CitizenQr::parse(CODE).unwrap();
    assert_eq!(qr.other.len(), 5);
    let check = CrossChecked {
        qr: Some(&qr),
        chip: Some(&genuine_mrz()),
        ..CrossChecked::default()
    };
    assert_eq!(check.cross_check().result(), ComparisonResult::Agrees);
}

#[test]
fn an_altered_expiry_is_no_birthday() {
    let qr = CitizenQr::parse(CODE).unwrap();
    let altered = mrz("001302012345", "THI HOA", "020415", Sex::Female, "280415");
    let check = CrossChecked {
        qr: Some(&qr),
        printed: Some(&altered),
        chip: Some(&genuine_mrz()),
        details: None,
    };
    let differences: Vec<Comparison> = check.cross_check().differences().copied().collect();
    let field = CrossCheckField::ExpiryDate;
    assert_eq!(
        differences,
        [
            difference(field, CrossCheckSource::PrintedMrz, CrossCheckSource::ChipMrz),
            difference(field, CrossCheckSource::PrintedMrz, CrossCheckSource::Law),
        ]
    );
}

#[test]
fn after_sixty_no_date_of_expiry_counts() {
    let code = "001160012345||Nguyễn Thị Hoa|15041960|Nữ|Số 1|20052021";
    let qr = CitizenQr::parse(code).unwrap();
    let zone = mrz("001160012345", "THI HOA", "600415", Sex::Female, "991231");
    let check = CrossChecked {
        qr: Some(&qr),
        chip: Some(&zone),
        ..CrossChecked::default()
    }
    .cross_check();
    assert_eq!(check.result(), ComparisonResult::Agrees);
    let law = check.comparisons.last().unwrap();
    assert_eq!(
        (law.right, law.result),
        (CrossCheckSource::Law, ComparisonResult::NotComparable)
    );
}

#[test]
fn opaque_and_missing_fields_are_not_comparable() {
    let opaque = Dg13Vietnam {
        fields: vec![
            (1, CitizenValue::Opaque(Text::Opaque(vec![4, 0]))),
            (2, CitizenValue::Empty),
        ],
    };
    let check = CrossChecked {
        chip: Some(&genuine_mrz()),
        details: Some(&opaque),
        ..CrossChecked::default()
    };
    let check = check.cross_check();
    let against_details = check
        .comparisons
        .iter()
        .filter(|comparison| comparison.right == CrossCheckSource::ChipDetails);
    assert!(
        against_details
            .clone()
            .all(|comparison| comparison.result == ComparisonResult::NotComparable)
    );
    assert_eq!(against_details.count(), 6);
    assert_eq!(
        CrossChecked::default().cross_check().result(),
        ComparisonResult::NotComparable
    );
    // Another document's zone has no number.
    let mut other = genuine_mrz();
    other.issuing_state = "UTO".into();
    let check = CrossChecked {
        chip: Some(&other),
        ..CrossChecked::default()
    }
    .cross_check();
    assert_eq!(check.comparisons, []);
}

#[test]
fn an_unknown_part_of_a_date_is_not_compared_and_a_known_one_is() {
    let qr = CitizenQr::parse(CODE).unwrap();
    let result = |birth_date| {
        let zone = mrz("001302012345", "THI HOA", birth_date, Sex::Female, "270415");
        let check = CrossChecked {
            qr: Some(&qr),
            chip: Some(&zone),
            ..CrossChecked::default()
        }
        .cross_check();
        let birth = check
            .comparisons
            .iter()
            .find(|comparison| comparison.field == CrossCheckField::BirthDate);
        birth.unwrap().result
    };
    assert_eq!(result("0204<<"), ComparisonResult::NotComparable);
    assert_eq!(result("0205<<"), ComparisonResult::Differs);
}

proptest! {
    #[test]
    fn never_panics_and_never_reports_a_place_that_is_missing(name: String, date in "[0-9/]{8,10}", tail: String) {
        let qr = CitizenQr::parse(&format!("001302012345|{tail}|{name}|15042002|Nữ|{date}"));
        let details = details(&name, &date);
        let check = CrossChecked { qr: qr.as_ref().ok(), printed: None, chip: Some(&genuine_mrz()), details: Some(&details) };
        let check = check.cross_check();
        prop_assert!(check.comparisons.iter().all(|comparison| comparison.left != CrossCheckSource::PrintedMrz));
        prop_assert_eq!(check.result() == ComparisonResult::Differs, check.differences().count() > 0);
    }
}
