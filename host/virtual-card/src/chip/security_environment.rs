//! MANAGE SECURITY ENVIRONMENT (ISO/IEC 7816-4, 11.5.11): which protocol comes next, and with which key.

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{Reader, Tag},
};

use super::{Answer, VirtualCard, pace::PaceStep, state::Access};

/// Set authentication template for mutual authentication: PACE.
const SET_PACE: [u8; 2] = [0xC1, 0xA4];
/// Set authentication template for internal authentication: chip authentication.
const SET_CHIP_AUTHENTICATION: [u8; 2] = [0x41, 0xA4];
/// Set key agreement template: chip authentication under triple DES.
const SET_KEY_AGREEMENT: [u8; 2] = [0x41, 0xA6];

/// The objects of a template.
#[derive(Default)]
pub(super) struct Template<'a> {
    /// DO'80': the protocol.
    pub(super) protocol: Option<&'a [u8]>,
    /// DO'83': the password, by its reference.
    pub(super) password: Option<&'a [u8]>,
    /// DO'84': the private key or the domain parameters, by their reference.
    pub(super) key: Option<&'a [u8]>,
    /// DO'91': the terminal's ephemeral public key.
    pub(super) public_key: Option<&'a [u8]>,
}

impl VirtualCard {
    pub(super) fn manage_security_environment(&mut self, command: &Command) -> Answer {
        self.state.pace = PaceStep::Idle;
        self.state.chip_authentication = false;
        let template = Template::read(&command.data)?;
        match [command.p1, command.p2] {
            SET_PACE => self.choose_pace(&template),
            SET_CHIP_AUTHENTICATION => self.choose_chip_authentication(&template),
            SET_KEY_AGREEMENT => self.agree_by_key_agreement_template(&template),
            _ => Err(StatusWord::INCORRECT_P1P2),
        }
    }

    /// MSE:Set AT for PACE (Doc 9303-11, 4.4.4.1).
    fn choose_pace(&mut self, template: &Template<'_>) -> Answer {
        let pace = self
            .memory
            .pace
            .as_ref()
            .ok_or(StatusWord::INSTRUCTION_NOT_SUPPORTED)?;
        if self.state.access != Access::None {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let parameters = template
            .key
            .is_none_or(|id| id == [pace.curve.domain_parameter_id()]);
        if template.protocol != Some(pace.protocol.as_bytes()) || !parameters {
            return Err(StatusWord::WRONG_DATA);
        }
        let Some(&[reference]) = template.password else {
            return Err(StatusWord::WRONG_DATA);
        };
        let password = self.pace_password(reference)?;
        if self.is_blocked() {
            return Err(StatusWord::AUTHENTICATION_BLOCKED);
        }
        self.state.pace = PaceStep::Chosen(password);
        Ok(Response::status_only(StatusWord::SUCCESS))
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
                _ => return Err(StatusWord::WRONG_DATA),
            };
            if place.replace(element.value).is_some() {
                return Err(StatusWord::WRONG_DATA);
            }
        }
        Ok(template)
    }
}
