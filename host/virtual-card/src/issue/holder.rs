//! Invented holders. No number, name or address here belongs to anyone.

use chipgate_lds::{Mrz, MrzFields, MrzKind, Sex};
use rand_core::CryptoRng;

use crate::{CardError, Profile, calendar::Moment, pki::IssuingState};

/// Who holds the card, and for how long it holds.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) state: IssuingState,
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
}

/// The place of birth registration in the number: 000 is no place, so that the number is no one's.
const NO_PLACE: &str = "000";

impl Holder {
    /// A holder for a card of this profile that is issued at `now` and holds for some ten years.
    pub(crate) fn invent(profile: Profile, now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        match profile {
            Profile::VnCccd => Self::citizen(now, rng),
            Profile::Td3Bac => Self::traveller(now, None, rng),
            Profile::Td3Pace => {
                let can = digits(6, rng);
                Self::traveller(now, Some(can), rng)
            }
        }
    }

    /// A woman of 30, whose card runs to her 40th birthday.
    fn citizen(now: Moment, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        let birth = now.plus_years(-30).plus_days(-100);
        let can = digits(6, rng);
        // Sex and century: 1 is a woman of the 20th, 3 a woman of the 21st.
        let century = if birth.year() < 2000 { 1 } else { 3 };
        let document_number = format!("{century}{:02}{can}", birth.year() % 100);
        Self {
            state: IssuingState::Vietnam,
            citizen_number: Some(format!("{NO_PLACE}{document_number}")),
            document_number,
            primary: "TRAN",
            secondary: "THI MAU",
            full_name: "TRẦN THỊ MẪU",
            birth,
            issued: now,
            expires: birth.plus_years(40),
            can: Some(can),
        }
    }

    fn traveller(now: Moment, can: Option<String>, rng: &mut (impl CryptoRng + ?Sized)) -> Self {
        Self {
            state: IssuingState::Utopia,
            document_number: format!("X{}", digits(8, rng)),
            citizen_number: None,
            primary: "SPECIMEN",
            secondary: "AMAUROTA",
            full_name: "AMAUROTA SPECIMEN",
            birth: now.plus_years(-41).plus_days(-77),
            issued: now,
            expires: now.plus_years(10).plus_days(-1),
            can,
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
        let (kind, code) = if self.citizen_number.is_some() {
            (MrzKind::Td1, "ID")
        } else {
            (MrzKind::Td3, "P")
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
