//! What a command is for, by the standard's names.

use chipgate_apdu::{
    Command,
    tlv::{self, Tag},
};
use chipgate_crypto::ObjectIdentifier;
use chipgate_lds::{File, LDS_APPLICATION, oid};

/// The longest name of an application (ISO/IEC 7816-4, 12.2.3).
const LONGEST_NAME: usize = 16;

/// What a command is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// SELECT the master file.
    SelectMasterFile,
    /// SELECT an application by its name.
    SelectApplication {
        /// The name.
        name: Vec<u8>,
    },
    /// SELECT a file by its identifier.
    SelectFile {
        /// The identifier.
        identifier: u16,
        /// Which file that is in the current directory.
        file: Option<File>,
    },
    /// READ BINARY.
    ReadBinary {
        /// Which file.
        file: Option<File>,
        /// From which byte on.
        offset: usize,
    },
    /// GET CHALLENGE.
    GetChallenge,
    /// EXTERNAL AUTHENTICATE of basic access control (Doc 9303-11, 4.3.4.2).
    BasicAccess,
    /// MSE:Set AT for PACE (Doc 9303-11, 4.4.4.1).
    PaceTemplate {
        /// The protocol.
        protocol: Option<ObjectIdentifier>,
        /// The reference of the password.
        password: Option<u8>,
        /// The domain parameters, where the command names them.
        parameters: Option<u8>,
    },
    /// PACE, step 1: the encrypted nonce.
    PaceNonce,
    /// PACE, step 2: the nonce is mapped.
    PaceMap,
    /// PACE, step 3: key agreement.
    PaceAgree,
    /// PACE, step 4: mutual authentication.
    PaceToken,
    /// MSE:Set AT for chip authentication (Doc 9303-11, 6.2.4.2).
    ChipAuthenticationTemplate {
        /// The protocol.
        protocol: Option<ObjectIdentifier>,
    },
    /// Key agreement of chip authentication, by MSE:Set KAT or GENERAL AUTHENTICATE.
    ChipAuthentication {
        /// Whether it is MSE:Set KAT.
        set_template: bool,
    },
    /// MSE:Set DST, which names the key that a certificate is verified with (Doc 9303-11, 7.1.4.2).
    TerminalSignatureTemplate,
    /// PSO:Verify Certificate.
    TerminalCertificate,
    /// MSE:Set AT for terminal authentication.
    TerminalTemplate,
    /// EXTERNAL AUTHENTICATE of terminal authentication.
    TerminalAuthentication,
    /// INTERNAL AUTHENTICATE of active authentication (Doc 9303-11, 6.1).
    ActiveAuthentication,
    /// GET RESPONSE.
    GetResponse,
    /// Another command.
    Other,
    /// It could not be opened, or is no command.
    Closed,
}

/// The directory that files are looked up in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Directory {
    MasterFile,
    Application,
    /// One whose files are not known here, whatever their identifiers are elsewhere.
    Other,
}

impl Directory {
    /// That of the application with this name, or with a part of it or more (ISO/IEC 7816-4, 12.2.3).
    pub(super) fn of_application(name: &[u8]) -> Self {
        let is_part = !name.is_empty() && LDS_APPLICATION.starts_with(name);
        if is_part || name.starts_with(&LDS_APPLICATION) {
            Self::Application
        } else {
            Self::Other
        }
    }
}

/// What the chip remembers between commands and a command's meaning depends on.
#[derive(Clone, Copy)]
pub(super) struct Context {
    pub(super) directory: Directory,
    pub(super) file: Option<File>,
    /// Whether MSE:Set AT has chosen terminal authentication.
    pub(super) terminal: bool,
}

