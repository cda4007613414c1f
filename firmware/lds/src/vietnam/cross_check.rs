//! What a citizen card says in several places, held against each other: the printed QR code, the printed machine readable zone, and on the chip
//! DG1 and DG13.

mod compare;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;

use super::{CitizenQr, Dg13Vietnam};
use crate::Mrz;

/// Where a card says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrossCheckSource {
    /// The printed QR code, which nobody signs.
    QrCode,
    /// The printed machine readable zone, which nobody signs.
    PrintedMrz,
    /// DG1 of the chip.
    ChipMrz,
    /// DG13 of the chip.
    ChipDetails,
    /// The number itself, which says sex and year of birth.
    Number,
    /// The law, which says on which birthday a card expires.
    Law,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CrossCheckField {
    /// The twelve digits.
    Number,
    /// The name.
    Name,
    /// The date of birth; against the number only its year.
    BirthDate,
    /// The sex.
    Sex,
    /// The date of issue.
    IssueDate,
    /// The date of expiry; against the law only whether it is one of the birthdays.
    ExpiryDate,
}

impl CrossCheckField {
    /// What it is called, to show it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Name => "name",
            Self::BirthDate => "date of birth",
            Self::Sex => "sex",
            Self::IssueDate => "date of issue",
            Self::ExpiryDate => "date of expiry",
        }
    }
}

/// How two places agree about a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ComparisonResult {
    /// They say the same; a name as far as the machine readable zone has room.
    Agrees,
    /// They say different things: the card is put together from two, or altered, or was misread.
    Differs,
    /// One of them does not say it, or in a form that cannot be compared.
    NotComparable,
}

/// One field in two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Comparison {
    /// What is compared.
    pub field: CrossCheckField,
    /// The first place.
    pub left: CrossCheckSource,
    /// The second place.
    pub right: CrossCheckSource,
    /// How they agree.
    pub result: ComparisonResult,
}

/// What there is of a card, to be held against each other. What is missing is not compared.
///
/// ```
/// use chipgate_lds::vietnam::{CitizenQr, ComparisonResult, CrossChecked};
///
/// let code = "001302012345||Nguyễn Thị Hoa|15042002|Nam|Số 1, Hà Nội|20052021";
/// let qr = CitizenQr::parse(code)?;
/// let check = CrossChecked { qr: Some(&qr), ..CrossChecked::default() }.cross_check();
/// // The number's fourth digit is odd: a woman's.
/// assert_eq!(check.differences().count(), 1);
/// # Ok::<(), chipgate_lds::LdsError>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct CrossChecked<'a> {
    /// The printed QR code.
    pub qr: Option<&'a CitizenQr>,
    /// The printed machine readable zone, as it was read or typed.
    pub printed: Option<&'a Mrz>,
    /// The machine readable zone of DG1: verified, or the comparison proves nothing about the issuer.
    pub chip: Option<&'a Mrz>,
    /// DG13, likewise.
    pub details: Option<&'a Dg13Vietnam>,
}

/// All comparisons that could be made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CrossCheck {
    /// Each field in each two places that are there, in the order of the places.
    pub comparisons: Vec<Comparison>,
}

impl CrossCheck {
    /// The comparisons that came out different.
    pub fn differences(&self) -> impl Iterator<Item = &Comparison> {
        self.comparisons
            .iter()
            .filter(|comparison| comparison.result == ComparisonResult::Differs)
    }

    /// `Differs` if anything differs, `Agrees` if something agrees and nothing differs, else `NotComparable`.
    pub fn result(&self) -> ComparisonResult {
        let any = |result| {
            self.comparisons
                .iter()
                .any(|comparison| comparison.result == result)
        };
        if any(ComparisonResult::Differs) {
            ComparisonResult::Differs
        } else if any(ComparisonResult::Agrees) {
            ComparisonResult::Agrees
        } else {
            ComparisonResult::NotComparable
        }
    }

    /// What differs between a printed place and the chip, or where the number, which every citizen card has in both, can't be compared: then the
    /// chip is another document's. `None` if the chip is the card's.
    pub fn chip_of_another_document(&self) -> Option<CrossCheckField> {
        let between = || {
            self.comparisons
                .iter()
                .filter(|comparison| is_between_paper_and_chip(**comparison))
        };
        let differs = between().find(|comparison| comparison.result == ComparisonResult::Differs);
        let number_agrees = between().any(|comparison| {
            comparison.field == CrossCheckField::Number && comparison.result == ComparisonResult::Agrees
        });
        match differs {
            Some(comparison) => Some(comparison.field),
            None if number_agrees => None,
            None => Some(CrossCheckField::Number),
        }
    }

    /// As [`result`](Self::result), for the printed places against those of the chip alone.
    pub fn printed_against_chip(&self) -> ComparisonResult {
        let comparisons = self.comparisons.iter().copied();
        Self {
            comparisons: comparisons
                .filter(|comparison| is_between_paper_and_chip(*comparison))
                .collect(),
        }
        .result()
    }
}

const fn is_between_paper_and_chip(comparison: Comparison) -> bool {
    let printed = matches!(
        comparison.left,
        CrossCheckSource::QrCode | CrossCheckSource::PrintedMrz
    );
    printed
        && matches!(
            comparison.right,
            CrossCheckSource::ChipMrz | CrossCheckSource::ChipDetails
        )
}
