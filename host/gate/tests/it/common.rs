//! Cards, and the inspection of one through any channel.

use std::{fs, sync::OnceLock};

use chipgate_apdu::{Cancellation, Channel, ChannelError, Limits, Timestamp};
use chipgate_chip::{AccessOptions, Password, SoftwareTerminalKey, TerminalCertificates};
use chipgate_crypto::{Secret, SigningKey};
use chipgate_gate::{
    ChipRequest, Event, GateError, Inspection, Inspector, READ_AS_TERMINAL, READ_PLAN, ReadRequest, Terminal,
};
use chipgate_inspection::Policy;
use chipgate_lds::{CvCertificate, Mrz, MrzKey};
use chipgate_trust::PathOptions;
use chipgate_trust_store::Store;
use chipgate_virtual_card::{
    CardFile, InProcess, IssueOptions, Pki, Profile, SecretText, VirtualCard, issue, profiles,
};
use rand::{SeedableRng, rngs::StdRng};

/// 2026-07-01.
const NOW: Timestamp = Timestamp::from_seconds(1_782_864_000);

/// A card of each profile, and what proves them.
pub(crate) struct Stage {
    pub(crate) cards: Vec<CardFile>,
    pki: Pki,
    policy: Policy,
    anchors: Store,
    certificates: TerminalCertificates,
    terminal_key: SigningKey,
}

impl Stage {
    /// Made once a process.
    pub(crate) fn get() -> &'static Self {
        static STAGE: OnceLock<Stage> = OnceLock::new();
        STAGE.get_or_init(|| {
            let pki = Pki::generate(&mut StdRng::seed_from_u64(7), NOW).unwrap();
            let folder = tempfile::tempdir().unwrap();
            pki.write(folder.path()).unwrap();
            let anchors = Store::open(Pki::trust_folder(folder.path())).unwrap();
            let terminal = |name| fs::read(Pki::terminal_folder(folder.path()).join(name)).unwrap();
            let certificates = ["cvca-link.cvcert", "dv.cvcert", "is.cvcert"]
                .map(|name| CvCertificate::parse(&terminal(name)).unwrap());
            let cards = profiles()
                .iter()
                .map(|&profile| issued(&pki, profile, 7))
                .collect();
            Self {
                cards,
                pki,
                policy: Policy::document().unwrap(),
                anchors,
                certificates: TerminalCertificates::new(certificates),
                terminal_key: SigningKey::from_pkcs8_der(&terminal("is.key")).unwrap(),
            }
        })
    }

    pub(crate) fn card(&self, profile: Profile) -> &CardFile {
        self.cards.iter().find(|card| card.profile == profile).unwrap()
    }

    /// Another card of the same kind.
    pub(crate) fn another(&self, profile: Profile) -> CardFile {
        self.issued(profile, &IssueOptions::default(), 8)
    }

    /// A card as it is wanted.
    pub(crate) fn issued(&self, profile: Profile, options: &IssueOptions, seed: u64) -> CardFile {
        issue(profile, &self.pki, options, &mut StdRng::seed_from_u64(seed), NOW).unwrap()
    }

    /// Inspects the card behind `channel`, opened as `card` is, as a terminal that proves itself where the card trusts one.
    pub(crate) fn inspect(
        &self,
        card: &CardFile,
        channel: impl Channel,
        cancellation: &Cancellation,
        watch: &mut dyn FnMut(Event),
    ) -> Result<Inspection, GateError> {
        let password = password(card);
        let options = AccessOptions {
            cancellation: cancellation.clone(),
            ..AccessOptions::default()
        };
        let key = SoftwareTerminalKey::new(self.terminal_key.clone(), StdRng::seed_from_u64(2));
        let terminal = trusts_terminals(card).then_some(Terminal {
            certificates: &self.certificates,
            key: &key,
        });
        let request = ChipRequest {
            read: ReadRequest {
                plan: if terminal.is_some() {
                    &READ_AS_TERMINAL
                } else {
                    &READ_PLAN
                },
                password: &password,
                options: &options,
                challenge: *b"nonce 8b",
                terminal,
            },
            printed: None,
            live: None,
        };
        let inspector = Inspector {
            anchors: &self.anchors,
            policy: &self.policy,
            path_options: PathOptions::default(),
            engine: None,
            clock: &NOW,
        };
        inspector.inspect_chip(channel, &request, &mut StdRng::seed_from_u64(3), watch)
    }
}

fn issued(pki: &Pki, profile: Profile, seed: u64) -> CardFile {
    let options = IssueOptions::default();
    issue(profile, pki, &options, &mut StdRng::seed_from_u64(seed), NOW).unwrap()
}

