//! PACE as it is followed: its keys by the reader's random numbers, and what is wrong with the chip's answers.

use chipgate_crypto::{
    AgreementGroup, AgreementPublicKey, HashAlgorithm, ObjectIdentifier, Secret, SessionKeys,
    derive_password_key,
};
use chipgate_lds::File;

use super::{
    AccessUsed, KeyUse, Messaging, Oddity,
    interpreter::{Interpreter, dynamic},
    keys,
};

/// How far PACE has come.
#[derive(Default)]
pub(super) struct Pace {
    pub(super) protocol: Option<ObjectIdentifier>,
    pub(super) password: Option<u8>,
    pub(super) parameters: Option<u8>,
    /// The nonce, where the password is known.
    pub(super) nonce: Option<Secret>,
    /// What was sent and received in step 2.
    pub(super) mapped: Option<(Vec<u8>, Vec<u8>)>,
    pub(super) map_key: Option<KeyUse>,
    /// The public keys of step 3.
    pub(super) ours: Option<Vec<u8>>,
    pub(super) theirs: Option<Vec<u8>>,
    pub(super) session: Option<SessionKeys>,
}

impl Interpreter<'_> {
    /// What is wrong with the chip's public key in PACE.
    pub(super) fn odd_key(&self, ours: Option<&[u8]>, theirs: Option<&[u8]>) -> Option<Oddity> {
        let theirs = theirs?;
        if ours == Some(theirs) {
            return Some(Oddity::Reflected);
        }
        let fits = |group| AgreementPublicKey::from_bytes(group, theirs).is_ok();
        (!self.pace_groups().into_iter().any(fits)).then_some(Oddity::OffGroup)
    }

    /// What is wrong with the chip's token, where the session's keys are known.
    pub(super) fn odd_token(&self, response: &[u8]) -> Option<Oddity> {
        let (session, ours) = (self.pace.session.as_ref()?, self.pace.ours.as_ref()?);
        let (protocol, token) = (self.pace.protocol?, dynamic(response, 0x86)?);
        let expected = self.pace_groups().into_iter().find_map(|group| {
            let ours = AgreementPublicKey::from_bytes(group, ours).ok()?;
            keys::pace_token(&protocol, session, &ours)
        });
        (expected? != *token).then_some(Oddity::WrongProof)
    }

    /// The groups that PACE may run in: those of the command, else those that EF.CardAccess has for the protocol.
    pub(super) fn pace_groups(&self) -> Vec<AgreementGroup> {
        let offered = || {
            let infos = self.infos(File::CardAccess)?;
            let offers = infos.pace().into_iter();
            let protocol = self.pace.protocol?;
            Some(
                offers
                    .filter(|offer| offer.protocol == protocol)
                    .filter_map(|offer| offer.parameter_id)
                    .collect(),
            )
        };
        let ids: Vec<u8> = match self.pace.parameters {
            Some(id) => vec![id],
            None => offered().unwrap_or_default(),
        };
        ids.into_iter()
            .filter_map(|id| AgreementGroup::from_domain_parameter_id(id).ok())
            .collect()
    }

    /// The key of the generic mapping; the integrated mapping sends a nonce in its place.
    pub(super) fn pace_map(&self, data: &[u8]) -> Option<KeyUse> {
        let public = dynamic(data, 0x81)?;
        self.pace_groups()
            .into_iter()
            .find_map(|group| keys::key_of_public(group, &self.draws, &public))
    }

    /// The nonce, decrypted with the password (Doc 9303-11, 4.4.4.2).
    pub(super) fn pace_nonce(&self, response: &[u8]) -> Option<Secret> {
        let encrypted = dynamic(response, 0x80)?;
        let password = match self.pace.password? {
            1 => HashAlgorithm::Sha1.digest(self.mrz.as_ref()?.as_bytes()),
            2 => self.header.get("can")?.as_bytes().to_vec(),
            3 => self.header.get("pin")?.as_bytes().to_vec(),
            4 => self.header.get("puk")?.as_bytes().to_vec(),
            _ => return None,
        };
        let cipher = keys::cipher_of(&self.pace.protocol?)?;
        let key = derive_password_key(cipher, &password);
        let iv = vec![0; cipher.block_length()];
        let nonce = cipher.decrypt_cbc(key.as_bytes(), &iv, &encrypted).ok()?;
        Some(Secret::new(nonce))
    }

    /// The key of step 3 by its public key over the mapped generator.
    pub(super) fn pace_agree(&self, data: &[u8]) -> Option<KeyUse> {
        let public = dynamic(data, 0x83)?;
        let (ours, theirs) = self.pace.mapped.as_ref()?;
        let (nonce, protocol) = (self.pace.nonce.as_ref()?, self.pace.protocol?);
        let cipher = keys::cipher_of(&protocol)?;
        self.pace_groups().into_iter().find_map(|group| {
            let generator = if keys::mapping_of(&protocol)? == keys::Mapping::Integrated {
                group.map_integrated(cipher, nonce.as_bytes(), ours).ok()?
            } else {
                let theirs = AgreementPublicKey::from_bytes(group, theirs).ok()?;
                let shared = self.pace.map_key.as_ref()?.private.apply(&theirs).ok()?;
                group.map_generic(nonce.as_bytes(), &shared).ok()?
            };
            keys::key_over(&generator, &self.draws, &public)
        })
    }

    pub(super) fn pace_token(&mut self, data: &[u8]) -> Option<KeyUse> {
        let (token, theirs) = (dynamic(data, 0x85)?, self.pace.theirs.clone()?);
        let protocol = self.pace.protocol?;
        let (key, session) = self.pace_groups().into_iter().find_map(|group| {
            let theirs = AgreementPublicKey::from_bytes(group, &theirs).ok()?;
            keys::pace_session(&protocol, &self.draws, &theirs, &token)
        })?;
        self.pace.session = Some(session);
        self.pace.parameters = Some(key.private.group().domain_parameter_id());
        Some(key)
    }

    pub(super) fn pace_succeeded(&mut self) {
        let Some(session) = self.pace.session.take() else {
            return;
        };
        self.messaging = Some(Messaging::new(session, 0));
        if let (Some(protocol), Some(parameters)) = (self.pace.protocol, self.pace.parameters) {
            self.access = Some(AccessUsed::Pace {
                protocol,
                parameters,
                password: self.pace.password.unwrap_or(0),
            });
        }
    }
}
