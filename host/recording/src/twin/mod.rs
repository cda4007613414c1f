//! A virtual card that answers as the recorded one did, with an invented holder and issuers of its own.
//!
//! Every file keeps its length and its structure. What is personal in it is exchanged for something of the same form;
//! keys are exchanged for fresh ones of the same kind, and signatures are made anew under them. What did not fit, a hash,
//! a signature, a chip's key, does not fit in the twin either.

mod authority;
mod beside_the_face;
mod biometric_header;
mod card;
mod chip_keys;
mod data_groups;
mod der;
mod elementary_files;
mod face;
mod face_block;
mod habits;
mod mrz;
mod passwords;
mod portrait;
mod security_objects;
mod signed;
mod text;
mod zone;

use chipgate_apdu::Timestamp;
use chipgate_lds::{DataGroup, File};
use chipgate_virtual_card::CardFile;
use rand_core::CryptoRng;

use crate::{
    Recording, RecordingError,
    dialogue::Dialogue,
    redact::{refuse_closed, rehearse},
};
use data_groups::Invention;
use mrz::InventedMrz;
pub(crate) use passwords::Passwords;
use passwords::passwords;
use security_objects::sign;
use text::Words;
use zone::zone;

/// What is known of the issuer of a recorded document; it decides what the twin's anchors are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IssuerKnown {
    /// Its authority is an anchor.
    #[default]
    Anchor,
    /// Its authority is no anchor, though others are.
    Unknown,
    /// Its certificate names an anchor, and another key signed it.
    Forged,
}

/// What is known of the revocation of the document's signer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RevocationKnown {
    /// A list is there, and the signer is not on it.
    #[default]
    Good,
    /// The signer is on the list.
    Revoked,
    /// There is no list.
    NoList,
}

/// How a twin is to be made.
#[derive(Clone, Copy, Debug)]
pub struct TwinOptions {
    /// What is known of the issuer.
    pub issuer: IssuerKnown,
    /// What is known of its revocation list.
    pub revocation: RevocationKnown,
    /// The time: anchors and lists of the twin hold from the time of the recording to years after now.
    pub now: Timestamp,
}

/// A virtual card with its anchors.
pub struct Twin {
    /// The card.
    pub card: CardFile,
    /// The anchors and revocation lists, each with the name of its file.
    pub trust: Vec<(String, Vec<u8>)>,
    pub(crate) passwords: Passwords,
    /// The recorded public keys of chip authentication, each with the twin's.
    pub(crate) agreement: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Twin {
    /// Makes the twin of a recorded card. The same random numbers give the same twin.
    pub fn of(
        recording: &Recording,
        options: TwinOptions,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordingError> {
        let dialogue = Dialogue::of(recording);
        refuse_closed(recording, &dialogue)?;
        let mut twin = Self::of_dialogue(recording, &dialogue, options, rng)?;
        rehearse(recording, &dialogue, &mut twin, rng)?;
        Ok(twin)
    }

    pub(crate) fn of_dialogue(
        recording: &Recording,
        dialogue: &Dialogue,
        options: TwinOptions,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, RecordingError> {
        let created = recording.header.created();
        let zone = zone(recording, dialogue);
        let mrz = InventedMrz::new(&zone, created, rng).ok_or(RecordingError::NoTwin {
            what: "a machine readable zone of no known size",
        })?;
        let mut words = Words::new(mrz.pairs());
        let passwords = passwords(recording, &mrz, &mut words, rng);
        let agreement = chip_keys::agreement_keys(dialogue, rng)?;
        let answering = chip_keys::answering_key(dialogue, rng)?;
        let mut invention = Invention {
            mrz: &mrz,
            words,
            exchanged: Vec::new(),
            rng,
        };
        let mut files = Vec::new();
        for (&file, trace) in &dialogue.files {
            if trace.bytes.is_empty() {
                files.extend(trace.selected.then(|| (file, card::unread(file))));
                continue;
            }
            let mut bytes = match (&answering, file) {
                (Some(answering), File::DataGroup(DataGroup::DG15)) => answering.file.clone(),
                _ => invention.file(file, &trace.bytes),
            };
            for key in &agreement {
                der::replace_all(&mut bytes, &key.old, &key.new);
            }
            card::filled(dialogue, file, &mut bytes, invention.rng);
            files.push((file, bytes));
        }
        let trust = sign(dialogue, &mut files, (options, created), rng)?;
        let parts = card::Parts {
            recording,
            dialogue,
            passwords: &passwords,
            files,
            agreement: &agreement,
            answering: answering.as_ref(),
            is_copy: chip_keys::is_copy(dialogue),
        };
        Ok(Self {
            card: card::card(&parts, rng)?,
            trust,
            passwords,
            agreement: agreement.into_iter().map(|key| (key.old, key.new)).collect(),
        })
    }
}
