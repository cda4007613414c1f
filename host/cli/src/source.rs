//! Where a document comes from, and what opens it.

use std::{path::PathBuf, time::Duration};

use chipgate_apdu::{Channel, ChannelError, Limits};
use chipgate_chip::{Password, PinRevival};
use chipgate_crypto::{ObjectIdentifier, Secret};
use chipgate_inspection::Printed;
use chipgate_lds::{LdsError, Mrz, MrzKey, oid, vietnam::CitizenQr};
use chipgate_pcsc::{PcscChannel, Readers};
use chipgate_virtual_card::{CardFile, InProcess, VirtualCard};
use clap::Args;
use rand::{SeedableRng, rngs::StdRng};

use crate::{cli_error::CliError, interrupt, terminal::TerminalFolder};

/// A card in a reader, or a virtual one.
#[derive(Args, Default)]
pub(crate) struct CardArguments {
    /// Read the card in this reader (without it: in the first reader that has one)
    #[arg(long, value_name = "NAME", conflicts_with = "card")]
    pub(crate) reader: Option<String>,
    /// Read this virtual card; its own passwords open it unless others are given
    #[arg(long, value_name = "FILE")]
    pub(crate) card: Option<PathBuf>,
    /// How long to wait for a card, and for one that left in the middle to come back, in seconds
    #[arg(long, value_name = "S", default_value_t = 30)]
    pub(crate) timeout: u64,
    /// Take this PACE protocol and no other, such as id-PACE-ECDH-IM-AES-CBC-CMAC-128 (without it: the strongest offer)
    #[arg(long, value_name = "NAME", value_parser = pace_protocol)]
    pub(crate) pace: Option<ObjectIdentifier>,
    /// Prove this terminal to the chip, so that it gives fingerprints and irises: a folder with certificates (*.cvcert) and
    /// the terminal's key (*.key, PKCS#8 in DER)
    #[arg(long, value_name = "DIR")]
    pub(crate) terminal: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) password: PasswordArguments,
}

/// A PACE protocol by its name in Doc 9303-11, 9.2.3, or by its object identifier.
fn pace_protocol(name: &str) -> Result<ObjectIdentifier, String> {
    oid::pace_protocol(name).ok_or_else(|| {
        format!("there is no PACE protocol {name}: give one as id-PACE-ECDH-GM-AES-CBC-CMAC-128 or by its object identifier")
    })
}

/// What is printed on the document and opens its chip.
#[derive(Args, Default)]
pub(crate) struct PasswordArguments {
    /// The card access number, six digits; on a Vietnamese citizen card the last six of the number
    #[arg(long, value_name = "N")]
    pub(crate) can: Option<String>,
    /// The machine readable zone, its lines one after the other; or document number, date of birth and date of expiry
    /// (YYMMDD), separated by commas
    #[arg(long, value_name = "LINES", allow_hyphen_values = true)]
    pub(crate) mrz: Option<String>,
    /// The holder's PIN, for documents that take one; a wrong one costs one of few tries, and others on this machine see it in the
    /// list of processes. With --can a suspended PIN is resumed first: its last try is used
    #[arg(long, value_name = "PIN", conflicts_with = "qr", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) pin: Option<String>,
    /// The PUK; each use of it counts, and a chip takes it a few times only: look at it twice before you give it. With --pin a blocked
    /// PIN is unblocked first, and then opens the chip
    #[arg(long, value_name = "PUK", conflicts_with_all = ["can", "qr"], value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) puk: Option<String>,
    /// What the QR code of a Vietnamese citizen card says
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["can", "mrz"])]
    pub(crate) qr: Option<String>,
}

/// A chip to talk to, chosen at run time.
pub(crate) enum AnyChannel {
    /// Through PC/SC.
    Pcsc(PcscChannel),
    /// A virtual card in this process.
    Virtual(Box<InProcess>),
}

