//! Chip authentication, version 1 (Doc 9303-11, 6.2; TR-03110-1, 3.4).

use alloc::vec::Vec;

use chipgate_apdu::{
    Channel, Command,
    tlv::{self, Tag},
};
use chipgate_crypto::{
    AgreementPrivateKey, AgreementPublicKey, Cipher, CryptoError, ObjectIdentifier, Secret, SessionKeys,
};
use chipgate_lds::SecurityInfos;
use rand_core::CryptoRng;

use crate::{
    ChipError, Step, Unsupported,
    chip_authentication_choice::{Candidate, candidates},
    connection::{Connection, Work},
    general_authenticate::{CLASS_LAST, general_authenticate_while},
    secure_messaging::SecureMessaging,
};

/// Where the chip says whether it takes a key and a protocol.
const SELECTION: Step = Step::ChipAuthenticationSetTemplate;
/// Reference of the chip's private key.
const PRIVATE_KEY_REFERENCE: Tag = Tag(0x84);

/// The proof that the chip holds the private key to a public key: it answered under keys that follow from it.
///
/// Only [`Session::authenticate_chip`](crate::Session::authenticate_chip) makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChipAuthentication {
    protocol: ObjectIdentifier,
    key_id: Option<Vec<u8>>,
    public_key: Vec<u8>,
    /// Comp() of the reader's ephemeral key, which terminal authentication binds to.
    terminal_key: Vec<u8>,
}

impl ChipAuthentication {
    /// The protocol, such as id-CA-ECDH-AES-CBC-CMAC-128.
    #[must_use]
    pub const fn protocol(&self) -> &ObjectIdentifier {
        &self.protocol
    }

    /// The identifier of the key in DG14, if it has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&[u8]> {
        self.key_id.as_deref()
    }

    /// The public key of the chip, SubjectPublicKeyInfo in DER as DG14 holds it.
    #[must_use]
    pub fn public_key(&self) -> &[u8] {
        &self.public_key
    }

    pub(crate) fn terminal_key(&self) -> &[u8] {
        &self.terminal_key
    }
}

/// How many keys and protocols are tried: a chip that refuses more is not worth the time.
const MOST_TRIES: usize = 4;

/// Agrees on new keys with the chip's static key, and has the chip answer `proof` under them. The strongest key of DG14 comes
/// first; a weaker one follows only if the chip refuses to select it, and leaves the session as it was.
pub(crate) async fn authenticate<C: Channel>(
    connection: &mut Connection<C>,
    dg14: &SecurityInfos,
    proof: &Command,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<ChipAuthentication, ChipError> {
    let mut refusal = ChipError::Unsupported {
        what: Unsupported::ChipAuthentication,
    };
    for (index, candidate) in candidates(dg14).into_iter().take(MOST_TRIES).enumerate() {
        match attempt(connection, candidate, proof, rng).await {
            Err(error @ ChipError::Protocol { step: SELECTION, .. }) if index == 0 => refusal = error,
            Err(ChipError::Protocol { step: SELECTION, .. }) => {}
            outcome => return outcome,
        }
    }
    Err(refusal)
}

async fn attempt<C: Channel>(
    connection: &mut Connection<C>,
    candidate: Candidate,
    proof: &Command,
    rng: &mut (impl CryptoRng + ?Sized),
) -> Result<ChipAuthentication, ChipError> {
    let ephemeral = AgreementPrivateKey::generate(candidate.key.group(), rng);
    let mut agreement = Agreement::new(&ephemeral, &candidate.key);
    agree(connection, &candidate, &mut agreement).await?;
    connection.secure(SecureMessaging::new(SessionKeys::derive(
        candidate.cipher,
        agreement.secret()?.as_bytes(),
    )));
    prove(connection, proof).await?;
    Ok(ChipAuthentication {
        terminal_key: agreement.public()?.compressed(),
        protocol: candidate.protocol,
        key_id: candidate.key_id,
        public_key: candidate.public_key,
    })
}

/// The reader's ephemeral key and the chip's static one. What follows from them is computed once, and where possible while
/// the chip is busy.
struct Agreement<'k> {
    ephemeral: &'k AgreementPrivateKey,
    theirs: &'k AgreementPublicKey,
    public: Option<Result<AgreementPublicKey, CryptoError>>,
    secret: Option<Result<Secret, CryptoError>>,
}

