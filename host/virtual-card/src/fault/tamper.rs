//! Faults that come about after signing, on the chip.

use chipgate_apdu::tlv::{self, Reader, Tag};
use chipgate_crypto::{Curve, HashAlgorithm, ObjectIdentifier, PublicKey, SigningKey};
use chipgate_lds::{Com, DataGroup, SecurityInfo, encode_card_access, oid, parse_card_access};
use rand_core::CryptoRng;

use super::Fault;
use crate::{
    CardError, CardFile, ChipKeys, DhGroup, HexSecret, KeyGroup,
    agreement::PrivateKey,
    issue::{ChipSecurity, PaceDesign, pace_info, pace_settings},
};

const CARD_ACCESS: &str = "EF.CardAccess";
const CARD_SECURITY: &str = "EF.CardSecurity";
const COM: &str = "EF.COM";
const SOD: &str = "EF.SOD";
const DG1: &str = "DG1";
const DG2: &str = "DG2";
const MISSING: CardError = unusable("the file that the fault is about is not there");

impl Fault {
    /// Changes a card that was issued properly.
    pub(crate) fn tamper(
        self,
        card: &mut CardFile,
        rng: &mut (impl CryptoRng + ?Sized),
    ) -> Result<(), CardError> {
        match self {
            Self::AlteredDataGroup => change_name(file(card, DG1)?),
            Self::AlteredPortrait => flip_before_end(file(card, DG2)?, 64),
            Self::AlteredSod => alter_sod(card),
            Self::BrokenSignature => flip_before_end(file(card, SOD)?, 1),
            Self::CopiedChip => exchange_keys(card, rng),
            Self::CopiedChipWithoutChipKeys => {
                card.keys = ChipKeys::default();
                card.files.remove("DG14");
                remove(card, "DG15")
            }
            Self::CardAccessLies => lie_in_card_access(card),
            Self::CardAccessWithheld => {
                open_by_basic_access(card);
                remove(card, CARD_ACCESS)
            }
            Self::CardAccessStripped => strip_card_access(card),
            Self::ComLies => lie_in_com(card),
            Self::MissingPortrait => remove(card, DG2),
            Self::MissingSod => remove(card, SOD),
            Self::MissingCom => remove(card, COM),
            Self::GarbledSod => cut_within(file(card, SOD)?, Tag(0x77), 40),
            Self::SwappedChipKeys => swap_keys(card, rng),
            Self::WrongActiveKey => exchange_answering_key(card, rng),
            Self::TruncatedPortrait => {
                let dg2 = file(card, DG2)?;
                dg2.truncate(dg2.len() / 2);
                Ok(())
            }
            Self::LyingLength => claim(file(card, DG2)?, 0x8000_0000),
            Self::EndlessPortrait => {
                self.disturb(&mut card.personality);
                claim(file(card, DG2)?, ENDLESS)
            }
            Self::EndlessSod => {
                self.disturb(&mut card.personality);
                claim(file(card, SOD)?, ENDLESS)
            }
            Self::AlteredCardSecurity => flip_before_end(file(card, CARD_SECURITY)?, 1),
            Self::GarbledCom => {
                *file(card, COM)? = tlv::encode(Tag(0x60), &[0xFF; 12]);
                Ok(())
            }
            Self::DeprecatedParameters => offer(
                card,
                oid::id_PACE_DH_GM_AES_CBC_CMAC_128,
                DhGroup::Modp1024Subgroup160.into(),
            ),
            Self::UnknownPace => offer(card, UNKNOWN_PACE, Curve::P256.into()),
            // The name of parameters, with the version of a protocol behind it.
            Self::GarbledCardAccess => offer(card, oid::id_PACE_ECDH_GM, Curve::P256.into()),
            Self::PasswordRefused | Self::PasswordBlocked => {
                let disturbances = self.refuse_password(!card.chip.pace.is_empty());
                card.personality.disturbances.extend(disturbances);
                Ok(())
            }
            _ => {
                self.disturb(&mut card.personality); // or it lies in what was signed
                Ok(())
            }
        }
    }
}

const fn unusable(problem: &'static str) -> CardError {
    CardError::UnusableValue {
        field: "files",
        problem,
    }
}

/// A file of the card that a fault is about.
fn file<'a>(card: &'a mut CardFile, name: &str) -> Result<&'a mut Vec<u8>, CardError> {
    card.files.get_mut(name).map(|bytes| &mut bytes.0).ok_or(MISSING)
}

/// Changes the first letter of the surname. No check digit covers names (Doc 9303-4, -5), so the MRZ stays sound.
fn change_name(dg1: &mut [u8]) -> Result<(), CardError> {
    let text = Reader::new(dg1)
        .expect(Tag(0x61))
        .and_then(|dg1| tlv::single(dg1.value, Tag(0x5F1F)))
        .map_err(|_| unusable("DG1 holds no machine readable zone"))?;
    // The names of a TD3 stand behind the issuing state, those of a TD1 alone on the third line.
    let start = dg1.len() - text.len() + if text.len() == 90 { 60 } else { 5 };
    let letter = dg1.get_mut(start).ok_or(unusable("DG1 holds no names"))?;
    *letter = if *letter == b'Z' { b'Y' } else { b'Z' };
    Ok(())
}

fn remove(card: &mut CardFile, name: &str) -> Result<(), CardError> {
    card.files.remove(name).map(|_| ()).ok_or(MISSING)
}

/// Takes the last bytes away from the value of a file's template, whose length then fits again.
fn cut_within(bytes: &mut Vec<u8>, tag: Tag, count: usize) -> Result<(), CardError> {
    let value = tlv::single(bytes, tag).map_err(|_| unusable("the file is not one data object"))?;
    let kept = value
        .len()
        .checked_sub(count)
        .and_then(|length| value.get(..length));
    *bytes = tlv::encode(tag, kept.ok_or(unusable("the file is too short for the fault"))?);
    Ok(())
}

