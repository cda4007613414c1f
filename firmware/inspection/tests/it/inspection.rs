//! One inspection from card to evaluation, as a gate makes it.

use std::sync::OnceLock;

use chipgate_apdu::{Channel, Timestamp};
use chipgate_chip::{
    Access, AccessOptions, ActiveAuthentication, ChipAuthentication, ChipError, Password, Session, open,
};
use chipgate_inspection::{
    AccessObservation, Evaluation, FaceObservation, FileObservation, Files, Observations, Printed, evaluate,
};
use chipgate_lds::{DataGroup, File, Mrz, MrzKey, parse_dg14, parse_dg15};
use chipgate_trust::{
    CardSecurityAuthentication, MemoryAnchors, PassiveAuthentication, PathOptions, RevocationList,
    TrustAnchor, authenticate_card_security, authenticate_security_object,
};
use chipgate_virtual_card::{
    CardFile, Expectation, Fault, InProcess, IssueOptions, Pki, Profile, VirtualCard, issue,
};
use rand::{SeedableRng, rngs::StdRng};

/// 2026-11-24T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_795_478_400);

/// The challenge of active authentication in these tests.
pub(crate) const CHALLENGE: [u8; 8] = *b"a nonce!";

pub(crate) fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| Pki::generate(&mut StdRng::seed_from_u64(1), NOW).unwrap())
}

/// The PKI's anchors with its revocation lists.
pub(crate) fn anchors() -> MemoryAnchors {
    let mut anchors = without_revocation();
    for list in pki().revocation_lists() {
        anchors.add_revocation(RevocationList::from_der(list).unwrap());
    }
    anchors
}

pub(crate) fn without_revocation() -> MemoryAnchors {
    pki()
        .anchors()
        .into_iter()
        .map(|der| TrustAnchor::from_der(der).unwrap())
        .collect()
}

pub(crate) fn card(profile: Profile, faults: &[Fault]) -> CardFile {
    let options = IssueOptions {
        faults: faults.to_vec(),
        ..IssueOptions::default()
    };
    issue(profile, pki(), &options, &mut StdRng::seed_from_u64(2), NOW).unwrap()
}

/// Whether a fault comes to a verdict by what is read here: not where reading ends with an error, nor where EF.CardSecurity
/// has to be read.
pub(crate) fn is_judged_here(expected: &Expectation) -> bool {
    expected.error.is_none() && expected.profile != Profile::Td3PaceCam
}

/// What an inspection saw.
pub(crate) struct Seen {
    pub access: Option<Access>,
    pub files: Files,
    pub passive: Option<PassiveAuthentication>,
    pub chip: Option<Result<ChipAuthentication, ChipError>>,
    pub active: Option<Result<ActiveAuthentication, ChipError>>,
    pub card_security: Option<CardSecurityAuthentication>,
    pub face: FaceObservation,
    pub printed: Option<Mrz>,
    pub now: Timestamp,
}

impl Seen {
    pub(crate) fn evaluate(&self) -> Evaluation {
        evaluate(&Observations {
            access: self
                .access
                .as_ref()
                .map_or(AccessObservation::FilesOnly, AccessObservation::Opened),
            files: &self.files,
            passive: self.passive.as_ref(),
            chip_authentication: self.chip.as_ref().map(Result::as_ref),
            active_authentication: self.active.as_ref().map(Result::as_ref),
            terminal_authentication: None,
            card_security: self.card_security.as_ref(),
            printed: self.printed.as_ref().map(Printed::Mrz),
            face: &self.face,
            attack: None,
            challenge: None,
            now: self.now,
        })
    }
}

/// Inspects a card with these anchors.
pub(crate) fn inspect(card: CardFile, anchors: &MemoryAnchors) -> Seen {
    pollster::block_on(inspect_async(card, anchors))
}

async fn inspect_async(card: CardFile, anchors: &MemoryAnchors) -> Seen {
    let mut rng = StdRng::seed_from_u64(3);
    let mrz: String = card.passwords.mrz.as_str().split_whitespace().collect();
    let mrz = Mrz::parse(&mrz).unwrap();
    let channel = InProcess::new(VirtualCard::new(&card, StdRng::seed_from_u64(4)).unwrap());
    let password = Password::Mrz(MrzKey::from(&mrz));
    let mut session = open(channel, &password, &AccessOptions::default(), &mut rng)
        .await
        .unwrap();
    let mut files = Files::new();
    if session.access().chip_authentication_mapping().is_some() {
        let outcome = session.read_file(File::CardSecurity, &mut |_| {}).await;
        files.insert(
            File::CardSecurity,
            outcome.map_or(FileObservation::Unreadable, Into::into),
        );
    }
    for file in [File::Com, File::Sod]
        .into_iter()
        .chain([14, 15, 1, 2, 3].map(group))
    {
        let outcome = session.read_file(file, &mut |_| {}).await;
        files.insert(file, outcome.map_or(FileObservation::Unreadable, Into::into));
    }
    let access = Some(session.access().clone());
    let (chip, active) = authenticate(session, &password, &files, &mut rng).await;
    let passive = files
        .bytes(File::Sod)
        .map(|sod| authenticate_security_object(sod, anchors, NOW, &PathOptions::default()));
    let card_security = files
        .bytes(File::CardSecurity)
        .map(|file| authenticate_card_security(file, anchors, NOW, &PathOptions::default()));
    Seen {
        access,
        files,
        passive,
        chip,
        active,
        card_security,
        face: FaceObservation::NotRequested,
        printed: Some(mrz),
        now: NOW,
    }
}

type Runs = (
    Option<Result<ChipAuthentication, ChipError>>,
    Option<Result<ActiveAuthentication, ChipError>>,
);

/// As a gate does: a chip that could not go on after chip authentication is opened again for active authentication.
async fn authenticate(
    mut session: Session<InProcess>,
    password: &Password,
    files: &Files,
    rng: &mut StdRng,
) -> Runs {
    let dg14 = files.bytes(group(14)).and_then(|file| parse_dg14(file).ok());
    let dg15 = files.bytes(group(15)).and_then(|file| parse_dg15(file).ok());
    let chip = match &dg14 {
        Some(dg14) if !dg14.chip_authentication_keys().is_empty() => {
            Some(session.authenticate_chip(dg14, rng).await)
        }
        _ => None,
    };
    if session.is_closed() {
        let mut channel = session.into_channel();
        channel.reset().await.unwrap();
        session = open(channel, password, &AccessOptions::default(), rng)
            .await
            .unwrap();
    }
    let active = match &dg15 {
        Some(key) => Some(session.authenticate_active(key, dg14.as_ref(), CHALLENGE).await),
        None => None,
    };
    (chip, active)
}

pub(crate) fn group(number: u8) -> File {
    File::DataGroup(DataGroup::try_from(number).unwrap())
}