impl<'k> Agreement<'k> {
    const fn new(ephemeral: &'k AgreementPrivateKey, theirs: &'k AgreementPublicKey) -> Self {
        Self {
            ephemeral,
            theirs,
            public: None,
            secret: None,
        }
    }

    /// The reader's public key.
    fn public(&mut self) -> Result<&AgreementPublicKey, ChipError> {
        let public = self.public.get_or_insert_with(|| self.ephemeral.public_key());
        public.as_ref().map_err(bad_key)
    }

    /// The shared secret K.
    fn secret(&mut self) -> Result<&Secret, ChipError> {
        let secret = self
            .secret
            .get_or_insert_with(|| self.ephemeral.agree(self.theirs));
        secret.as_ref().map_err(bad_key)
    }
}

const fn bad_key(error: &CryptoError) -> ChipError {
    ChipError::BadKey {
        step: Step::ChipAuthenticationKeyAgreement,
        error: *error,
    }
}

/// Hands the reader's public key over: MSE:Set KAT for 3DES, MSE:Set AT and GENERAL AUTHENTICATE for AES. Some chips speak
/// 3DES by the latter only (8.5, note 1).
async fn agree<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    agreement: &mut Agreement<'_>,
) -> Result<(), ChipError> {
    if candidate.cipher != Cipher::TripleDes {
        return general_authenticate_with(connection, candidate, agreement).await;
    }
    match set_key_agreement_template(connection, candidate, agreement).await {
        Err(refusal @ ChipError::Protocol { .. }) => {
            match general_authenticate_with(connection, candidate, agreement).await {
                Err(ChipError::Protocol { .. }) => Err(refusal),
                outcome => outcome,
            }
        }
        outcome => outcome,
    }
}

/// Only an answer under the new keys shows that the chip holds the private key (6.2.1).
async fn prove<C: Channel>(connection: &mut Connection<C>, command: &Command) -> Result<(), ChipError> {
    let step = Step::ChipAuthenticationProof;
    match connection.send(step, command).await {
        Ok(response) if response.status.is_success() => Ok(()),
        Ok(response) => Err(ChipError::Protocol {
            step,
            status: response.status,
        }),
        Err(ChipError::SecureMessaging { step, fault }) => {
            Err(ChipError::ChipAuthenticationFailed { step, fault })
        }
        Err(error) => Err(error),
    }
}

/// MSE:Set KAT, for 3DES (6.2.4.1; TR-03110-3, B.14.3).
async fn set_key_agreement_template<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    agreement: &mut Agreement<'_>,
) -> Result<(), ChipError> {
    let mut data = tlv::encode(Tag(0x91), &agreement.public()?.to_bytes());
    data.extend(reference(candidate));
    let command = Command::new(0x00, 0x22, 0x41, 0xA6).with_data(data);
    select(connection, &command, &mut || drop(agreement.secret())).await
}

/// MSE:Set AT and GENERAL AUTHENTICATE, for AES (6.2.4.2; TR-03110-3, B.2).
async fn general_authenticate_with<C: Channel>(
    connection: &mut Connection<C>,
    candidate: &Candidate,
    agreement: &mut Agreement<'_>,
) -> Result<(), ChipError> {
    let mut data = tlv::encode(Tag(0x80), candidate.protocol.as_bytes());
    data.extend(reference(candidate));
    let command = Command::new(0x00, 0x22, 0x41, 0xA4).with_data(data);
    select(connection, &command, &mut || drop(agreement.public())).await?;

    // Version 1 has nothing to say in its answer.
    let step = Step::ChipAuthenticationKeyAgreement;
    let object = tlv::encode(Tag(0x80), &agreement.public()?.to_bytes());
    let mut work = || drop(agreement.secret());
    general_authenticate_while(connection, step, CLASS_LAST, &object, 0, &mut work)
        .await
        .map(|_| ())
}

/// The key's identifier, if DG14 gives one: exactly that.
fn reference(candidate: &Candidate) -> Vec<u8> {
    candidate
        .key_id
        .as_deref()
        .map_or_else(Vec::new, |id| tlv::encode(PRIVATE_KEY_REFERENCE, id))
}