impl Channel for AnyChannel {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        match self {
            Self::Pcsc(channel) => channel.transmit(command, response).await,
            Self::Virtual(channel) => channel.transmit(command, response).await,
        }
    }

    async fn transmit_while<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
        work: &mut dyn FnMut(),
    ) -> Result<&'a [u8], ChannelError> {
        match self {
            Self::Pcsc(channel) => channel.transmit_while(command, response, work).await,
            Self::Virtual(channel) => channel.transmit_while(command, response, work).await,
        }
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        match self {
            Self::Pcsc(channel) => channel.reset().await,
            Self::Virtual(channel) => channel.reset().await,
        }
    }

    fn limits(&self) -> Limits {
        match self {
            Self::Pcsc(channel) => channel.limits(),
            Self::Virtual(channel) => channel.limits(),
        }
    }
}

/// What opens a document, and what is printed on it as far as it was given.
pub(crate) struct Opening {
    /// What opens the chip.
    pub(crate) password: Password,
    /// What makes the PIN usable again before that.
    pub(crate) pin_revival: Option<PinRevival>,
    /// What was given of the print, if it was a whole zone or a QR code.
    pub(crate) printed: Option<Print>,
}

impl Opening {
    /// What an inspection compares with the chip.
    pub(crate) fn printed(&self) -> Option<Printed<'_>> {
        self.printed.as_ref().map(Print::as_printed)
    }

    /// The key of BAC, where the zone is known, too.
    pub(crate) fn bac_key(&self) -> Option<MrzKey> {
        match &self.printed {
            Some(Print::Zone(zone)) => Some(MrzKey::from(zone)),
            Some(Print::Qr { .. }) | None => None,
        }
    }
}

/// What stands on the document.
pub(crate) enum Print {
    /// The machine readable zone.
    Zone(Mrz),
    /// The QR code of a Vietnamese citizen card, as it reads and what it says.
    Qr { text: String, code: CitizenQr },
}

impl Print {
    pub(crate) const fn as_printed(&self) -> Printed<'_> {
        match self {
            Self::Zone(zone) => Printed::Mrz(zone),
            Self::Qr { code, .. } => Printed::CitizenQr(code),
        }
    }
}

impl CardArguments {
    /// The terminal to prove, if one is named.
    pub(crate) fn terminal(&self) -> Result<Option<TerminalFolder>, CliError> {
        self.terminal.as_deref().map(TerminalFolder::read).transpose()
    }

    /// The card file, if a virtual card is named.
    pub(crate) fn card_file(&self) -> Result<Option<CardFile>, CliError> {
        self.card
            .as_deref()
            .map(CardFile::read)
            .transpose()
            .map_err(CliError::from)
    }

    /// Waits for the card and opens the way to it.
    pub(crate) fn open(&self, card: Option<CardFile>) -> Result<AnyChannel, CliError> {
        if let Some(card) = card {
            // The thread's generator can't travel with the card.
            let rng = StdRng::from_rng(&mut rand::rng());
            let card = VirtualCard::new(&card, rng)?;
            return Ok(AnyChannel::Virtual(Box::new(InProcess::new(card))));
        }
        let timeout = Duration::from_secs(self.timeout);
        let cancellation = interrupt::cancellation();
        let channel =
            Readers::connect()?.wait_for_card_unless(self.reader.as_deref(), timeout, &cancellation)?;
        Ok(AnyChannel::Pcsc(
            channel.waiting_for_its_return(timeout, cancellation),
        ))
    }
}

impl PasswordArguments {
    /// The password that was given, else the virtual card's own.
    pub(crate) fn opening(&self, card: Option<&CardFile>) -> Result<Opening, CliError> {
        if let Some(opening) = self.given()? {
            return Ok(opening);
        }
        let Some(card) = card else {
            return Err(CliError::Usage(
                "the chip opens with what is printed on the document: give --can, --mrz, --qr, --pin or --puk".to_owned(),
            ));
        };
        let printed = parse_mrz(card.passwords.mrz.as_str()).map_err(|error| CliError::Mrz {
            what: "the card file's machine readable zone",
            error,
        })?;
        let password = match &card.passwords.can {
            Some(can) => Password::Can(Secret::new(can.as_str().as_bytes())),
            None => Password::Mrz(MrzKey::from(&printed)),
        };
        Ok(Opening {
            password,
            pin_revival: None,
            printed: Some(Print::Zone(printed)),
        })
    }