/// Whether there is something on the card for terminals alone, and it knows their authority.
pub(crate) fn trusts_terminals(card: &CardFile) -> bool {
    card.chip.terminal_authentication.is_some()
}

pub(crate) fn password(card: &CardFile) -> Password {
    card.passwords.can.as_ref().map(SecretText::as_str).map_or_else(
        || Password::Mrz(MrzKey::from(&Mrz::parse(card.passwords.mrz.as_str()).unwrap())),
        |can| Password::Can(Secret::new(can.as_bytes())),
    )
}

pub(crate) fn presented(card: &CardFile) -> InProcess {
    InProcess::new(VirtualCard::new(card, StdRng::seed_from_u64(5)).unwrap())
}

/// What happens to one response on its way.
pub(crate) enum Meddling {
    /// Nothing.
    None,
    /// Instead of the response to this command, counted from 0, the card is gone; the next one, if there is one, is laid
    /// on the reader.
    Lose(usize),
    /// In the response to this command this bit is inverted.
    Invert(usize, usize),
}

/// A command and its response.
pub(crate) type Exchange = (Vec<u8>, Vec<u8>);

/// A link to virtual cards, which meddles with one response and notes all.
pub(crate) struct Link<'a> {
    card: Option<InProcess>,
    /// The cards that are laid on the reader after the first was lost, the next one last.
    pub(crate) next: Vec<InProcess>,
    meddling: Meddling,
    /// What has gone over the link, before it was meddled with.
    pub(crate) exchanges: Vec<Exchange>,
    /// What the same card, with the same random numbers, is known to answer; the card itself is asked only where the
    /// reader goes another way.
    known: Option<(&'a CardFile, &'a [Exchange])>,
}

impl<'a> Link<'a> {
    pub(crate) fn new(card: InProcess, meddling: Meddling) -> Self {
        Self {
            card: Some(card),
            next: Vec::new(),
            meddling,
            exchanges: Vec::new(),
            known: None,
        }
    }

    /// A link to `card`, which answered like this before.
    pub(crate) fn known(card: &'a CardFile, exchanges: &'a [Exchange], meddling: Meddling) -> Self {
        Self {
            card: None,
            next: Vec::new(),
            meddling,
            exchanges: Vec::new(),
            known: Some((card, exchanges)),
        }
    }

    fn known_answer(&self, command: &[u8]) -> Option<Vec<u8>> {
        let (_, exchanges) = self.known?;
        let (known, answer) = exchanges.get(self.exchanges.len())?;
        (known == command).then(|| answer.clone())
    }

    /// From here on the card is asked itself; it gets what it got before.
    async fn wake(&mut self) -> Result<(), ChannelError> {
        if let Some((card, _)) = self.known.take() {
            let mut card = presented(card);
            for (command, _) in &self.exchanges {
                card.transmit(command, &mut vec![0; 65_538]).await?;
            }
            self.card = Some(card);
        }
        Ok(())
    }

    async fn answer(&mut self, command: &[u8]) -> Result<Vec<u8>, ChannelError> {
        if let Some(answer) = self.known_answer(command) {
            return Ok(answer);
        }
        self.wake().await?;
        let card = self.card.as_mut().ok_or(ChannelError::CardLost)?;
        let mut buffer = vec![0; 65_538];
        card.transmit(command, &mut buffer).await.map(<[u8]>::to_vec)
    }
}

impl Channel for Link<'_> {
    async fn transmit<'a>(
        &mut self,
        command: &[u8],
        response: &'a mut [u8],
    ) -> Result<&'a [u8], ChannelError> {
        let number = self.exchanges.len();
        let mut answer = self.answer(command).await?;
        self.exchanges.push((command.to_vec(), answer.clone()));
        match self.meddling {
            Meddling::Lose(at) if at == number => {
                self.card = None;
                return Err(ChannelError::CardLost);
            }
            Meddling::Invert(at, bit) if at == number && bit / 8 < answer.len() => {
                answer[bit / 8] ^= 0x80 >> (bit % 8);
            }
            _ => {}
        }
        let place = response.get_mut(..answer.len()).ok_or(ChannelError::TooLong)?;
        place.copy_from_slice(&answer);
        Ok(place)
    }

    async fn reset(&mut self) -> Result<(), ChannelError> {
        self.wake().await?;
        if self.card.is_none() {
            self.card = self.next.pop();
        }
        let card = self.card.as_mut().ok_or(ChannelError::CardLost)?;
        card.reset().await
    }

    fn limits(&self) -> Limits {
        Limits::extended(chipgate_apdu::Link::InProcess)
    }
}

/// Every step of a range, or only some of them, in a fixed order.
pub(crate) fn exhaustive() -> bool {
    std::env::var_os("CHIPGATE_EXHAUSTIVE").is_some()
}
