use alloc::{string::String, vec::Vec};

use super::{Comparison, ComparisonResult, CrossCheck, CrossCheckField, CrossCheckSource, CrossChecked};
use crate::vietnam::expiry::expiry_dates;
use crate::vietnam::qr::{date, sex};
use crate::vietnam::{CardExpiry, CitizenField, CitizenNumber, CitizenQr, Dg13Vietnam, card_expiry};
use crate::{Date, Mrz, MrzDate, NameAgreement, Sex, Transliteration};

/// A name as a place has it.
enum Name<'a> {
    /// In full, in one of these fields: a QR code does not say which of its texts it is.
    Full(Vec<&'a str>),
    /// As a machine readable zone has it.
    Mrz(&'a Mrz),
}

/// A day as a place has it.
#[derive(Clone)]
enum Day {
    Full(Date),
    /// With two digits of the year.
    Short(MrzDate),
}

/// What one place says; a field that it does not say is `None`.
struct Statement<'a> {
    source: CrossCheckSource,
    number: Option<CitizenNumber>,
    name: Option<Name<'a>>,
    birth_date: Option<Day>,
    sex: Option<Sex>,
    issue_date: Option<Day>,
    expiry_date: Option<Day>,
}

impl CrossChecked<'_> {
    /// Compares each field in each two places that are there, then each place's number with its birth date and sex, then the date of expiry with
    /// the law.
    pub fn cross_check(&self) -> CrossCheck {
        let statements: Vec<Statement<'_>> = [
            self.qr.map(of_qr),
            self.printed.map(|mrz| of_mrz(CrossCheckSource::PrintedMrz, mrz)),
            self.chip.map(|mrz| of_mrz(CrossCheckSource::ChipMrz, mrz)),
            self.details.map(of_details),
        ]
        .into_iter()
        .flatten()
        .collect();
        let mut comparisons = Vec::new();
        for (index, left) in statements.iter().enumerate() {
            for right in statements.iter().skip(index + 1) {
                comparisons.extend(compare(left, right));
            }
        }
        comparisons.extend(statements.iter().flat_map(against_number));
        let issued = statements
            .iter()
            .find_map(|statement| statement.issue_date.clone());
        let born = statements
            .iter()
            .find_map(|statement| full(statement.birth_date.as_ref()));
        comparisons.extend(statements.iter().filter_map(|statement| {
            let expires = statement.expiry_date.as_ref()?;
            Some(against_law(
                statement.source,
                expires,
                born?,
                full(issued.as_ref()),
            ))
        }));
        CrossCheck { comparisons }
    }
}

fn of_qr(qr: &CitizenQr) -> Statement<'_> {
    let names = qr.other.iter().map(String::as_str);
    let names: Vec<&str> = names.filter(|text| looks_like_a_name(text)).collect();
    Statement {
        source: CrossCheckSource::QrCode,
        number: Some(qr.number.clone()),
        name: Some(Name::Full(names)),
        birth_date: Some(Day::Full(qr.birth_date)),
        sex: qr.sex,
        issue_date: qr.issue_date.map(Day::Full),
        expiry_date: None,
    }
}

fn of_mrz(source: CrossCheckSource, mrz: &Mrz) -> Statement<'_> {
    Statement {
        source,
        number: CitizenNumber::from_mrz(mrz),
        name: Some(Name::Mrz(mrz)),
        birth_date: Some(Day::Short(mrz.birth_date.clone())),
        sex: Some(mrz.sex).filter(|&sex| sex != Sex::Unspecified),
        issue_date: None,
        expiry_date: Some(Day::Short(mrz.expiry_date.clone())),
    }
}

fn of_details(details: &Dg13Vietnam) -> Statement<'_> {
    let day = |field| details.text(field).and_then(date).map(Day::Full);
    let number = details.text(CitizenField::Number);
    Statement {
        source: CrossCheckSource::ChipDetails,
        number: number.and_then(|digits| CitizenNumber::parse(digits).ok()),
        name: details
            .text(CitizenField::Name)
            .map(|name| Name::Full([name].to_vec())),
        birth_date: day(CitizenField::BirthDate),
        sex: details.text(CitizenField::Sex).and_then(sex),
        issue_date: day(CitizenField::IssueDate),
        expiry_date: day(CitizenField::ExpiryDate),
    }
}

/// Several words of letters and nothing else, which an address or an old number is not.
fn looks_like_a_name(text: &str) -> bool {
    let letters = text.chars().all(|character| {
        character.is_alphabetic()
            || " '’-\u{300}\u{301}\u{302}\u{303}\u{306}\u{309}\u{31B}\u{323}".contains(character)
    });
    letters && text.split(' ').filter(|word| !word.is_empty()).count() >= 2
}