    /// What was given of the print, if it was a whole zone or a QR code.
    pub(crate) fn printed(&self) -> Result<Option<Print>, CliError> {
        if let Some(qr) = &self.qr {
            let printed = parse_qr(qr);
            return printed.map(Some).map_err(|error| CliError::Password {
                option: "--qr",
                error,
            });
        }
        let zone = self.mrz.as_deref().map(mrz_or_key).transpose()?;
        Ok(zone.and_then(|(_, zone)| zone).map(Print::Zone))
    }

    pub(crate) fn given(&self) -> Result<Option<Opening>, CliError> {
        let mrz = self.mrz.as_deref().map(mrz_or_key).transpose()?;
        let printed = self.printed()?;
        let secret = |text: &String| Secret::new(text.as_bytes());
        if let Some(pin) = &self.pin {
            let pin_revival = match (&self.can, &self.puk) {
                (Some(can), _) => Some(PinRevival::Can(card_access_number(can)?)),
                (None, Some(puk)) => Some(PinRevival::Puk(secret(puk))),
                (None, None) => None,
            };
            return Ok(Some(Opening {
                password: Password::Pin(secret(pin)),
                pin_revival,
                printed,
            }));
        }
        if let Some(puk) = &self.puk {
            return Ok(Some(Opening {
                password: Password::Puk(secret(puk)),
                pin_revival: None,
                printed,
            }));
        }
        let password = match (&self.can, &printed, mrz) {
            (Some(can), ..) => Some(Password::Can(card_access_number(can)?)),
            (None, Some(Print::Qr { code, .. }), _) => Some(Password::Can(code.number.can())),
            (None, _, Some((key, _))) => Some(Password::Mrz(key)),
            (None, ..) => None,
        };
        Ok(password.map(|password| Opening {
            password,
            pin_revival: None,
            printed,
        }))
    }
}

fn card_access_number(can: &str) -> Result<Secret, CliError> {
    if can.len() == 6 && can.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(Secret::new(can.as_bytes()))
    } else {
        Err(CliError::Usage("a card access number has six digits".to_owned()))
    }
}

/// The QR code holds the number, and the number ends with the card access number.
pub(crate) fn parse_qr(text: &str) -> Result<Print, LdsError> {
    let code = CitizenQr::parse(text)?;
    let text = text.to_owned();
    Ok(Print::Qr { text, code })
}

/// A whole machine readable zone, or the three fields that make the key.
fn mrz_or_key(text: &str) -> Result<(MrzKey, Option<Mrz>), CliError> {
    let wrong = |error| CliError::Password {
        option: "--mrz",
        error,
    };
    let fields: Vec<String> = text
        .split(',')
        .map(|field| field.trim().to_ascii_uppercase())
        .collect();
    if let [number, birth, expiry] = &fields[..] {
        let key = MrzKey::new(number, birth, expiry);
        return Ok((key.map_err(wrong)?, None));
    }
    let mrz = parse_mrz(text).map_err(wrong)?;
    Ok((MrzKey::from(&mrz), Some(mrz)))
}

/// Lines may be separated by anything that is not in a machine readable zone.
pub(crate) fn parse_mrz(text: &str) -> Result<Mrz, LdsError> {
    let text = text.replace("\\n", "\n").to_ascii_uppercase();
    let is_in_mrz = |character: char| character.is_ascii_alphanumeric() || character == '<';
    let lines: Vec<&str> = text
        .split(|character| !is_in_mrz(character))
        .filter(|line| !line.is_empty())
        .collect();
    Mrz::parse(&lines.join("\n"))
}
