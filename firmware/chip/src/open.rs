//! From a card on the reader to a session with its application (Doc 9303-11, 4.2).

use alloc::vec::Vec;

use chipgate_apdu::{Channel, Command, StatusWord};
use chipgate_lds::{File, LDS_APPLICATION, MrzKey, SecurityInfo, SecurityInfos};
use rand_core::CryptoRng;

use crate::{
    Access, AccessOptions, AccessProtocol, CardDifference, ChipError, Malformation, Password, PasswordKind,
    Session, Step, Unsupported, bac,
    connection::Connection,
    pace::PaceOutcome,
    pace_variant,
    password::document_number,
    pin_revival,
    read::{self, Reading, Sizes, Target},
    session::absent,
};

/// Opens a chip: reads EF.CardAccess, carries out PACE if that file offers it and BAC if it does not, and selects the
/// application of travel documents.
///
/// A PACE that fails is an error; BAC follows it only if [`AccessOptions::fall_back_to_bac`] says so, and never after
/// a password that the chip refused.
pub async fn open<C: Channel>(
    channel: C,
    password: &Password,
    options: &AccessOptions,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Session<C>, ChipError> {
    open_if(channel, password, options, |_| true, rng).await
}

/// Opens a chip whose EF.CardAccess is the right one: no other learns anything of the password.
pub(crate) async fn open_if<C: Channel>(
    channel: C,
    password: &Password,
    options: &AccessOptions,
    is_the_card: impl FnOnce(Option<&[u8]>) -> bool,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Session<C>, ChipError> {
    let mut connection =
        Connection::new(channel, options.extended_length).cancelled_by(&options.cancellation);
    let mut sizes = Sizes::default();
    let card_access = read_card_access(&mut connection, options.longest_file, &mut sizes).await?;
    if !is_the_card(card_access.as_deref()) {
        return Err(ChipError::AnotherCard {
            by: CardDifference::CardAccess,
        });
    }
    let offer = card_access.as_deref();
    let secret = password;
    let (protocol, password, fell_back, pace) =
        match attempt_pace(&mut connection, offer, password, options, rng).await {
            Ok(Some((protocol, outcome))) => (protocol, password.kind(), false, Some(outcome)),
            Ok(None) => {
                let protocol = basic_access(&mut connection, password, options, rng).await?;
                (protocol, PasswordKind::Mrz, false, None)
            }
            Err(error) if options.fall_back_to_bac && may_fall_back(&error, password) => {
                connection.unsecure();
                let protocol = basic_access(&mut connection, password, options, rng).await?;
                if protocol == AccessProtocol::None {
                    return Err(error);
                }
                (protocol, PasswordKind::Mrz, true, None)
            }
            Err(error) => return Err(error),
        };
    let static_identifier = match protocol {
        AccessProtocol::None => None,
        AccessProtocol::Bac => bac_key(secret, options).ok().map(document_number),
        AccessProtocol::Pace { .. } => secret.static_identifier(),
    };
    let access = Access {
        protocol,
        password,
        card_access,
        fell_back,
        static_identifier,
        pace,
    };
    Ok(Session::new(connection, access, options, sizes))
}

/// What BAC opens the chip with.
fn bac_key<'a>(password: &'a Password, options: &'a AccessOptions) -> Result<&'a MrzKey, ChipError> {
    match password {
        Password::Mrz(key) => Ok(key),
        Password::Can(_) | Password::Pin(_) | Password::Puk(_) => {
            options.bac_key.as_ref().ok_or(ChipError::PasswordNotUsable {
                password: password.kind(),
            })
        }
    }
}

/// What may be tried again with BAC: not a lost card, not a password that the chip refused.
const fn may_fall_back(error: &ChipError, password: &Password) -> bool {
    matches!(password, Password::Mrz(_))
        && matches!(
            error,
            ChipError::Protocol { .. }
                | ChipError::Malformed { .. }
                | ChipError::BadKey { .. }
                | ChipError::SecureMessaging { .. }
                | ChipError::Unsupported { .. }
        )
}

/// EF.CardAccess, or `None` if the chip has no such file, as one that speaks only BAC.
async fn read_card_access<C: Channel>(
    connection: &mut Connection<C>,
    limit: usize,
    sizes: &mut Sizes,
) -> Result<Option<Vec<u8>>, ChipError> {
    // Some chips know no SELECT of the master file and answer 6D00 (the Vietnamese citizen card): it is current
    // after a reset anyway, so whatever they answer, EF.CardAccess is selected next.
    let master_file = Command::new(0x00, 0xA4, 0x00, 0x0C).with_data([0x3F, 0x00]);
    connection.send(Step::SelectMasterFile, &master_file).await?;
    let select = select_file(File::CardAccess);
    let selected = connection
        .select(Step::SelectCardAccess, &select)
        .await?
        .is_success();
    let target = if selected {
        Target::Current
    } else {
        Target::ShortIdentifier(File::CardAccess.short_identifier())
    };
    let mut silent = |_| {};
    let mut reading = Reading::new(
        (File::CardAccess, Step::ReadCardAccess),
        read::longest(File::CardAccess, limit),
        sizes,
        &mut silent,
    );
    match read::read(connection, &mut reading, target).await {
        Ok(()) => Ok(Some(reading.into_data())),
        // Nor is one available that the chip selects and then refuses to give (Doc 9303-11, 4.2, step 1).
        Err(ChipError::Protocol { status, .. })
            if !selected || reading.is_empty() && absent(status).is_some() =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// SELECT by file identifier, no response data (Doc 9303-10, 3.6.2).
pub(crate) fn select_file(file: File) -> Command {
    Command::new(0x00, 0xA4, 0x02, 0x0C).with_data(file.identifier().to_be_bytes())
}

/// An offer of PACE that does not parse: the document speaks PACE all the same, and BAC would be a step down.
fn is_unreadable_pace(info: &SecurityInfo) -> bool {
    matches!(info, SecurityInfo::Unknown { .. }) && info.is_about_pace()
}

/// PACE, if EF.CardAccess offers it.
async fn attempt_pace<C: Channel>(
    connection: &mut Connection<C>,
    card_access: Option<&[u8]>,
    password: &Password,
    options: &AccessOptions,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Option<(AccessProtocol, PaceOutcome)>, ChipError> {
    let Some(card_access) = card_access else {
        return Ok(None);
    };
    let infos = SecurityInfos::parse(card_access)
        .map_err(|error| ChipError::malformed(Step::ReadCardAccess, Malformation::Lds(error)))?;
    if infos.pace().is_empty() {
        return if infos.all().iter().any(is_unreadable_pace) {
            Err(ChipError::Unsupported {
                what: Unsupported::PaceVariant,
            })
        } else {
            Ok(None)
        };
    }
    let variant = pace_variant::choose(&infos, options.pace_protocol)?;
    let outcome =
        pin_revival::authenticate(connection, &variant, password, options.pin_revival.as_ref(), rng).await?;
    select_application(connection).await?;
    let protocol = AccessProtocol::Pace {
        protocol: variant.protocol,
        parameter_id: variant.parameter_id,
    };
    Ok(Some((protocol, outcome)))
}

/// BAC, with the application selected first; or nothing, on a chip without access control.
async fn basic_access<C: Channel>(
    connection: &mut Connection<C>,
    password: &Password,
    options: &AccessOptions,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<AccessProtocol, ChipError> {
    // First of all: a card of another kind is told as such, whatever password was given.
    select_application(connection)
        .await
        .map_err(|error| match error {
            ChipError::Protocol { status, .. } if is_another_kind(status) => ChipError::NoTravelDocument,
            error => error,
        })?;
    let refused = match bac_key(password, options) {
        Ok(key) => match bac::authenticate(connection, key, rng).await {
            Ok(()) => return Ok(AccessProtocol::Bac),
            Err(error @ ChipError::Protocol { .. }) => error,
            Err(error) => return Err(error),
        },
        Err(error) => error,
    };
    if reads_in_plain(connection).await? {
        return Ok(AccessProtocol::None);
    }
    Err(refused)
}

/// Whether the chip gives EF.COM in plain: it has no access control, as Doc 9303-11 allows (4.1, note 1; 4.2, step 4).
/// It is asked only once BAC cannot be carried out, so that a read with BAC costs no command more.
async fn reads_in_plain<C: Channel>(connection: &mut Connection<C>) -> Result<bool, ChipError> {
    let command = Command::new(0x00, 0xB0, 0x80 | File::Com.short_identifier(), 0x00).expecting(4);
    let response = connection.send(Step::ReadWithoutAccess, &command).await?;
    if response.status.is_success() && !response.data.is_empty() {
        return Ok(true);
    }
    // A chip without short identifiers.
    let select = select_file(File::Com);
    if !connection
        .send(Step::ReadWithoutAccess, &select)
        .await?
        .status
        .is_success()
    {
        return Ok(false);
    }
    let command = Command::new(0x00, 0xB0, 0x00, 0x00).expecting(4);
    let response = connection.send(Step::ReadWithoutAccess, &command).await?;
    Ok(response.status.is_success() && !response.data.is_empty())
}

/// What cards of other kinds answer to the selection of the application in plain: that they know no such name, no
/// selection by name, or no such command; 6985 where they want something else first, which they have not offered.
const fn is_another_kind(status: StatusWord) -> bool {
    matches!(
        status,
        StatusWord::FUNCTION_NOT_SUPPORTED
            | StatusWord::FILE_NOT_FOUND
            | StatusWord::INCORRECT_P1P2
            | StatusWord::INSTRUCTION_NOT_SUPPORTED
            | StatusWord::CLASS_NOT_SUPPORTED
            | StatusWord::CONDITIONS_NOT_SATISFIED
    )
}

/// SELECT the application by its name (Doc 9303-10, 3.6.3).
pub(crate) async fn select_application<C: Channel>(connection: &mut Connection<C>) -> Result<(), ChipError> {
    let step = Step::SelectApplication;
    let select = Command::new(0x00, 0xA4, 0x04, 0x0C).with_data(LDS_APPLICATION);
    match connection.select(step, &select).await? {
        StatusWord::SUCCESS => Ok(()),
        StatusWord::FILE_NOT_FOUND => Err(ChipError::NoTravelDocument),
        status => Err(ChipError::Protocol { step, status }),
    }
}