/// A hundred megabytes.
const ENDLESS: u32 = 100_000_000;

/// A length field of four bytes that says far more than there is.
fn claim(bytes: &mut Vec<u8>, length: u32) -> Result<(), CardError> {
    let (_, header, _) = tlv::header(bytes).map_err(|_| unusable("the file is not one data object"))?;
    let content = bytes.split_off(header);
    bytes.truncate(1);
    bytes.push(0x84);
    bytes.extend(length.to_be_bytes());
    bytes.extend(content);
    Ok(())
}

/// Flips a bit so many bytes before the end.
fn flip_before_end(bytes: &mut [u8], distance: usize) -> Result<(), CardError> {
    let place = bytes.len().checked_sub(distance).and_then(|at| bytes.get_mut(at));
    *place.ok_or(unusable("the file is too short for the fault"))? ^= 0x01;
    Ok(())
}

/// Alters DG1, and its hash in the security object with it.
fn alter_sod(card: &mut CardFile) -> Result<(), CardError> {
    let dg1 = file(card, DG1)?;
    let before = HashAlgorithm::Sha256.digest(dg1);
    change_name(dg1)?;
    let after = HashAlgorithm::Sha256.digest(dg1);
    let sod = file(card, SOD)?;
    let at = sod.windows(before.len()).position(|window| window == before);
    let place = at.and_then(|at| sod.get_mut(at..at + after.len()));
    place
        .ok_or(unusable("EF.SOD does not hold the hash of DG1"))?
        .copy_from_slice(&after);
    Ok(())
}

/// Other private keys of the same kinds: what a copy can have at best.
fn exchange_keys(card: &mut CardFile, rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), CardError> {
    for key in &mut card.keys.chip_authentication {
        key.private_key = HexSecret(PrivateKey::generate(key.group, rng).to_bytes());
    }
    exchange_answering_key(card, rng)
}

fn exchange_answering_key(card: &mut CardFile, rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), CardError> {
    if let Some(key) = &mut card.keys.active_authentication {
        let own = SigningKey::from_pkcs8_der(key.private_key.0.as_bytes())?;
        let other = match own.public_key() {
            PublicKey::Rsa(_) => SigningKey::generate_rsa(2048, rng)?,
            PublicKey::Ec(point) => SigningKey::generate_ec(point.curve(), rng)?,
        };
        key.private_key = HexSecret(other.to_pkcs8_der()?);
    }
    Ok(())
}

/// Fresh keys, and the data groups that announce them, as if the card had been issued with them.
fn swap_keys(card: &mut CardFile, rng: &mut (impl CryptoRng + ?Sized)) -> Result<(), CardError> {
    let own = ChipSecurity::generate(&card.profile.design(), rng)?;
    card.keys = own.keys;
    for (name, bytes) in [("DG14", own.dg14), ("DG15", own.dg15)] {
        if let Some(bytes) = bytes {
            *file(card, name)? = bytes;
        }
    }
    Ok(())
}

fn open_by_basic_access(card: &mut CardFile) {
    card.chip.pace.clear();
    (card.chip.basic_access, card.chip.select_before_access) = (true, true);
}

/// EF.CardAccess without what it says of PACE: on these cards, an empty set.
fn strip_card_access(card: &mut CardFile) -> Result<(), CardError> {
    let bytes = file(card, CARD_ACCESS)?;
    let mut infos = parse_card_access(bytes)?.all().to_vec();
    infos.retain(|info| !matches!(info, SecurityInfo::Pace(_)));
    *bytes = encode_card_access(&infos);
    open_by_basic_access(card);
    Ok(())
}

/// EF.CardAccess offers this variant of PACE only; the chip is left as it is.
/// Generic mapping over elliptic curves with a cipher that is not defined.
const UNKNOWN_PACE: ObjectIdentifier = ObjectIdentifier::new_unwrap("0.4.0.127.0.7.2.2.4.2.9");

fn offer(card: &mut CardFile, protocol: ObjectIdentifier, group: KeyGroup) -> Result<(), CardError> {
    *file(card, CARD_ACCESS)? = encode_card_access(&[pace_info(&PaceDesign { protocol, group })]);
    Ok(())
}

/// Another curve in EF.CardAccess and in the chip's PACE, everything else as it was.
fn lie_in_card_access(card: &mut CardFile) -> Result<(), CardError> {
    let curve = match card.chip.pace.first().map(|pace| pace.group) {
        Some(KeyGroup::Curve(Curve::BrainpoolP256r1)) => Curve::P256,
        _ => Curve::BrainpoolP256r1,
    };
    let other = PaceDesign {
        protocol: oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128,
        group: curve.into(),
    };
    let can = card.passwords.can.is_some();
    let bytes = file(card, CARD_ACCESS)?;
    let mut infos = parse_card_access(bytes)?.all().to_vec();
    infos.retain(|info| !matches!(info, SecurityInfo::Pace(_)));
    infos.push(pace_info(&other));
    *bytes = encode_card_access(&infos);
    card.chip.pace = vec![pace_settings(&other, can)];
    Ok(())
}

/// DG15 vanishes from the list: a reader that trusted it would skip active authentication.
fn lie_in_com(card: &mut CardFile) -> Result<(), CardError> {
    let bytes = file(card, COM)?;
    let mut com = Com::parse(bytes)?;
    com.data_groups.retain(|group| *group != DataGroup::DG15);
    *bytes = com.encode();
    Ok(())
}
