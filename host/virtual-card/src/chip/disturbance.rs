//! What a chip does wrong at one command: for readers that must not be led astray by it.

use chipgate_apdu::{Command, Response, StatusWord};

use super::{Answer, VirtualCard, memory::Place};
use crate::card_file::{Disturbance, Effect};

/// The instruction of SELECT.
const SELECT: u8 = 0xA4;

impl VirtualCard {
    /// Carries a command out, unless something is to go wrong with it.
    pub(super) fn carry_out_or_disturb(&mut self, command: &Command) -> Answer {
        let Some(effect) = self.disturbance(command) else {
            return self.carry_out(command);
        };
        match effect {
            Effect::Status { status } => Err(StatusWord(status.0)),
            Effect::NoData => {
                self.carry_out(command)?;
                Ok(Response::status_only(StatusWord::SUCCESS))
            }
            Effect::EndlessFile => Ok(self.carry_out(command).unwrap_or_else(|_| {
                let length = command.expected.unwrap_or(256).min(self.personality.max_response);
                Response::new(vec![0; length], StatusWord::SUCCESS)
            })),
            Effect::FlippedBit { byte } => {
                let mut response = self.carry_out(command)?;
                let length = response.data.len();
                if let Some(byte) = response.data.get_mut(byte % length.max(1)) {
                    *byte ^= 1;
                }
                Ok(response)
            }
            Effect::Reflected => {
                let mut response = self.carry_out(command)?;
                reflect(&command.data, &mut response.data);
                Ok(response)
            }
            _ => {
                self.disturbed = Some(effect);
                self.carry_out(command)
            }
        }
    }

    /// What is to go wrong with this command; every one that is spoken to counts it.
    fn disturbance(&mut self, command: &Command) -> Option<Effect> {
        let file = self.addressed(command);
        let mut found = None;
        for (disturbance, count) in self.personality.disturbances.iter().zip(&mut self.counts) {
            if !concerns(disturbance, command, file) {
                continue;
            }
            *count += 1;
            let due = if disturbance.once {
                *count == disturbance.from
            } else {
                *count >= disturbance.from
            };
            if due && found.is_none() {
                found = Some(disturbance.effect.clone());
            }
        }
        found
    }

    /// The file that SELECT or READ BINARY is about.
    fn addressed(&self, command: &Command) -> Option<Place> {
        match (command.instruction, command.p1, command.data.as_slice()) {
            (SELECT, 0x00 | 0x02, &[high, low]) => {
                Some((self.state.directory, u16::from_be_bytes([high, low])))
            }
            (0xB0, short @ 0x80.., _) => Some((self.state.directory, 0x0100 | u16::from(short & 0x1F))),
            (0xB0 | 0xB1, ..) => self.state.file,
            _ => None,
        }
    }

    /// Spoils a response on its way out; nothing is left of it where the chip falls silent.
    pub(super) fn spoil(&mut self, effect: &Effect, response: Vec<u8>) -> Vec<u8> {
        match effect {
            Effect::PlainStatus { status } => StatusWord(status.0).to_bytes().to_vec(),
            Effect::Garbage => self.random::<40>().to_vec(),
            Effect::Silence => Vec::new(),
            Effect::Gone => {
                self.gone = true;
                Vec::new()
            }
            Effect::Replayed => self.last_response.clone(),
            Effect::Truncated => {
                let mut half = response[..response.len() / 2].to_vec();
                half.extend(StatusWord::SUCCESS.to_bytes());
                half
            }
            Effect::OtherStatus => {
                let mut response = response;
                let start = response.len().saturating_sub(2);
                let end = StatusWord::END_OF_FILE.to_bytes();
                let is_end = response.get(start..) == Some(&end[..]);
                let other = if is_end {
                    StatusWord::SUCCESS.to_bytes()
                } else {
                    end
                };
                response.splice(start.., other);
                response
            }
            _ => response,
        }
    }
}

fn concerns(disturbance: &Disturbance, command: &Command, file: Option<Place>) -> bool {
    let Disturbance {
        instruction,
        p1,
        file: wanted,
        ..
    } = disturbance;
    instruction.is_none_or(|wanted| wanted.0 == u16::from(command.instruction))
        && p1.is_none_or(|wanted| wanted.0 == u16::from(command.p1))
        && wanted
            .as_ref()
            .is_none_or(|wanted| super::memory::place(wanted) == file)
}

/// Puts the terminal's own public key in the place of the chip's, if it has its length.
fn reflect(command: &[u8], response: &mut [u8]) {
    let (length, other) = (response.len(), command.len());
    if length == other && length > 4 {
        // 7C L1 8x L2: the tags differ, the value is the same.
        response[4..].copy_from_slice(&command[4..]);
    }
}
