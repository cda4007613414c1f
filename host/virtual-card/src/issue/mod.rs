//! Personalisation: from a profile and a PKI to a card file.

mod chip_keys;
mod data_groups;
mod design;
mod holder;
mod master_file;
mod plan;
mod vietnam;

use std::collections::BTreeMap;

use chipgate_apdu::Timestamp;
use chipgate_lds::{Com, DataGroup, File, LdsSecurityObject, LdsVersionInfo, encode_sod, oid};
use rand_core::CryptoRng;

use crate::{
    CARD_FILE_VERSION, CardError, CardFile, ChipSettings, Fault, HashName, HexBytes, Passwords, Personality,
    Pki, Profile, Quirk, SecretText, SignerAlgorithm,
    calendar::Moment,
    pki::{Identity, Signing, signed_data},
};
pub(crate) use chip_keys::{ChipSecurity, pace_info, pace_settings};
pub(crate) use design::{PaceDesign, Portrait};
pub(crate) use master_file::cvca_file;
pub(crate) use plan::Plan;

/// The picture of a card for which none was given: a silhouette, drawn for this project.
pub const SILHOUETTE: &[u8] = include_bytes!("silhouette.jpg");
/// An answer to reset that carries nothing but T=1 (ISO/IEC 7816-3; PC/SC part 3, 3.1.3.2.3).
const ANSWER_TO_RESET: [u8; 5] = [0x3B, 0x80, 0x80, 0x01, 0x01];
const LDS_VERSION: &str = "0108";
const UNICODE_VERSION: &str = "040000";

/// What is wanted of a card beside its profile.
///
/// ```
/// use chipgate_virtual_card::{HashName, IssueOptions};
///
/// // Signed by a key of its own kind, under the authority of the PKI.
/// let options = IssueOptions {
///     signer: Some("rsa-3072-pss-sha512".parse()?),
///     hash: Some(HashName::Sha512),
///     ..IssueOptions::default()
/// };
/// # let _ = options;
/// # Ok::<(), chipgate_virtual_card::CardError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct IssueOptions {
    /// The portrait, a JPEG or JPEG 2000 picture as it is to stand in DG2; a silhouette if none is given.
    pub portrait: Option<Vec<u8>>,
    /// What is to be wrong with the card.
    pub faults: Vec<Fault>,
    /// How the chip is to differ from a prompt one; genuine all the same.
    pub personalities: Vec<Quirk>,
    /// A document signer made for this card, with a key of this kind; the profile's signer of the PKI if none is given.
    pub signer: Option<SignerAlgorithm>,
    /// Whether a signer under the authority's next key signs it, which only a link certificate leads to.
    pub next_authority: bool,
    /// The hash function of the security object over the data groups; SHA-256 if none is given.
    pub hash: Option<HashName>,
}

/// Issues a card of a profile at `now`. The same random numbers give the same card.
pub fn issue(
    profile: Profile,
    pki: &Pki,
    options: &IssueOptions,
    rng: &mut (impl CryptoRng + ?Sized),
    now: Timestamp,
) -> Result<CardFile, CardError> {
    let mut plan = Plan::new(profile, options, Moment::from(now), rng);
    for quirk in &options.personalities {
        quirk.plan(&mut plan);
    }
    for fault in &options.faults {
        fault.check_profile(profile)?;
        fault.plan(&mut plan);
    }
    let security = ChipSecurity::generate(&plan.design, rng)?;
    let mut files = data_groups::data_groups(&plan, &security, options.portrait.as_deref())?;
    let object = security_object(&plan, &files, rng);
    let signer = plan.document_signer(pki, rng)?;
    let sod = sign(
        &plan,
        &signer,
        (oid::id_icao_mrtd_security_ldsSecurityObject, &object.encode()),
        rng,
    )?;
    files.insert(File::Sod, encode_sod(&sod));
    files.insert(File::Com, com(&object).encode());
    files.extend(master_file::files(&plan, &security));
    if let Some(content) = &security.card_security {
        let card_security = sign(&plan, &signer, (oid::id_SecurityObject, content), rng)?;
        files.insert(File::CardSecurity, card_security);
    }
    let mut card = assemble(&plan, security, files)?;
    master_file::trust_terminals(&plan, pki, &mut card);
    for quirk in &options.personalities {
        quirk.apply(&mut card);
    }
    master_file::describe_chip(&plan, &mut card);
    for fault in &options.faults {
        fault.tamper(&mut card, rng)?;
        card.faults.push(fault.name().to_owned());
    }
    Ok(card)
}

