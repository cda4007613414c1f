//! Personalities: how chips that are genuine all the same differ from the standard and from each other. Each of these was
//! met by other readers' users, or is allowed.

use core::{fmt, str::FromStr};

use serde::Serialize;

use crate::{
    BeyondEnd, CardError, CardFile, HexNumber, LongestRead, MasterFile, MutualAuthenticationLe, TooLong,
    card_file::{Disturbance, Effect},
    issue::Plan,
};

/// Defines [`Quirk`] once: variant, name, and what it is.
macro_rules! quirks {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal;)+) => {
        /// A personality that a card can be issued with.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Quirk {
            $($(#[doc = $doc])+ #[serde(rename = $name)] $variant,)+
        }

        impl Quirk {
            /// Every personality.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name on the command line and in a card file.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What it is, in one sentence.
            pub const fn description(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

quirks! {
    /// PACE wants the domain parameters named by tag 84 even where they are clear, and answers 6A80 otherwise.
    WantsTag84 = "wants-tag-84";
    /// EXTERNAL AUTHENTICATE of BAC wants Le 00, and answers 6700 to 28.
    WantsLe00 = "wants-le-00";
    /// EXTERNAL AUTHENTICATE of BAC wants Le 28, and answers 6700 to 00.
    WantsLe28 = "wants-le-28";
    /// READ BINARY for more than 160 bytes gives 6700.
    LongRead6700 = "long-read-6700";
    /// READ BINARY for more than 200 bytes gives 6B00.
    LongRead6b00 = "long-read-6b00";
    /// READ BINARY for more than 200 bytes gives 6CC8: ask for C8.
    LongRead6c = "long-read-6c";
    /// READ BINARY for more than 112 bytes gives 112 bytes and 6282.
    LongRead6282 = "long-read-6282";
    /// READ BINARY beyond the end of a file gives what there is and 9000.
    End9000 = "end-9000";
    /// READ BINARY beyond the end of a file gives 6B00 and no data.
    End6b00 = "end-6b00";
    /// READ BINARY beyond the end of a file gives 6700 and no data.
    End6700 = "end-6700";
    /// READ BINARY beyond the end of a file gives 6Cxx with what there is.
    End6c = "end-6c";
    /// Length fields are short only; extended ones give 6700.
    ShortLengths = "short-lengths";
    /// EF.ATR/INFO promises responses of 65,536 bytes, and the chip gives no more than 500.
    LessThanAdvertised = "less-than-advertised";
    /// No short file identifiers: 6A86.
    NoShortIdentifiers = "no-short-identifiers";
    /// No READ BINARY with an odd instruction byte: 6D00.
    NoOddInstruction = "no-odd-instruction";
    /// No chained commands, save those of GENERAL AUTHENTICATE: 6884.
    NoChaining = "no-chaining";
    /// SELECT of the master file gives 6D00, as the Vietnamese citizen card has it.
    NoMasterFile = "no-master-file";
    /// SELECT of the master file works without data alone (00A4000C); named as 3F00 it gives 6A82.
    MasterFileWithoutData = "master-file-without-data";
    /// PACE only: plain SELECT of the application gives 6985.
    PaceOnly = "pace-only";
    /// BAC only, and EF.CardAccess can be selected and not read: 6982.
    CardAccessRefused = "card-access-refused";
    /// Beside the good ones EF.CardAccess and DG14 have entries that no reader can use.
    OddSecurityInfos = "odd-security-infos";
    /// DG11 and DG12 have dates as no standard has them.
    OddDates = "odd-dates";
    /// READ BINARY with B0 gives 6B00 where it would go beyond byte 32,767.
    EndsAt32KiB = "ends-at-32-kib";
    /// The chip leaves the field at a command of extended length, unless EF.ATR/INFO was read.
    LeavesOnExtendedLength = "leaves-on-extended-length";
    /// No card access number opens it: MSE:Set AT with one gives 6A88.
    NoCan = "no-can";
    /// No EF.CVCA: the authorities' names stand in PACE's answer alone, to a reader that sends its authorisation.
    AuthoritiesInPace = "authorities-in-pace";
    /// After PACE, too, a terminal signs what is printed on the document, and not the chip's key.
    StaticBinding = "static-binding";
    /// The session is lost once, after some ten commands, with 6988.
    LosesSession = "loses-session";
    /// Cryptography with a key pair takes a second and a half each time.
    SlowCryptography = "slow-cryptography";
    /// Every failed try for access makes the next one a second slower.
    SlowsDown = "slows-down";
    /// Every command takes a tenth of a second.
    Slow = "slow";
}

/// The longest response of a chip that promises more.
const SHORT_OF_PROMISE: usize = 502;
/// After how many commands the session is lost.
const SESSION: u64 = 11;

impl Quirk {
    /// Changes what is planned, where it lies in what is signed.
    pub(crate) fn plan(self, plan: &mut Plan) {
        match self {
            Self::CardAccessRefused => plan.forget_pace(),
            Self::OddSecurityInfos => plan.design.odd_entries = true,
            Self::OddDates => plan.odd_dates = true,
            _ => {}
        }
    }

    /// Gives a card this personality.
    pub(crate) fn apply(self, card: &mut CardFile) {
        let personality = &mut card.personality;
        let long_read = |bytes, answer| Some(LongestRead { bytes, answer });
        match self {
            Self::WantsTag84 => personality.wants_parameter_id = true,
            Self::WantsLe00 => personality.mutual_authentication_le = Some(MutualAuthenticationLe::Zero),
            Self::WantsLe28 => personality.mutual_authentication_le = Some(MutualAuthenticationLe::Exact),
            Self::LongRead6700 => personality.longest_read = long_read(160, TooLong::WrongLength),
            Self::LongRead6b00 => personality.longest_read = long_read(200, TooLong::WrongOffset),
            Self::LongRead6c => personality.longest_read = long_read(200, TooLong::ExactLength),
            Self::LongRead6282 => personality.longest_read = long_read(112, TooLong::Warning),
            Self::End9000 => personality.beyond_end = BeyondEnd::Less,
            Self::End6b00 => personality.beyond_end = BeyondEnd::WrongOffset,
            Self::End6700 => personality.beyond_end = BeyondEnd::WrongLength,
            Self::End6c => personality.beyond_end = BeyondEnd::ExactLength,
            Self::ShortLengths => personality.extended_length = false,
            Self::LessThanAdvertised => personality.max_response = SHORT_OF_PROMISE,
            Self::NoShortIdentifiers => personality.short_identifiers = false,
            Self::NoOddInstruction => personality.odd_read_binary = false,
            Self::NoChaining => personality.chaining = false,
            Self::NoMasterFile => card.chip.master_file = MasterFile::Refused,
            Self::MasterFileWithoutData => card.chip.master_file = MasterFile::WithoutData,
            Self::CardAccessRefused => card.chip.unreadable_files.push("EF.CardAccess".to_owned()),
            Self::EndsAt32KiB => personality.ends_at_32_kib = true,
            Self::LeavesOnExtendedLength => personality.leaves_on_extended_length = true,
            Self::NoCan => {
                card.passwords.can = None;
                card.chip.pace.iter_mut().for_each(|pace| pace.can = false);
            }
            Self::AuthoritiesInPace => {
                card.files.remove("EF.CVCA");
            }
            Self::StaticBinding => {
                let settings = card.chip.terminal_authentication.iter_mut();
                settings.for_each(|settings| settings.static_binding = true);
            }
            Self::OddSecurityInfos | Self::OddDates => {} // they lie in what is signed
            Self::PaceOnly => {
                if !card.chip.pace.is_empty() {
                    (card.chip.basic_access, card.chip.select_before_access) = (false, false);
                }
            }
            Self::LosesSession => personality.disturbances.push(Disturbance {
                instruction: None,
                p1: None,
                file: None,
                from: SESSION,
                once: true,
                effect: Effect::PlainStatus {
                    status: HexNumber(0x6988),
                },
            }),
            Self::SlowCryptography => personality.milliseconds_of_cryptography = 1500,
            Self::SlowsDown => personality.milliseconds_a_failed_try = 1000,
            Self::Slow => personality.milliseconds_a_command = 100,
        }
        card.personalities.push(self.name().to_owned());
    }
}

impl fmt::Display for Quirk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Quirk {
    type Err = CardError;

    fn from_str(name: &str) -> Result<Self, CardError> {
        let found = Self::ALL.iter().find(|quirk| quirk.name() == name);
        found.copied().ok_or_else(|| CardError::UnknownPersonality {
            name: name.to_owned(),
        })
    }
}
