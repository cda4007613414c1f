//! EF.CardSecurity and EF.SOD over the exchanged files, and the anchors under which they are signed.

use chipgate_apdu::Timestamp;
use chipgate_lds::{File, LdsSecurityObject, parse_card_security, parse_sod};
use rand_core::CryptoRng;

use super::{
    IssuerKnown, RevocationKnown, TwinOptions,
    authority::{Authority, earlier, later},
    der,
    elementary_files::{self, Keys},
    signed::{self, Issuers},
};
use crate::{RecordingError, dialogue::Dialogue};

/// Signs EF.CardSecurity and EF.SOD over the exchanged files, and gives the anchors.
pub(super) fn sign(
    dialogue: &Dialogue,
    files: &mut [(File, Vec<u8>)],
    (options, created): (TwinOptions, Timestamp),
    rng: &mut impl CryptoRng,
) -> Result<Vec<(String, Vec<u8>)>, RecordingError> {
    let mut issuers = Issuers {
        authorities: Vec::new(),
        forged: options.issuer == IssuerKnown::Forged,
        serials: Vec::new(),
    };
    for file in [File::CardSecurity, File::Sod] {
        let Some(original) = dialogue.file(file) else {
            continue;
        };
        let resigned = if file == File::Sod {
            security_object(dialogue, files, original, &mut issuers, rng)?
        } else {
            card_security(files, original, &mut issuers, rng)?
        };
        if let Some((_, bytes)) = files.iter_mut().find(|(name, _)| *name == file) {
            *bytes = resigned;
        }
    }
    anchors(&issuers, options, created, rng)
}

/// EF.SOD over the exchanged files; one that is no signed data keeps its header, and nothing else.
fn security_object(
    dialogue: &Dialogue,
    files: &[(File, Vec<u8>)],
    original: &[u8],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RecordingError> {
    let content = parse_sod(original).ok().and_then(|signed| {
        let content = signed::content(signed)?;
        LdsSecurityObject::parse(content)
            .ok()
            .map(|object| (signed, content, object))
    });
    let Some((signed, content, object)) = content else {
        return Ok(unreadable(original, rng));
    };
    let mut new_content = content.to_vec();
    for (group, hash) in &object.data_groups {
        let file = File::DataGroup(*group);
        let fits = dialogue
            .file(file)
            .is_some_and(|bytes| object.hash.digest(bytes) == *hash);
        let new = match files.iter().find(|(name, _)| *name == file) {
            Some((_, bytes)) if fits => object.hash.digest(bytes),
            _ => {
                let mut random = vec![0; hash.len()];
                rng.fill_bytes(&mut random);
                random
            }
        };
        der::replace_all(&mut new_content, hash, &new);
    }
    let resigned = signed::resign(signed, &new_content, issuers, rng)?;
    Ok(with_inside(original, signed, &resigned))
}

fn card_security(
    files: &[(File, Vec<u8>)],
    original: &[u8],
    issuers: &mut Issuers,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, RecordingError> {
    // The keys in it were exchanged already.
    let exchanged = files.iter().find(|(name, _)| *name == File::CardSecurity);
    let content = exchanged
        .and_then(|(_, bytes)| parse_card_security(bytes).ok())
        .and_then(signed::content)
        .map(<[u8]>::to_vec);
    match (parse_card_security(original), content) {
        (Ok(signed), Some(mut content)) => {
            elementary_files::security_infos(&mut content, Keys::AreExchanged, &mut Vec::new(), rng);
            let resigned = signed::resign(signed, &content, issuers, rng)?;
            Ok(with_inside(original, signed, &resigned))
        }
        _ => Ok(unreadable(original, rng)),
    }
}

fn with_inside(original: &[u8], inside: &[u8], new: &[u8]) -> Vec<u8> {
    let mut bytes = original.to_vec();
    if let Some(place) = der::find(original, inside) {
        der::put(&mut bytes, &place, new);
    }
    bytes
}

/// The same outer object with random bytes in it.
fn unreadable(original: &[u8], rng: &mut impl CryptoRng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    let header = chipgate_apdu::tlv::header(original).map_or(0, |(_, header, _)| header);
    if let Some(inside) = bytes.get_mut(header..) {
        rng.fill_bytes(inside);
    }
    bytes
}

fn anchors(
    issuers: &Issuers,
    options: TwinOptions,
    created: Timestamp,
    rng: &mut impl CryptoRng,
) -> Result<Vec<(String, Vec<u8>)>, RecordingError> {
    const DAYS_BEFORE: u64 = 10 * 365;
    let (from, now) = (earlier(created, DAYS_BEFORE), later(options.now.max(created), 0));
    let mut trust = Vec::new();
    for (index, authority) in issuers.authorities.iter().enumerate() {
        let stem = format!("csca-{}", index + 1);
        let other;
        let anchor = if options.issuer == IssuerKnown::Unknown {
            // Another authority is an anchor; this one is not.
            other = stranger(authority, rng)?;
            &other
        } else {
            authority
        };
        trust.push((format!("{stem}.der"), anchor.certificate(now, from, rng)?));
        if options.revocation != RevocationKnown::NoList {
            let revoked = match options.revocation {
                RevocationKnown::Revoked => issuers.serials.as_slice(),
                _ => &[],
            };
            let list = anchor.revocation_list(revoked, (earlier(created, 1), now), rng)?;
            trust.push((format!("{stem}.crl"), list));
        }
    }
    Ok(trust)
}

/// An authority of the same kind with another name.
fn stranger(authority: &Authority, rng: &mut impl CryptoRng) -> Result<Authority, RecordingError> {
    let mut name = authority.name.clone();
    // The last letter of the last name is another one.
    if let Some(last) = name.iter_mut().rev().find(|byte| byte.is_ascii_alphabetic()) {
        *last = if *last == b'X' { b'Y' } else { b'X' };
    }
    Authority::like(authority, name, rng)
}
