//! A gate in small: reads a virtual card, has it prove itself, and makes the report.

use std::sync::OnceLock;

use chipgate_apdu::Timestamp;
use chipgate_chip::{
    AccessOptions, ActiveAuthentication, ChipAuthentication, ChipError, Password, Session, open,
};
use chipgate_inspection::{
    AccessObservation, Evaluation, FaceObservation, FileObservation, Files, Freshness, Observations, Policy,
    Report, evaluate,
};
use chipgate_lds::{DataGroup, File, Mrz, MrzKey, SecurityInfos, parse_dg14, parse_dg15};
use chipgate_trust::{MemoryAnchors, PathOptions, RevocationList, TrustAnchor, authenticate_security_object};
use chipgate_virtual_card::{Fault, InProcess, IssueOptions, Pki, Profile, VirtualCard, issue};
use rand::SeedableRng as _;
use rand::rngs::StdRng;

use crate::support::{Bench, START};

/// The test PKI, as of the bench's start.
pub fn pki() -> &'static Pki {
    static PKI: OnceLock<Pki> = OnceLock::new();
    PKI.get_or_init(|| Pki::generate(&mut StdRng::seed_from_u64(11), Timestamp(START)).unwrap())
}

/// Its anchors and revocation lists.
pub fn anchors() -> MemoryAnchors {
    let mut anchors = MemoryAnchors::new();
    for der in pki().anchors() {
        anchors.add(TrustAnchor::from_der(der).unwrap());
    }
    for der in pki().revocation_lists() {
        anchors.add_revocation(RevocationList::from_der(der).unwrap());
    }
    anchors
}

/// A card that lies on the reader, and what is printed on it.
pub struct Card {
    channel: InProcess,
    pub mrz: Mrz,
}

/// A card of the profile, and what is wrong with it.
pub fn card(profile: Profile, fault: Option<Fault>) -> Card {
    let options = IssueOptions {
        faults: fault.into_iter().collect(),
        ..IssueOptions::default()
    };
    let file = issue(
        profile,
        pki(),
        &options,
        &mut StdRng::seed_from_u64(12),
        Timestamp(START),
    )
    .unwrap();
    let chip = VirtualCard::new(&file, StdRng::seed_from_u64(13)).unwrap();
    Card {
        channel: InProcess::new(chip),
        mrz: Mrz::parse(file.passwords.mrz.as_str()).unwrap(),
    }
}

/// What an inspection of the card comes to, with active authentication over `challenge`.
pub async fn inspect(card: Card, challenge: [u8; 8]) -> Evaluation {
    let password = Password::Mrz(MrzKey::from(&card.mrz));
    let mut rng = StdRng::seed_from_u64(14);
    let mut session = open(card.channel, &password, &AccessOptions::default(), &mut rng)
        .await
        .unwrap();
    let files = read(&mut session).await;
    let dg14 = files
        .bytes(File::DataGroup(DataGroup::DG14))
        .and_then(|raw| parse_dg14(raw).ok());
    let active = active(&mut session, &files, dg14.as_ref(), challenge).await;
    let chip: Option<Result<ChipAuthentication, ChipError>> = match &dg14 {
        Some(infos) => Some(session.authenticate_chip(infos, &mut rng).await),
        None => None,
    };
    let passive = files
        .bytes(File::Sod)
        .map(|sod| authenticate_security_object(sod, &anchors(), Timestamp(START), &PathOptions::default()));
    evaluate(&Observations {
        access: AccessObservation::Opened(session.access()),
        files: &files,
        passive: passive.as_ref(),
        chip_authentication: chip.as_ref().map(Result::as_ref),
        active_authentication: active.as_ref().map(Result::as_ref),
        terminal_authentication: None,
        card_security: None,
        printed: None,
        face: &FaceObservation::NotRequested,
        attack: None,
        challenge: None,
        now: Timestamp(START),
    })
}

async fn read(session: &mut Session<InProcess>) -> Files {
    let mut files = Files::new();
    let groups = [1, 2, 13, 14, 15].map(|number| File::DataGroup(DataGroup::try_from(number).unwrap()));
    for file in [File::CardAccess, File::Sod, File::Com].into_iter().chain(groups) {
        match session.read_file(file, &mut |_| {}).await {
            Ok(outcome) => files.insert(file, outcome),
            Err(_) => files.insert(file, FileObservation::Unreadable),
        }
    }
    files
}

async fn active(
    session: &mut Session<InProcess>,
    files: &Files,
    dg14: Option<&SecurityInfos>,
    challenge: [u8; 8],
) -> Option<Result<ActiveAuthentication, ChipError>> {
    let key = parse_dg15(files.bytes(File::DataGroup(DataGroup::DG15))?).ok()?;
    Some(session.authenticate_active(&key, dg14, challenge).await)
}

/// The device's report of that number about the inspection.
pub fn report(bench: &Bench, sequence: u64, freshness: Freshness, evaluation: &Evaluation) -> Report {
    let policy = Policy::document().unwrap();
    let mut sender = bench.report(sequence).sender;
    sender.freshness = freshness;
    Report::new(sender, evaluation, &policy, &policy.decide(evaluation))
}