impl Meaning {
    pub(super) fn of(command: &Command, context: Context) -> Self {
        let data = command.data.as_slice();
        match (command.instruction, command.p1, command.p2) {
            (0xA4, 0x04, _) => Self::SelectApplication { name: data.to_vec() },
            (0xA4, ..) => select(data, context),
            (0xB0, p1, p2) => read_binary(p1, p2, context),
            (0xB1, p1, p2) => read_binary_odd(p1, p2, data, context),
            (0x84, ..) => Self::GetChallenge,
            (0x82, ..) if context.terminal => Self::TerminalAuthentication,
            (0x82, ..) => Self::BasicAccess,
            (0x88, ..) => Self::ActiveAuthentication,
            (0xC0, ..) => Self::GetResponse,
            (0x22, 0xC1, 0xA4) => Self::PaceTemplate {
                protocol: protocol(data),
                password: object(data, 0x83).and_then(|value| value.first().copied()),
                parameters: object(data, 0x84).and_then(|value| value.first().copied()),
            },
            (0x22, 0x41, 0xA4) => Self::ChipAuthenticationTemplate {
                protocol: protocol(data),
            },
            (0x22, 0x41, 0xA6) => Self::ChipAuthentication { set_template: true },
            (0x22, 0x81, 0xB6) => Self::TerminalSignatureTemplate,
            (0x22, 0x81, 0xA4) => Self::TerminalTemplate,
            (0x2A, 0x00, 0xBE) => Self::TerminalCertificate,
            (0x86, ..) => general_authenticate(data),
            _ => Self::Other,
        }
    }

    /// Its name, as a person reads it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::SelectMasterFile => "SELECT the master file".to_owned(),
            Self::SelectApplication { name } if name == &LDS_APPLICATION => {
                "SELECT the application of travel documents".to_owned()
            }
            Self::SelectApplication { name } => match name.get(..LONGEST_NAME) {
                Some(start) if name.len() > LONGEST_NAME => {
                    let start = hex::encode_upper(start);
                    format!("SELECT application {start}…, a name of {} bytes", name.len())
                }
                _ => format!("SELECT application {}", hex::encode_upper(name)),
            },
            Self::SelectFile { file: Some(file), .. } => format!("SELECT {file}"),
            Self::SelectFile { identifier, .. } => format!("SELECT file {identifier:04X}"),
            Self::ReadBinary { file, offset } => {
                let name = file.map_or("the current file", File::name);
                format!("READ BINARY {name} from byte {offset}")
            }
            Self::PaceTemplate {
                protocol,
                password,
                parameters,
            } => pace_template(*protocol, *password, *parameters),
            Self::ChipAuthenticationTemplate { protocol } => {
                format!("MSE:Set AT for chip authentication{}", named(*protocol))
            }
            other => other.fixed_title().to_owned(),
        }
    }

    const fn fixed_title(&self) -> &'static str {
        match self {
            Self::GetChallenge => "GET CHALLENGE",
            Self::BasicAccess => "EXTERNAL AUTHENTICATE of BAC",
            Self::PaceNonce => "GENERAL AUTHENTICATE, PACE step 1: encrypted nonce",
            Self::PaceMap => "GENERAL AUTHENTICATE, PACE step 2: map the nonce",
            Self::PaceAgree => "GENERAL AUTHENTICATE, PACE step 3: key agreement",
            Self::PaceToken => "GENERAL AUTHENTICATE, PACE step 4: mutual authentication",
            Self::ChipAuthentication { set_template: true } => "MSE:Set KAT, chip authentication",
            Self::ChipAuthentication { set_template: false } => "GENERAL AUTHENTICATE, chip authentication",
            Self::TerminalSignatureTemplate => "MSE:Set DST of terminal authentication",
            Self::TerminalCertificate => "PSO:Verify Certificate of terminal authentication",
            Self::TerminalTemplate => "MSE:Set AT for terminal authentication",
            Self::TerminalAuthentication => "EXTERNAL AUTHENTICATE of terminal authentication",
            Self::ActiveAuthentication => "INTERNAL AUTHENTICATE of active authentication",
            Self::GetResponse => "GET RESPONSE",
            Self::Closed => "a command that stayed closed",
            _ => "another command",
        }
    }
}