fn compare(left: &Statement<'_>, right: &Statement<'_>) -> [Comparison; 6] {
    let both = |left: Option<ComparisonResult>| left.unwrap_or(ComparisonResult::NotComparable);
    let number = left.number.as_ref().zip(right.number.as_ref());
    let birth = left.birth_date.as_ref().zip(right.birth_date.as_ref());
    let issue = left.issue_date.as_ref().zip(right.issue_date.as_ref());
    let expiry = left.expiry_date.as_ref().zip(right.expiry_date.as_ref());
    let names = left.name.as_ref().zip(right.name.as_ref());
    [
        (
            CrossCheckField::Number,
            both(number.map(|(left, right)| same(left == right))),
        ),
        (
            CrossCheckField::Name,
            both(names.map(|(left, right)| same_name(left, right))),
        ),
        (
            CrossCheckField::BirthDate,
            both(birth.map(|(left, right)| same_day(left, right))),
        ),
        (
            CrossCheckField::Sex,
            both(left.sex.zip(right.sex).map(|(left, right)| same(left == right))),
        ),
        (
            CrossCheckField::IssueDate,
            both(issue.map(|(left, right)| same_day(left, right))),
        ),
        (
            CrossCheckField::ExpiryDate,
            both(expiry.map(|(left, right)| same_day(left, right))),
        ),
    ]
    .map(|(field, result)| Comparison {
        field,
        left: left.source,
        right: right.source,
        result,
    })
}

const fn same(equal: bool) -> ComparisonResult {
    if equal {
        ComparisonResult::Agrees
    } else {
        ComparisonResult::Differs
    }
}

/// Years of two digits are compared as such.
fn same_day(left: &Day, right: &Day) -> ComparisonResult {
    match (left, right) {
        (Day::Full(left), Day::Full(right)) => same(left == right),
        (Day::Short(left), Day::Short(right)) => same(left.as_str() == right.as_str()),
        (Day::Full(full), Day::Short(short)) | (Day::Short(short), Day::Full(full)) => {
            let parts = [
                (short.year(), (full.year % 100) as u8),
                (short.month(), full.month),
                (short.day(), full.day),
            ];
            if parts
                .iter()
                .any(|(known, part)| known.is_some_and(|known| known != *part))
            {
                ComparisonResult::Differs
            } else if parts.iter().any(|(known, _)| known.is_none()) {
                ComparisonResult::NotComparable
            } else {
                ComparisonResult::Agrees
            }
        }
    }
}

/// Of several texts that may be the name, one that agrees is enough.
fn same_name(left: &Name<'_>, right: &Name<'_>) -> ComparisonResult {
    match (left, right) {
        (Name::Mrz(left), Name::Mrz(right)) => same(left.names == right.names),
        (Name::Full(full), Name::Mrz(mrz)) | (Name::Mrz(mrz), Name::Full(full)) => {
            best(full.iter().map(|name| match mrz.name_agreement(name) {
                NameAgreement::Same | NameAgreement::Cut => ComparisonResult::Agrees,
                NameAgreement::Different => ComparisonResult::Differs,
                NameAgreement::NotComparable => ComparisonResult::NotComparable,
            }))
        }
        (Name::Full(left), Name::Full(right)) => {
            let pairs = left
                .iter()
                .flat_map(|left| right.iter().map(move |right| (left, right)));
            best(pairs.map(|(left, right)| same(plain(left) == plain(right))))
        }
    }
}

fn best(results: impl Iterator<Item = ComparisonResult>) -> ComparisonResult {
    results.fold(ComparisonResult::NotComparable, |best, result| {
        match (best, result) {
            (ComparisonResult::Agrees, _) | (_, ComparisonResult::Agrees) => ComparisonResult::Agrees,
            (ComparisonResult::Differs, _) | (_, ComparisonResult::Differs) => ComparisonResult::Differs,
            _ => ComparisonResult::NotComparable,
        }
    })
}

/// One form for comparison: large letters without their marks, which one name carries in different places (Hòa and Hoà) and which may be composed
/// or decomposed.
fn plain(name: &str) -> String {
    Transliteration::Plain.apply(name).unwrap_or_else(|| name.into())
}

/// The number says the year of birth and the sex.
fn against_number(statement: &Statement<'_>) -> Vec<Comparison> {
    let Some(number) = &statement.number else {
        return Vec::new();
    };
    let birth = statement.birth_date.as_ref().and_then(|day| match day {
        Day::Full(date) => Some(date.year == number.birth_year()),
        Day::Short(date) => date
            .year()
            .map(|year| u16::from(year) == number.birth_year() % 100),
    });
    let sex = statement.sex.map(|sex| sex == number.sex());
    [(CrossCheckField::BirthDate, birth), (CrossCheckField::Sex, sex)]
        .into_iter()
        .filter_map(|(field, agrees)| {
            Some(Comparison {
                field,
                left: statement.source,
                right: CrossCheckSource::Number,
                result: same(agrees?),
            })
        })
        .collect()
}

/// A full date, if a place has one.
const fn full(day: Option<&Day>) -> Option<Date> {
    match day {
        Some(Day::Full(date)) => Some(*date),
        _ => None,
    }
}

/// A card expires on one of a few birthdays. One that never does has a date whose meaning is not published.
fn against_law(source: CrossCheckSource, expires: &Day, born: Date, issued: Option<Date>) -> Comparison {
    let never = issued.is_some_and(|issued| card_expiry(born, issued) == CardExpiry::Never);
    let result = if never {
        ComparisonResult::NotComparable
    } else {
        best(
            expiry_dates(born, issued)
                .into_iter()
                .map(|date| same_day(expires, &Day::Full(date))),
        )
    };
    Comparison {
        field: CrossCheckField::ExpiryDate,
        left: source,
        right: CrossCheckSource::Law,
        result,
    }
}
