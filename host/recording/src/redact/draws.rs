//! Fresh random numbers in place of the recorded ones, drawn in the same portions.

use std::convert::Infallible;

use rand_core::{CryptoRng, TryCryptoRng, TryRng, utils::next_word_via_fill};

use chipgate_crypto::{AgreementGroup, AgreementPrivateKey};

use crate::dialogue::Dialogue;

/// A key may need several draws, as the recorded one did: so often it is tried.
const TRIES: usize = 20_000;

/// Challenges and the key of BAC are this long at most. What is longer is a private key, exchanged where it was used.
const LONGEST_CHALLENGE: usize = 16;
/// By its first bytes a draw is taken or rejected as a private key of its group. They stay where nothing shows which key that was.
const DECIDING: usize = 4;

/// The recorded draws, and the fresh ones.
pub(super) struct FreshDraws {
    old: Vec<Vec<u8>>,
    new: Vec<Vec<u8>>,
    keys: Vec<(core::ops::Range<usize>, AgreementPrivateKey)>,
    /// What was drawn and does not stand in the recording as drawn, each with fresh bytes.
    opened: Vec<(Vec<u8>, Vec<u8>)>,
}

impl FreshDraws {
    /// Exchanges what is short, and what was sent as it was drawn; of the rest all but the first bytes.
    pub(super) fn new(old: Vec<Vec<u8>>, dialogue: &Dialogue, rng: &mut impl CryptoRng) -> Self {
        let is_sent = |draw: &[u8]| {
            let commands = dialogue
                .turns
                .iter()
                .filter_map(|turn| turn.command.as_ref().ok());
            let mut data = commands.map(|command| command.data.as_slice());
            data.any(|data| data.windows(draw.len()).any(|part| part == draw))
        };
        let new = old.iter().map(|draw| {
            let mut bytes = draw.clone();
            if draw.len() <= LONGEST_CHALLENGE || is_sent(draw) {
                rng.fill_bytes(&mut bytes);
            } else {
                rng.fill_bytes(&mut bytes[DECIDING..]);
            }
            bytes
        });
        Self {
            new: new.collect(),
            old,
            keys: Vec::new(),
            opened: Vec::new(),
        }
    }

    /// Fresh bytes in place of what the recorded reader must have drawn, where that is not among the draws.
    pub(super) fn add(&mut self, undrawn: Vec<Vec<u8>>, rng: &mut impl CryptoRng) {
        for old in undrawn {
            if self.in_place_of(&old).is_none() {
                let mut new = vec![0; old.len()];
                rng.fill_bytes(&mut new);
                self.opened.push((old, new));
            }
        }
    }

    /// A private key whose draws replace these ones, portion by portion.
    pub(super) fn key(
        &mut self,
        group: AgreementGroup,
        draws: &core::ops::Range<usize>,
        rng: &mut impl CryptoRng,
    ) -> Option<AgreementPrivateKey> {
        if let Some((_, key)) = self.keys.iter().find(|(known, _)| known == draws) {
            return Some(key.clone());
        }
        let wanted: Vec<usize> = self.old.get(draws.clone())?.iter().map(Vec::len).collect();
        for _ in 0..TRIES {
            let mut noting = Noting {
                rng: &mut *rng,
                drawn: Vec::new(),
            };
            let key = AgreementPrivateKey::generate(group, &mut noting);
            if noting.drawn.iter().map(Vec::len).eq(wanted.iter().copied()) {
                self.new.get_mut(draws.clone())?.clone_from_slice(&noting.drawn);
                self.keys.push((draws.clone(), key.clone()));
                return Some(key);
            }
        }
        None
    }

    /// The fresh bytes in place of recorded ones that were sent as they were drawn.
    pub(super) fn in_place_of(&self, old: &[u8]) -> Option<&[u8]> {
        if let Some(place) = self.old.iter().position(|draw| draw == old) {
            return self.new.get(place).map(Vec::as_slice);
        }
        let mut opened = self.opened.iter();
        opened.find_map(|(known, new)| (known == old).then_some(new.as_slice()))
    }

    pub(super) fn into_new(self) -> Vec<Vec<u8>> {
        self.new
    }
}

/// Notes what is drawn.
struct Noting<'a, R> {
    rng: &'a mut R,
    drawn: Vec<Vec<u8>>,
}

impl<R: CryptoRng> TryRng for Noting<'_, R> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        self.rng.fill_bytes(bytes);
        self.drawn.push(bytes.to_vec());
        Ok(())
    }
}

impl<R: CryptoRng> TryCryptoRng for Noting<'_, R> {}