fn pace_template(protocol: Option<ObjectIdentifier>, password: Option<u8>, parameters: Option<u8>) -> String {
    let password = match password {
        Some(1) => ", password MRZ",
        Some(2) => ", password CAN",
        Some(3) => ", password PIN",
        Some(4) => ", password PUK",
        _ => "",
    };
    let parameters = parameters.map_or_else(String::new, |parameters| {
        format!(", domain parameters {parameters}")
    });
    format!("MSE:Set AT for PACE{}{password}{parameters}", named(protocol))
}

fn named(protocol: Option<ObjectIdentifier>) -> String {
    protocol.map_or_else(String::new, |protocol| {
        oid::name(&protocol).map_or_else(|| format!(", {protocol}"), |name| format!(", {name}"))
    })
}

fn select(data: &[u8], context: Context) -> Meaning {
    match data {
        [] | [0x3F, 0x00] => Meaning::SelectMasterFile,
        [high, low] => {
            let identifier = u16::from_be_bytes([*high, *low]);
            Meaning::SelectFile {
                identifier,
                file: by_identifier(identifier, context.directory),
            }
        }
        _ => Meaning::Other,
    }
}

fn is_in(file: File, directory: Directory) -> bool {
    match directory {
        Directory::MasterFile => !file.is_in_application(),
        Directory::Application => file.is_in_application(),
        Directory::Other => false,
    }
}

pub(super) fn by_identifier(identifier: u16, directory: Directory) -> Option<File> {
    File::all().find(|file| is_in(*file, directory) && file.identifier() == identifier)
}

fn by_short_identifier(short: u8, directory: Directory) -> Option<File> {
    File::all().find(|file| is_in(*file, directory) && file.short_identifier() == short)
}

fn read_binary(p1: u8, p2: u8, context: Context) -> Meaning {
    if p1 & 0x80 == 0 {
        let offset = usize::from(u16::from_be_bytes([p1, p2]));
        let file = context.file;
        Meaning::ReadBinary { file, offset }
    } else {
        Meaning::ReadBinary {
            file: by_short_identifier(p1 & 0x1F, context.directory),
            offset: p2.into(),
        }
    }
}

/// The odd instruction carries the offset in DO'54' (ISO/IEC 7816-4, 11.3.3).
fn read_binary_odd(p1: u8, p2: u8, data: &[u8], context: Context) -> Meaning {
    let offset = object(data, 0x54).unwrap_or_default();
    let offset = offset
        .iter()
        .take(4)
        .fold(0, |offset, &byte| offset << 8 | usize::from(byte));
    let file = match [p1, p2] {
        [0, 0] => context.file,
        [0, short @ 1..=0x1E] => by_short_identifier(short, context.directory),
        identifier => by_identifier(u16::from_be_bytes(identifier), context.directory),
    };
    Meaning::ReadBinary { file, offset }
}

/// The step is told by the first object in DO'7C'.
fn general_authenticate(data: &[u8]) -> Meaning {
    let Ok(inside) = tlv::single(data, Tag(0x7C)) else {
        return Meaning::Other;
    };
    match inside.first() {
        None => Meaning::PaceNonce,
        Some(0x80) => Meaning::ChipAuthentication { set_template: false },
        Some(0x81) => Meaning::PaceMap,
        Some(0x83) => Meaning::PaceAgree,
        Some(0x85) => Meaning::PaceToken,
        Some(_) => Meaning::Other,
    }
}

pub(crate) fn object(data: &[u8], tag: u32) -> Option<&[u8]> {
    tlv::find(data, Tag(tag)).ok().flatten()
}

fn protocol(data: &[u8]) -> Option<ObjectIdentifier> {
    object(data, 0x80).and_then(|value| ObjectIdentifier::from_bytes(value).ok())
}
