//! `issuing-state`, `document-expiry`, `printed-electronic-agreement`, `document-status`: what DG1 is good for.

use alloc::string::String;

use chipgate_apdu::Timestamp;
use chipgate_lds::vietnam::{CitizenQr, CrossCheckField, CrossChecked};
use chipgate_lds::{Date, LdsError, Mrz, MrzKey, MrzKind};
use chipgate_trust::{Certificate, KnownDefect};

use crate::checks::defects;

use crate::country::signing_countries;
use crate::found::Found;
use crate::observations::Printed;
use crate::proofs::Group;
use crate::reason::Reason;

/// The verified machine readable zone, or why a check that reads it cannot run.
pub(crate) fn verified_mrz(mrz: Group<Result<Mrz, LdsError>>) -> Result<Mrz, Found> {
    match mrz {
        Group::Verified(Ok(mrz)) => Ok(mrz),
        Group::Verified(Err(error)) => Err(Found::failed(Reason::MrzUnreadable).about(error)),
        Group::Altered | Group::Withheld | Group::NotRead | Group::NotListed | Group::Unproven => {
            Err(Found::undetermined(Reason::MrzNotVerified))
        }
    }
}

/// A state signs its own documents only: the country of the signer's certificate, which is the CSCA's, is the
/// issuing state's (Doc 9303-12, 7.1).
pub(crate) fn issuing_state(state: &str, signer: Option<&Certificate>, defects: &[KnownDefect]) -> Found {
    let country = signer.and_then(|signer| signer.subject().country());
    let corrected = defects::corrected_country(defects).filter(|_| signer.is_some());
    signed_by_state(state, corrected.or(country))
}

fn signed_by_state(state: &str, signer: Option<&str>) -> Found {
    let state = state.trim_end_matches('<');
    let Some(signer) = signer else {
        return Found::undetermined(Reason::SignerWithoutCountry);
    };
    let mut countries = signing_countries(state).peekable();
    if countries.peek().is_none() {
        return Found::undetermined(Reason::IssuingStateUnknown).about(state);
    }
    if countries.any(|country| country.eq_ignore_ascii_case(signer)) {
        return Found::successful();
    }
    Found::failed(Reason::IssuingStateDiffers).about(format_args!("{state} signed by {signer}"))
}

/// A signer that names types of document signs those only (Doc 9303-12, documentTypeList). A type of one letter stands
/// for every document code that starts with it.
pub(crate) fn document_type(mrz: &Mrz, signer: Option<&Certificate>) -> Found {
    let types = signer.and_then(Certificate::document_types);
    type_listed(mrz.document_code.trim_end_matches('<'), types)
}

fn type_listed(code: &str, types: Option<&[String]>) -> Found {
    let covers = |listed: &String| {
        let listed = listed.trim_end_matches('<');
        listed == code || (listed.len() == 1 && code.starts_with(listed))
    };
    match types {
        Some(types) if !types.iter().any(covers) => Found::failed(Reason::DocumentTypeNotListed).about(code),
        _ => Found::successful(),
    }
}

/// The date of expiry, which is the last day of validity, against the day in UTC.
pub(crate) fn document_expiry(mrz: &Mrz, now: Timestamp) -> Found {
    let Some(today) = Date::from_timestamp(now) else {
        return expiry_not_given();
    };
    if does_not_expire(mrz, today) {
        return Found::successful_although(Reason::DoesNotExpire);
    }
    match mrz.expiry_date.as_expiry_date(today) {
        None => expiry_not_given(),
        Some(expiry) if expiry < today => Found::failed(Reason::DocumentExpired),
        Some(_) => Found::successful(),
    }
}

fn expiry_not_given() -> Found {
    Found::undetermined(Reason::ExpiryNotGiven)
}

/// A Vietnamese citizen card of someone over 60, or issued within the two years before, does not expire (Law 26/2023,
/// article 21). What its machine readable zone then says is not published: no date, and the last day of a century,
/// are taken for it.
fn does_not_expire(mrz: &Mrz, today: Date) -> bool {
    let without_date = mrz.expiry_date.year().is_none() || mrz.expiry_date.as_str() == "991231";
    let old_enough = mrz
        .birth_date
        .as_birth_date(today)
        .is_some_and(|birth| today.year >= birth.year + 58);
    mrz.kind == MrzKind::Td1 && mrz.issuing_state == "VNM" && without_date && old_enough
}