/// Selects key and protocol; `work` is done while the chip is busy with that.
async fn select<C: Channel>(
    connection: &mut Connection<C>,
    command: &Command,
    work: Work<'_>,
) -> Result<(), ChipError> {
    let response = connection.send_while(SELECTION, command, work).await?;
    if response.status.is_success() {
        Ok(())
    } else {
        Err(ChipError::Protocol {
            step: SELECTION,
            status: response.status,
        })
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use chipgate_apdu::{Limits, Link, Response, StatusWord};
    use chipgate_crypto::{AgreementGroup, AgreementKeyFormat, AgreementPublicKey, Curve, DhGroup};
    use chipgate_lds::{
        ChipAuthenticationInfo, ChipAuthenticationPublicKeyInfo, DataGroup, File, SecurityInfo, encode_set,
        oid,
    };
    use pollster::block_on;

    use super::*;
    use crate::{
        open::select_file,
        testing::{AnsweringChip, CardSide, ReplayedRandomness},
    };

    fn randomness(seed: u8) -> ReplayedRandomness {
        ReplayedRandomness::new((0..400_u16).map(|index| (index * 89) as u8 ^ seed).collect())
    }

    /// A chip with a key in this group that takes these protocols, by MSE:Set KAT or by MSE:Set AT.
    struct Chip {
        private: AgreementPrivateKey,
        takes: Vec<ObjectIdentifier>,
        knows_set_kat: bool,
        selected: Option<ObjectIdentifier>,
        messaging: Option<CardSide>,
        seen: Vec<[u8; 2]>,
    }

    impl Chip {
        fn new(group: AgreementGroup, takes: &[ObjectIdentifier], knows_set_kat: bool) -> Self {
            Self {
                private: AgreementPrivateKey::generate(group, &mut randomness(3)),
                takes: takes.to_vec(),
                knows_set_kat,
                selected: None,
                messaging: None,
                seen: Vec::new(),
            }
        }

        fn dg14(&self, offers: &[ObjectIdentifier]) -> SecurityInfos {
            let public = self.private.public_key().unwrap();
            let mut infos = [SecurityInfo::ChipAuthenticationPublicKey(
                ChipAuthenticationPublicKeyInfo {
                    protocol: oid::id_PK_ECDH,
                    public_key_der: public.to_spki_der(AgreementKeyFormat::Explicit),
                    key_id: None,
                },
            )]
            .to_vec();
            infos.extend(offers.iter().map(|&protocol| {
                SecurityInfo::ChipAuthentication(ChipAuthenticationInfo {
                    protocol,
                    version: 1,
                    key_id: None,
                })
            }));
            SecurityInfos::parse(&encode_set(&infos)).unwrap()
        }

        fn agree(&mut self, cipher: Cipher, public: &[u8]) {
            let public = AgreementPublicKey::from_bytes(self.private.group(), public).unwrap();
            let secret = self.private.agree(&public).unwrap();
            self.messaging = Some(CardSide::new(SessionKeys::derive(cipher, secret.as_bytes())));
        }

        fn answer(&mut self, command: &Command) -> Response {
            if let Some(messaging) = &mut self.messaging {
                return messaging.answer(command, |_| Response::status_only(StatusWord::SUCCESS));
            }
            self.seen.push([command.instruction, command.p2]);
            let ok = Response::status_only(StatusWord::SUCCESS);
            match (command.instruction, command.p2) {
                (0x22, 0xA6) if self.knows_set_kat => {
                    let public = tlv::find(&command.data, Tag(0x91)).unwrap().unwrap().to_vec();
                    self.agree(Cipher::TripleDes, &public);
                    ok
                }
                (0x22, 0xA4) => {
                    let protocol = tlv::find(&command.data, Tag(0x80)).unwrap().unwrap();
                    let protocol = ObjectIdentifier::from_bytes(protocol).unwrap();
                    self.selected = Some(protocol).filter(|protocol| self.takes.contains(protocol));
                    self.selected
                        .map_or(Response::status_only(StatusWord::WRONG_DATA), |_| ok)
                }
                (0x86, _) => {
                    let data = tlv::single(&command.data, Tag(0x7C)).unwrap();
                    let public = tlv::find(data, Tag(0x80)).unwrap().unwrap().to_vec();
                    let cipher = match self.selected.unwrap().arcs().last().unwrap() {
                        1 => Cipher::TripleDes,
                        2 => Cipher::Aes128,
                        3 => Cipher::Aes192,
                        _ => Cipher::Aes256,
                    };
                    self.agree(cipher, &public);
                    Response::new([0x7C, 0x00], StatusWord::SUCCESS)
                }
                _ => Response::status_only(StatusWord::INSTRUCTION_NOT_SUPPORTED),
            }
        }
    }

    fn run(chip: &mut Chip, dg14: &SecurityInfos) -> Result<ChipAuthentication, ChipError> {
        let proof = select_file(File::DataGroup(DataGroup::DG14));
        let limits = Limits::extended(Link::Contact);
        let mut connection = Connection::new(
            AnsweringChip::new(limits, |command: &Command| chip.answer(command)),
            true,
        );
        block_on(authenticate(&mut connection, dg14, &proof, &mut randomness(7)))
    }

    #[test]
    fn agrees_in_every_group_with_every_cipher() {
        for group in AgreementGroup::ALL {
            let protocols = match group {
                AgreementGroup::Dh(_) => [
                    oid::id_CA_DH_3DES_CBC_CBC,
                    oid::id_CA_DH_AES_CBC_CMAC_128,
                    oid::id_CA_DH_AES_CBC_CMAC_192,
                    oid::id_CA_DH_AES_CBC_CMAC_256,
                ],
                AgreementGroup::Ecdh(_) => [
                    oid::id_CA_ECDH_3DES_CBC_CBC,
                    oid::id_CA_ECDH_AES_CBC_CMAC_128,
                    oid::id_CA_ECDH_AES_CBC_CMAC_192,
                    oid::id_CA_ECDH_AES_CBC_CMAC_256,
                ],
            };
            for protocol in protocols {
                let mut chip = Chip::new(group, &[protocol], true);
                let dg14 = chip.dg14(&[protocol]);
                let proven = run(&mut chip, &dg14).unwrap();
                assert_eq!(proven.protocol(), &protocol, "{}", group.name());
                let public = chip.private.public_key().unwrap();
                assert_eq!(
                    proven.public_key(),
                    public.to_spki_der(AgreementKeyFormat::Explicit)
                );
            }
        }
    }

    #[test]
    fn speaks_3des_by_set_at_where_the_chip_knows_no_set_kat() {
        let protocol = oid::id_CA_DH_3DES_CBC_CBC;
        let mut chip = Chip::new(AgreementGroup::Dh(DhGroup::Modp2048Order224), &[protocol], false);
        let dg14 = chip.dg14(&[]);
        assert_eq!(run(&mut chip, &dg14).unwrap().protocol(), &protocol);
        assert_eq!(chip.seen, [[0x22, 0xA6], [0x22, 0xA4], [0x86, 0x00]]);
    }

    #[test]
    fn takes_the_next_protocol_where_the_chip_refuses_the_strongest() {
        let (strong, weak) = (oid::id_CA_ECDH_AES_CBC_CMAC_256, oid::id_CA_ECDH_AES_CBC_CMAC_128);
        let mut chip = Chip::new(AgreementGroup::Ecdh(Curve::P256), &[weak], false);
        let dg14 = chip.dg14(&[weak, strong]);
        assert_eq!(run(&mut chip, &dg14).unwrap().protocol(), &weak);
        let mut chip = Chip::new(AgreementGroup::Ecdh(Curve::P256), &[], false);
        let refused = run(&mut chip, &dg14).unwrap_err();
        assert_eq!(
            (refused.code(), refused.status_word()),
            ("chip-refused", Some(0x6A80))
        );
    }

    #[test]
    fn a_chip_with_another_key_is_found_out() {
        let protocol = oid::id_CA_ECDH_AES_CBC_CMAC_128;
        let mut copy = Chip::new(AgreementGroup::Ecdh(Curve::P256), &[protocol], false);
        let dg14 = copy.dg14(&[protocol]);
        copy.private = AgreementPrivateKey::generate(copy.private.group(), &mut randomness(9));
        let found = run(&mut copy, &dg14).unwrap_err();
        assert_eq!(found.code(), "chip-authentication-failed");
    }
}
