//! MANAGE SECURITY ENVIRONMENT (ISO/IEC 7816-4, 11.5.11): which protocol comes next, and with which key.

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{Reader, Tag},
};

use super::{
    Answer, VirtualCard,
    memory::Pace,
    pace::{PaceRun, PaceStep},
    passwords::PasswordReference,
    state::Access,
};

/// Set authentication template for mutual authentication: PACE.
const SET_PACE: [u8; 2] = [0xC1, 0xA4];
/// Set authentication template for internal authentication: chip authentication.
const SET_CHIP_AUTHENTICATION: [u8; 2] = [0x41, 0xA4];
/// Set key agreement template: chip authentication under triple DES.
const SET_KEY_AGREEMENT: [u8; 2] = [0x41, 0xA6];
/// Set digital signature template for verification: the next CV certificate.
const SET_VERIFICATION: [u8; 2] = [0x81, 0xB6];
/// Set authentication template for external authentication: terminal authentication.
const SET_TERMINAL: [u8; 2] = [0x81, 0xA4];

/// The objects of a template.
#[derive(Default)]
pub(super) struct Template<'a> {
    /// DO'80': the protocol.
    pub(super) protocol: Option<&'a [u8]>,
    /// DO'83': the password or the public key, by its reference.
    pub(super) password: Option<&'a [u8]>,
    /// DO'84': the private key or the domain parameters, by their reference.
    pub(super) key: Option<&'a [u8]>,
    /// DO'91': the terminal's ephemeral public key.
    pub(super) public_key: Option<&'a [u8]>,
    /// DO'7F4C': the authorisation that the terminal means to prove.
    pub(super) authorisation: Option<&'a [u8]>,
}

impl VirtualCard {
    pub(super) fn manage_security_environment(&mut self, command: &Command) -> Answer {
        self.state.pace = None;
        self.state.chip_authentication = None;
        let template = Template::read(&command.data)?;
        match [command.p1, command.p2] {
            SET_PACE => self.choose_pace(&template),
            SET_CHIP_AUTHENTICATION => self.choose_chip_authentication(&template),
            SET_KEY_AGREEMENT => self.agree_by_key_agreement_template(&template),
            SET_VERIFICATION => self.choose_verification_key(&template),
            SET_TERMINAL => self.choose_terminal_key(&template),
            _ => Err(StatusWord::INCORRECT_P1P2),
        }
    }

    /// MSE:Set AT for PACE (Doc 9303-11, 4.4.4.1).
    fn choose_pace(&mut self, template: &Template<'_>) -> Answer {
        if self.memory.pace.is_empty() {
            return Err(StatusWord::INSTRUCTION_NOT_SUPPORTED);
        }
        let pace = self.choose_variant(template)?.clone();
        let reference = match template.password {
            Some(&[reference]) => PasswordReference::from_byte(reference),
            _ => return Err(StatusWord::WRONG_DATA),
        };
        let reference = reference.ok_or(StatusWord::REFERENCE_NOT_FOUND)?;
        // A suspended PIN is tried within the session that the card access number opened (TR-03110-2, 2.3.1).
        let resumes = reference == PasswordReference::Pin && self.opened_by(PasswordReference::Can);
        if self.state.access != Access::None && !resumes {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let password = self.pace_password(&pace, reference)?;
        if self.is_blocked() {
            return Err(StatusWord::AUTHENTICATION_BLOCKED);
        }
        self.state.pace = Some(PaceRun {
            pace,
            reference,
            names_authorities: template.authorisation.is_some(),
            step: PaceStep::Chosen(password),
        });
        Ok(Response::status_only(self.tries_warning(reference)))
    }

    /// The variant that a command means: its protocol, and its domain parameters where there are several.
    fn choose_variant(&self, template: &Template<'_>) -> Result<&Pace, StatusWord> {
        let protocol = template.protocol.ok_or(StatusWord::WRONG_DATA)?;
        if self.personality.wants_parameter_id && template.key.is_none() {
            return Err(StatusWord::WRONG_DATA);
        }
        let speaks = |pace: &&Pace| pace.protocol.as_bytes() == protocol;
        let named = |pace: &&Pace| {
            template
                .key
                .is_none_or(|id| id == [pace.group.domain_parameter_id()])
        };
        let spoken: Vec<&Pace> = self.memory.pace.iter().filter(speaks).collect();
        let mut matching = spoken.iter().copied().filter(|pace| named(pace));
        match (matching.next(), matching.next()) {
            (Some(pace), None) => Ok(pace),
            (Some(_), Some(_)) => Err(StatusWord::REFERENCE_NOT_FOUND), // ambiguous
            (None, _) => Err(StatusWord::WRONG_DATA),
        }
    }
}

impl<'a> Template<'a> {
    fn read(data: &'a [u8]) -> Result<Self, StatusWord> {
        let mut template = Self::default();
        let mut reader = Reader::new(data);
        while let Some(element) = reader.next().map_err(|_| StatusWord::WRONG_DATA)? {
            let place = match element.tag {
                Tag(0x80) => &mut template.protocol,
                Tag(0x83) => &mut template.password,
                Tag(0x84) => &mut template.key,
                Tag(0x91) => &mut template.public_key,
                Tag(0x7F4C) => &mut template.authorisation,
                _ => continue, // "the IC SHOULD ignore data objects with tags not specified for this command"
            };
            if place.replace(element.value).is_some() {
                return Err(StatusWord::WRONG_DATA);
            }
        }
        Ok(template)
    }
}