/// What is printed is what the chip says: a genuine chip in another document is found by it.
pub(crate) fn printed_electronic_agreement(mrz: &Mrz, printed: Option<Printed<'_>>) -> Found {
    // Which field it is, never what it says.
    let differs = match printed {
        None => return Found::undetermined(Reason::NothingPrinted),
        Some(Printed::Mrz(printed)) => differs_from_zone(mrz, printed),
        Some(Printed::Key(printed)) => {
            (*printed != MrzKey::from(mrz)).then_some("document number, date of birth or date of expiry")
        }
        Some(Printed::CitizenQr(qr)) => differs_from_qr(mrz, qr),
    };
    match differs {
        None => Found::successful(),
        Some(field) => Found::failed(Reason::PrintedDiffers).about(field),
    }
}

/// The first field in which the printed zone and DG1 differ.
fn differs_from_zone(mrz: &Mrz, printed: &Mrz) -> Option<&'static str> {
    let fields = [
        ("kind of the zone", printed.kind != mrz.kind),
        ("document code", printed.document_code != mrz.document_code),
        ("issuing state", printed.issuing_state != mrz.issuing_state),
        ("document number", printed.document_number != mrz.document_number),
        ("nationality", printed.nationality != mrz.nationality),
        ("date of birth", printed.birth_date != mrz.birth_date),
        ("sex", printed.sex != mrz.sex),
        ("date of expiry", printed.expiry_date != mrz.expiry_date),
        ("names", printed.names != mrz.names),
        ("optional data or check digits", printed.text != mrz.text),
    ];
    fields
        .into_iter()
        .find_map(|(name, differs)| differs.then_some(name))
}

/// The field in which a citizen card's QR code and DG1 differ.
fn differs_from_qr(mrz: &Mrz, qr: &CitizenQr) -> Option<&'static str> {
    let places = CrossChecked {
        qr: Some(qr),
        chip: Some(mrz),
        ..CrossChecked::default()
    };
    places
        .cross_check()
        .chip_of_another_document()
        .map(CrossCheckField::name)
}

