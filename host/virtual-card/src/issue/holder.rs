//! Invented holders. No number, name or address here belongs to anyone.

use chipgate_lds::{Mrz, MrzFields, MrzKind, Sex};
use rand_core::CryptoRng;

use super::design::{Design, Document, Portrait};
use crate::{CardError, calendar::Moment, pki::IssuingState};

/// Who holds the card, and for how long it holds.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) state: IssuingState,
    document: Document,
    pub(crate) document_number: String,
    /// The 12-digit number of a Vietnamese citizen card.
    pub(crate) citizen_number: Option<String>,
    pub(crate) primary: &'static str,
    pub(crate) secondary: &'static str,
    /// The name as the card shows it.
    pub(crate) full_name: &'static str,
    pub(crate) birth: Moment,
    pub(crate) issued: Moment,
    pub(crate) expires: Moment,
    pub(crate) can: Option<String>,
    /// PIN and PUK.
    pub(crate) pin: Option<[String; 2]>,
}

/// The place of birth registration in the number: 000 is no place, so that the number is no one's.
const NO_PLACE: &str = "000";

impl Holder {
    /// A holder for a card of this design that is issued at `now`.
    pub(crate) fn invent(design: &Design, now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let child = design.portrait != Portrait::Yes;
        if design.document == Document::CitizenCard {
            return Self::citizen(child, now, rng);
        }
        let can = design.can.then(|| digits(6, rng));
        let mut holder = Self::traveller(child, design.document, now, can, rng);
        holder.pin = design.pin.then(|| [digits(6, rng), digits(10, rng)]);
        holder
    }

    /// A woman of 30, whose card runs to her 40th birthday; or a girl of 3, whose card runs to her 14th.
    fn citizen(child: bool, now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let (age, last) = if child { (3, 14) } else { (30, 40) };
        let birth = now.plus_years(-age).plus_days(-100);
        let can = digits(6, rng);
        // Sex and century: 1 is a woman of the 20th, 3 a woman of the 21st.
        let century = if birth.year() < 2000 { 1 } else { 3 };
        let document_number = format!("{century}{:02}{can}", birth.year() % 100);
        Self {
            state: IssuingState::Vietnam,
            document: Document::CitizenCard,
            citizen_number: Some(format!("{NO_PLACE}{document_number}")),
            document_number,
            primary: "TRAN",
            secondary: "THI MAU",
            full_name: "TRẦN THỊ MẪU",
            birth,
            issued: now,
            expires: birth.plus_years(last),
            can: Some(can),
            pin: None,
        }
    }

    /// A woman of 41 with a document of ten years; or a girl of 3 with one of five.
    fn traveller(
        child: bool,
        document: Document,
        now: Moment,
        can: Option<String>,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Self {
        let (age, years) = if child { (3, 5) } else { (41, 10) };
        let document_number = match document {
            // More than the field holds, so that it goes on in the optional data (Doc 9303-5, 4.2.2).
            Document::IdentityCard => format!("U{}", digits(10, rng)),
            _ => format!("X{}", digits(8, rng)),
        };
        Self {
            state: IssuingState::Utopia,
            document,
            document_number,
            citizen_number: None,
            primary: "SPECIMEN",
            secondary: "AMAUROTA",
            full_name: "AMAUROTA SPECIMEN",
            birth: now.plus_years(-age).plus_days(-77),
            issued: now,
            expires: now.plus_years(years).plus_days(-1),
            can,
            pin: None,
        }
    }

    /// The machine readable zone.
    pub(crate) fn mrz(&self) -> Result<Mrz, CardError> {
        let (birth, expires) = (self.birth.mrz(), self.expires.mrz());
        let optional = self
            .citizen_number
            .as_deref()
            .map(optional_data)
            .unwrap_or_default();
        let (kind, code) = match self.document {
            Document::CitizenCard => (MrzKind::Td1, "ID"),
            Document::Passport => (MrzKind::Td3, "P"),
            Document::IdentityCard => (MrzKind::Td1, "I"),
            Document::Td2 => (MrzKind::Td2, "I"),
        };
        let state = self.state.alpha_3();
        Ok(Mrz::build(&MrzFields {
            kind,
            document_code: code,
            issuing_state: state,
            document_number: &self.document_number,
            nationality: state,
            birth_date: &birth,
            sex: Sex::Female,
            expiry_date: &expires,
            optional_data: &optional,
            optional_data_2: "",
            primary: self.primary,
            secondary: self.secondary,
        })?)
    }
}

/// Positions 16 to 30 of a citizen card's first line: the number, two fillers, and a check digit over them.
fn optional_data(number: &str) -> String {
    let covered = format!("{number}<<");
    let weights = [7, 3, 1].into_iter().cycle();
    let sum: u32 = covered
        .bytes()
        .zip(weights)
        .map(|(byte, weight)| digit_value(byte) * weight)
        .sum();
    format!("{covered}{}", sum % 10)
}

/// A digit's value in a check digit; a filler counts zero (Doc 9303-3, 4.9).
fn digit_value(byte: u8) -> u32 {
    char::from(byte).to_digit(10).unwrap_or(0)
}

/// So many random decimal digits.
fn digits(count: usize, rng: &mut (impl CryptoRng + ?Sized)) -> String {
    (0..count)
        .map(|_| char::from(b'0' + (rng.next_u32() % 10) as u8))
        .collect()
}
