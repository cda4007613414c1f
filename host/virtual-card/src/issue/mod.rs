//! Personalisation: from a profile and a PKI to a card file.

mod chip_keys;
mod holder;
mod plan;
mod vietnam;

use std::collections::BTreeMap;

use chipgate_apdu::Timestamp;
use chipgate_crypto::HashAlgorithm;
use chipgate_lds::{
    Com, DataGroup, Dg1, Dg2, FaceImage, File, LdsSecurityObject, LdsVersionInfo, encode_sod, oid,
};
use rand_core::CryptoRng;

use crate::{
    CARD_FILE_VERSION, CardError, CardFile, ChipSettings, Fault, HexBytes, Passwords, Personality, Pki,
    Profile, SecretText,
    calendar::Moment,
    pki::{Signing, signed_data},
};
pub(crate) use chip_keys::{ChipSecurity, pace_info, pace_settings};
pub(crate) use plan::Plan;

/// The picture of a card for which none was given: a silhouette, drawn for this project.
pub const SILHOUETTE: &[u8] = include_bytes!("silhouette.jpg");
/// An answer to reset that carries nothing but T=1 (ISO/IEC 7816-3; PC/SC part 3, 3.1.3.2.3).
const ANSWER_TO_RESET: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];
const LDS_VERSION: &str = "0108";
const UNICODE_VERSION: &str = "040000";

/// What is wanted of a card beside its profile.
#[derive(Clone, Debug, Default)]
pub struct IssueOptions {
    /// The portrait, a JPEG or JPEG 2000 picture as it is to stand in DG2; a silhouette if none is given.
    pub portrait: Option<Vec<u8>>,
    /// What is to be wrong with the card.
    pub faults: Vec<Fault>,
}

/// Issues a card of a profile at `now`. The same random numbers give the same card.
pub fn issue(
    profile: Profile,
    pki: &Pki,
    options: &IssueOptions,
    rng: &mut (impl CryptoRng + ?Sized),
    now: Timestamp,
) -> Result<CardFile, CardError> {
    let mut plan = Plan::new(profile, Moment::from(now), rng);
    for fault in &options.faults {
        fault.check_profile(profile)?;
        fault.plan(&mut plan);
    }
    let security = if plan.has_chip_keys {
        ChipSecurity::generate(profile, rng)?
    } else {
        ChipSecurity::none()
    };
    let portrait = plan
        .has_portrait
        .then(|| options.portrait.clone().unwrap_or_else(|| SILHOUETTE.to_vec()));
    let mut files = data_groups(&plan, &security, portrait)?;
    let object = security_object(&plan, &files, rng);
    files.insert(File::Sod, sign(&plan, pki, &object, rng)?);
    files.insert(File::Com, com(&object).encode());
    files.extend(
        security
            .card_access
            .clone()
            .map(|bytes| (File::CardAccess, bytes)),
    );
    let mut card = assemble(&plan, security, files)?;
    for fault in &options.faults {
        fault.tamper(&mut card, rng)?;
        card.faults.push(fault.name().to_owned());
    }
    Ok(card)
}

/// The data groups that the card carries.
fn data_groups(
    plan: &Plan,
    security: &ChipSecurity,
    portrait: Option<Vec<u8>>,
) -> Result<BTreeMap<File, Vec<u8>>, CardError> {
    let dg2 = portrait.map(dg2).transpose()?;
    let dg13 = plan
        .holder
        .citizen_number
        .is_some()
        .then(|| vietnam::dg13(&plan.holder));
    let groups = [
        (
            DataGroup::DG1,
            Some(
                Dg1 {
                    mrz: plan.holder.mrz()?,
                }
                .encode(),
            ),
        ),
        (DataGroup::DG2, dg2),
        (DataGroup::DG13, dg13),
        (DataGroup::DG14, security.dg14.clone()),
        (DataGroup::DG15, security.dg15.clone()),
    ];
    Ok(groups
        .into_iter()
        .filter_map(|(group, bytes)| Some((File::DataGroup(group), bytes?)))
        .collect())
}

fn dg2(portrait: Vec<u8>) -> Result<Vec<u8>, CardError> {
    let picture = FaceImage::new(portrait).map_err(|_| CardError::UnusablePortrait)?;
    Ok(Dg2 { faces: vec![picture] }.encode()?)
}

/// The hashes that are signed: of each data group, and of DG3 where the chip has one that it does not give.
fn security_object(
    plan: &Plan,
    files: &BTreeMap<File, Vec<u8>>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> LdsSecurityObject {
    let hash = HashAlgorithm::Sha256;
    let mut data_groups: Vec<(DataGroup, Vec<u8>)> = files
        .iter()
        .filter_map(|(file, bytes)| match file {
            File::DataGroup(group) => Some((*group, hash.digest(bytes))),
            _ => None,
        })
        .collect();
    if plan.has_fingerprints() {
        let mut fingerprints = [0; 32]; // no one ever reads them; only their hash is known
        rng.fill_bytes(&mut fingerprints);
        data_groups.push((DataGroup::DG3, hash.digest(&fingerprints)));
    }
    data_groups.sort();
    let versions = LdsVersionInfo {
        lds_version: LDS_VERSION.into(),
        unicode_version: UNICODE_VERSION.into(),
    };
    let lds_version = plan.signs_versions().then_some(versions);
    LdsSecurityObject {
        version: lds_version.is_some().into(),
        hash,
        data_groups,
        lds_version,
    }
}

fn sign(
    plan: &Plan,
    pki: &Pki,
    object: &LdsSecurityObject,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let (state, kind) = plan.signer;
    let signing = Signing {
        content_type: oid::id_icao_mrtd_security_ldsSecurityObject,
        content: &object.encode(),
        signer: pki.country(state).signer(kind)?,
        certificates: &[],
        time: plan.signing_time,
    };
    Ok(encode_sod(&signed_data(&signing, rng)?))
}

/// EF.COM, with a list in an order of its own: nothing may rely on it.
fn com(object: &LdsSecurityObject) -> Com {
    Com {
        lds_version: LDS_VERSION.into(),
        unicode_version: UNICODE_VERSION.into(),
        data_groups: object.data_groups.iter().rev().map(|(group, _)| *group).collect(),
    }
}

fn assemble(
    plan: &Plan,
    security: ChipSecurity,
    files: BTreeMap<File, Vec<u8>>,
) -> Result<CardFile, CardError> {
    let lines: Vec<String> = plan.holder.mrz()?.lines().map(str::to_owned).collect();
    let pace_only = plan.profile == Profile::Td3Pace;
    Ok(CardFile {
        version: CARD_FILE_VERSION,
        profile: plan.profile,
        faults: Vec::new(),
        passwords: Passwords {
            can: plan.holder.can.clone().map(SecretText::new),
            mrz: SecretText::new(lines.join("\n")),
            qr: vietnam::qr(&plan.holder).map(SecretText::new),
        },
        chip: ChipSettings {
            atr: HexBytes(ANSWER_TO_RESET.to_vec()),
            master_file: plan.master_file(),
            basic_access: !pace_only,
            pace: security.pace,
            select_before_access: !pace_only,
            refused_files: if plan.has_fingerprints() {
                vec!["DG3".into()]
            } else {
                Vec::new()
            },
        },
        personality: Personality::default(),
        keys: security.keys,
        files: files
            .into_iter()
            .map(|(file, bytes)| (file.name().to_owned(), HexBytes(bytes)))
            .collect(),
    })
}