/// No list of lost or stolen documents is connected yet. What is known to be wrong with the signer's documents is told.
pub(crate) fn document_status(defects: &[KnownDefect]) -> Found {
    Found::undetermined(Reason::NoStatusList).about(defects::in_words(defects))
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;
    use crate::check::CheckResult;

    /// 2026-11-24T12:00:00Z.
    const NOW: Timestamp = Timestamp::from_seconds(1_795_521_600);

    /// Doc 9303-4's specimen with another state, birth or expiry; fields only, since no check looks at the text.
    fn mrz(kind: MrzKind, state: &str, birth: &str, expiry: &str) -> Mrz {
        let specimen =
            "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<L898902C36UTO7408122F1204159ZE184226B<<<<<10";
        let mut mrz = Mrz::parse(specimen).unwrap();
        (mrz.kind, mrz.issuing_state) = (kind, state.to_string());
        mrz.birth_date = chipgate_lds::MrzDate::parse(birth).unwrap();
        mrz.expiry_date = chipgate_lds::MrzDate::parse(expiry).unwrap();
        mrz
    }

    fn expiry(state: &str, birth: &str, expiry: &str) -> (CheckResult, Option<Reason>) {
        let found = document_expiry(&mrz(MrzKind::Td1, state, birth, expiry), NOW);
        (found.result, found.reason)
    }

    #[test]
    fn a_document_is_valid_on_its_last_day_and_not_after() {
        assert_eq!(expiry("UTO", "740812", "261124").0, CheckResult::Successful);
        assert_eq!(
            expiry("UTO", "740812", "261123"),
            (CheckResult::Failed, Some(Reason::DocumentExpired))
        );
        assert_eq!(
            expiry("VNM", "900101", "500101").0,
            CheckResult::Successful,
            "2050, not 1950"
        );
        assert_eq!(
            expiry("UTO", "740812", "991231").0,
            CheckResult::Failed,
            "1999, not 2099"
        );
    }

    #[test]
    fn a_vietnamese_card_of_an_old_person_does_not_expire() {
        let forever = (CheckResult::Successful, Some(Reason::DoesNotExpire));
        assert_eq!(expiry("VNM", "500101", "991231"), forever);
        assert_eq!(expiry("VNM", "500101", "<<<<<<"), forever);
        assert_eq!(
            expiry("VNM", "000101", "<<<<<<"),
            (CheckResult::Undetermined, Some(Reason::ExpiryNotGiven))
        );
        assert_eq!(
            expiry("UTO", "500101", "<<<<<<"),
            (CheckResult::Undetermined, Some(Reason::ExpiryNotGiven))
        );
        assert_eq!(
            expiry("VNM", "600101", "200101").0,
            CheckResult::Failed,
            "a date that is given counts"
        );
    }

    #[test]
    fn a_signer_signs_the_types_of_document_that_it_lists() {
        let result = |code, types: Option<&[&str]>| {
            let types: Option<alloc::vec::Vec<_>> =
                types.map(|types| types.iter().map(ToString::to_string).collect());
            let found = type_listed(code, types.as_deref());
            (found.result, found.reason)
        };
        let successful = (CheckResult::Successful, None);
        for (code, types) in [
            ("P", None),
            ("P", Some(&["P"][..])),
            ("PM", Some(&["P"])),
            ("ID", Some(&["P", "ID"])),
            ("I", Some(&["I<"])),
        ] {
            assert_eq!(result(code, types), successful, "{code} {types:?}");
        }
        let failed = (CheckResult::Failed, Some(Reason::DocumentTypeNotListed));
        for (code, types) in [("I", &["P"][..]), ("PM", &["PD"]), ("P", &["PD"]), ("P", &[])] {
            assert_eq!(result(code, Some(types)), failed, "{code} {types:?}");
        }
    }

    #[test]
    fn the_field_is_named_in_which_print_and_chip_differ() {
        let chip = mrz(MrzKind::Td3, "UTO", "740812", "301231");
        let named = |change: fn(&mut Mrz)| {
            let mut printed = chip.clone();
            change(&mut printed);
            printed_electronic_agreement(&chip, Some(Printed::Mrz(&printed))).detail
        };
        assert_eq!(named(|_| {}), None);
        assert_eq!(
            named(|zone| zone.document_number.push('X')).as_deref(),
            Some("document number")
        );
        let birth = |zone: &mut Mrz| zone.birth_date = chipgate_lds::MrzDate::parse("750812").unwrap();
        assert_eq!(named(birth).as_deref(), Some("date of birth"));
        let rest = named(|zone| zone.text.push('<'));
        assert_eq!(rest.as_deref(), Some("optional data or check digits"));
    }

    #[test]
    fn a_state_signs_its_own_documents_only() {
        let found = |state, signer| {
            let found = signed_by_state(state, signer);
            (found.result, found.reason)
        };
        for (state, signer) in [
            ("VNM", "VN"),
            ("D<<", "DE"),
            ("D", "de"),
            ("UTO", "UT"),
            ("CHN", "HK"),
        ] {
            assert_eq!(
                found(state, Some(signer)),
                (CheckResult::Successful, None),
                "{state}"
            );
        }
        let differs = (CheckResult::Failed, Some(Reason::IssuingStateDiffers));
        assert_eq!(found("VNM", Some("UT")), differs);
        let unknown = (CheckResult::Undetermined, Some(Reason::IssuingStateUnknown));
        assert_eq!(found("ZZZ", Some("UT")), unknown);
        let nameless = (CheckResult::Undetermined, Some(Reason::SignerWithoutCountry));
        assert_eq!(found("VNM", None), nameless);
    }

    /// An invented citizen card's zone (Doc 9303-5), with the name at its end.
    fn citizen_card(names: &str) -> Mrz {
        let number = chipgate_lds::vietnam::CitizenNumber::parse("001302012345").unwrap();
        Mrz::build(&chipgate_lds::MrzFields {
            kind: MrzKind::Td1,
            document_code: "ID",
            issuing_state: "VNM",
            document_number: number.document_number(),
            nationality: "VNM",
            birth_date: "020415",
            sex: chipgate_lds::Sex::Female,
            expiry_date: "270415",
            optional_data: &number.optional_data(),
            optional_data_2: "",
            primary: "NGUYEN",
            secondary: names,
        })
        .unwrap()
    }

    #[test]
    fn a_qr_code_is_compared_with_the_chip_field_by_field() {
        let code = "001302012345||Nguyễn Thị Hoa|15042002|Nữ|Số 1, Hà Nội|20052021";
        let qr = CitizenQr::parse(code).unwrap();
        let compared = |mrz: &Mrz| {
            let found = printed_electronic_agreement(mrz, Some(Printed::CitizenQr(&qr)));
            (found.result, found.reason, found.detail)
        };
        assert_eq!(
            compared(&citizen_card("THI HOA")),
            (CheckResult::Successful, None, None)
        );
        assert_eq!(
            compared(&citizen_card("VAN NAM")),
            (
                CheckResult::Failed,
                Some(Reason::PrintedDiffers),
                Some("name".to_string())
            )
        );
        let passport = mrz(MrzKind::Td3, "VNM", "020415", "270415");
        assert_eq!(compared(&passport).0, CheckResult::Failed);
    }
}