/// The hashes that are signed: of each data group, and of DG3 where the chip has one that it does not give.
fn security_object(
    plan: &Plan,
    files: &BTreeMap<File, Vec<u8>>,
    rng: &mut (impl CryptoRng + ?Sized),
) -> LdsSecurityObject {
    let hash = plan.hash;
    let mut data_groups: Vec<(DataGroup, Vec<u8>)> = files
        .iter()
        .filter_map(|(file, bytes)| match file {
            File::DataGroup(group) => Some((*group, hash.digest(bytes))),
            _ => None,
        })
        .collect();
    if plan.has_unreadable_fingerprints() {
        let mut fingerprints = [0; 32]; // no one ever reads them; only their hash is known
        rng.fill_bytes(&mut fingerprints);
        data_groups.push((DataGroup::DG3, hash.digest(&fingerprints)));
    }
    data_groups.sort();
    let versions = LdsVersionInfo {
        lds_version: LDS_VERSION.into(),
        unicode_version: UNICODE_VERSION.into(),
    };
    let lds_version = plan.design.signs_versions.then_some(versions);
    LdsSecurityObject {
        version: lds_version.is_some().into(),
        hash,
        data_groups,
        lds_version,
    }
}

impl Plan {
    /// The one who signs: the profile's signer of the PKI, or one made for this card.
    fn document_signer(&self, pki: &Pki, rng: &mut (impl CryptoRng + ?Sized)) -> Result<Identity, CardError> {
        let (state, kind) = self.signer;
        let country = pki.country(state);
        match self.own_signer {
            Some(algorithm) => country.make_signer(algorithm, self.signing_time, rng),
            None => country.signer(kind).cloned(),
        }
    }
}

/// CMS signed data over a content of this type.
fn sign(
    plan: &Plan,
    signer: &Identity,
    (content_type, content): (chipgate_crypto::ObjectIdentifier, &[u8]),
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<Vec<u8>, CardError> {
    let signing = Signing {
        content_type,
        content,
        signer,
        certificates: &[],
        time: plan.signing_time,
    };
    signed_data(&signing, rng)
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
    let pin = plan.holder.pin.clone();
    let [pin, puk] = pin.map_or([None, None], |pins| pins.map(|pin| Some(SecretText::new(pin))));
    Ok(CardFile {
        version: CARD_FILE_VERSION,
        profile: plan.profile,
        faults: Vec::new(),
        personalities: Vec::new(),
        passwords: Passwords {
            can: plan.holder.can.clone().map(SecretText::new),
            pin,
            puk,
            mrz: SecretText::new(lines.join("\n")),
            qr: vietnam::qr(&plan.holder).map(SecretText::new),
        },
        chip: ChipSettings {
            atr: HexBytes(ANSWER_TO_RESET.to_vec()),
            master_file: plan.master_file(),
            access_control: plan.design.access_control,
            basic_access: plan.design.basic_access,
            pace: security.pace,
            terminal_authentication: None,
            select_before_access: plan.design.basic_access || !plan.design.access_control,
            refused_files: if plan.has_unreadable_fingerprints() {
                vec!["DG3".into()]
            } else {
                Vec::new()
            },
            unreadable_files: Vec::new(),
        },
        personality: Personality::default(),
        keys: security.keys,
        files: files
            .into_iter()
            .map(|(file, bytes)| (file.name().to_owned(), HexBytes(bytes)))
            .collect(),
    })
}
