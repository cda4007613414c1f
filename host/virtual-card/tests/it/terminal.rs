//! A terminal for these tests: just enough of Doc 9303-11 to make a chip speak. It is no reader: the crate `chip` is
//! that, and the two never meet here.

use chipgate_apdu::{
    Command, Response, StatusWord,
    tlv::{self, Reader, Tag},
};
use chipgate_crypto::{
    AgreementGroup, AgreementPrivateKey, AgreementPublicKey, Cipher, Curve, HashAlgorithm, ObjectIdentifier,
    PublicPoint, SessionKeys, derive_password_key, pad, unpad,
};
use chipgate_lds::oid;
use chipgate_virtual_card::VirtualCard;
use rand::{SeedableRng, rngs::StdRng};

pub const PACE: ObjectIdentifier = oid::id_PACE_ECDH_GM_AES_CBC_CMAC_128;
pub const CHIP_AUTHENTICATION: ObjectIdentifier = oid::id_CA_ECDH_AES_CBC_CMAC_128;

pub struct Terminal {
    pub card: VirtualCard,
    pub rng: StdRng,
    session: Option<(SessionKeys, Vec<u8>)>,
    /// The most data of one command; longer ones come in a chain.
    pub longest_data: usize,
    /// Comp() of the terminal's key of the last chip authentication, that of PACE's mapping among them.
    pub ephemeral: Vec<u8>,
    /// What the chip is called in terminal authentication.
    pub chip_identity: Vec<u8>,
}

/// A variant of PACE.
#[derive(Clone, Copy)]
pub struct Variant {
    pub protocol: ObjectIdentifier,
    pub group: AgreementGroup,
    /// Whether to name the domain parameters.
    pub name_group: bool,
}

impl Variant {
    /// The arc that names kind and mapping, and the cipher (TR-03110-3, A.1.1.1).
    fn parts(&self) -> (u8, Cipher) {
        let bytes = self.protocol.as_bytes();
        (
            bytes[bytes.len() - 2],
            Cipher::ALL[usize::from(bytes[bytes.len() - 1]) - 1],
        )
    }
}

/// What PACE brought beside a session.
#[derive(Default)]
pub struct Opened {
    /// The chip's mapping key, where the mapping has one.
    pub mapping_key: Option<AgreementPublicKey>,
    /// The chip authentication data, decrypted.
    pub chip_authentication_data: Option<Vec<u8>>,
    /// The names of the authorities that the chip trusts.
    pub authorities: Vec<Vec<u8>>,
}

/// A status word that is no success.
pub type Answer = Result<Vec<u8>, StatusWord>;

pub fn ok(response: Response) -> Answer {
    if response.status == StatusWord::SUCCESS {
        Ok(response.data)
    } else {
        Err(response.status)
    }
}

impl Terminal {
    pub fn new(card: VirtualCard) -> Self {
        Self {
            card,
            rng: StdRng::seed_from_u64(17),
            session: None,
            longest_data: usize::MAX,
            ephemeral: Vec::new(),
            chip_identity: Vec::new(),
        }
    }

    pub fn raw(&mut self, command: &[u8]) -> Response {
        Response::parse(&self.card.respond(command)).unwrap()
    }

    /// Sends a command, protected where there is a session; collects a response that comes in parts.
    pub fn send(&mut self, command: &Command) -> Response {
        let mut data = command.data.as_slice();
        while data.len() > self.longest_data {
            let (part, rest) = data.split_at(self.longest_data);
            let mut first = command.clone().with_data(part);
            (first.class, first.expected) = (first.class | 0x10, None);
            let response = self.send_whole(&first);
            assert_eq!(
                (response.status, response.data),
                (StatusWord::SUCCESS, Vec::new())
            );
            data = rest;
        }
        self.send_whole(&command.clone().with_data(data))
    }

    fn send_whole(&mut self, command: &Command) -> Response {
        let wrapped = match &mut self.session {
            None => command.clone(),
            Some((keys, counter)) => wrap(keys, counter, command),
        };
        let mut response = self.raw(&wrapped.encode().unwrap());
        while response.status.0 >> 8 == 0x61 {
            let rest = self.raw(&Command::new(0, 0xC0, 0, 0).expecting(256).encode().unwrap());
            response = Response::new([response.data, rest.data].concat(), rest.status);
        }
        match &mut self.session {
            Some((keys, counter)) if !response.data.is_empty() => {
                unwrap(keys, counter, command.instruction, &response)
            }
            _ => response,
        }
    }

    pub fn is_protected(&self) -> bool {
        self.session.is_some()
    }

    /// The session as it stands, for tests that break it.
    pub fn wrapped(&mut self, command: &Command) -> Command {
        let (keys, counter) = self.session.as_mut().expect("a session");
        wrap(keys, counter, command)
    }

    pub fn forget_session(&mut self) {
        self.session = None;
    }

    pub fn select_application(&mut self) -> Response {
        self.send(&Command::new(0, 0xA4, 0x04, 0x0C).with_data([0xA0, 0x00, 0x00, 0x02, 0x47, 0x10, 0x01]))
    }

    pub fn select(&mut self, file: u16) -> Response {
        self.send(&Command::new(0, 0xA4, 0x02, 0x0C).with_data(file.to_be_bytes()))
    }

    pub fn read(&mut self, offset: u16, length: usize) -> Response {
        let [high, low] = offset.to_be_bytes();
        self.send(&Command::new(0, 0xB0, high, low).expecting(length))
    }

    /// A whole file by its short identifier and then by offset.
    pub fn read_file(&mut self, short: u8, step: usize) -> Answer {
        let mut file = ok(self.send(&Command::new(0, 0xB0, 0x80 | short, 0).expecting(8)))?;
        let (_, header, value) = tlv::header(&file).unwrap();
        while file.len() < header + value {
            let rest = (header + value - file.len()).min(step);
            let part = ok(self.read(file.len() as u16, rest))?;
            assert!(!part.is_empty());
            file.extend(part);
        }
        Ok(file)
    }

    /// Doc 9303-11, 4.3.
    pub fn basic_access(&mut self, mrz_information: &str) -> Result<(), StatusWord> {
        let seed = HashAlgorithm::Sha1.digest(mrz_information.as_bytes());
        let keys = SessionKeys::derive(Cipher::TripleDes, &seed[..16]);
        let challenge = ok(self.send(&Command::new(0, 0x84, 0, 0).expecting(8)))?;
        let (own, half) = ([0x11; 8], [0x22; 16]);
        let plain = [&own[..], &challenge, &half].concat();
        let cryptogram = Cipher::TripleDes
            .encrypt_cbc(keys.encryption.as_bytes(), &[0; 8], &plain)
            .unwrap();
        let mac = Cipher::TripleDes.mac(keys.mac.as_bytes(), &cryptogram).unwrap();
        let data = [&cryptogram[..], &mac].concat();
        let answer = ok(self.send(&Command::new(0, 0x82, 0, 0).with_data(data).expecting(40)))?;
        let (cryptogram, mac) = answer.split_at(32);
        assert_eq!(
            Cipher::TripleDes.mac(keys.mac.as_bytes(), cryptogram).unwrap(),
            mac
        );
        let plain = Cipher::TripleDes
            .decrypt_cbc(keys.encryption.as_bytes(), &[0; 8], cryptogram)
            .unwrap();
        assert_eq!(
            [&plain[..8], &plain[8..16]].concat(),
            [&challenge[..], &own].concat()
        );
        let seed: Vec<u8> = plain[16..]
            .iter()
            .zip(half)
            .map(|(left, right)| left ^ right)
            .collect();
        let counter = [&challenge[4..], &own[4..]].concat();
        self.chip_identity = mrz_information.as_bytes()[..10].to_vec(); // the document number with its check digit
        self.session = Some((SessionKeys::derive(Cipher::TripleDes, &seed), counter));
        Ok(())
    }

    /// Doc 9303-11, 4.4, generic mapping with AES-128.
    pub fn pace(&mut self, curve: Curve, reference: u8, password: &[u8]) -> Result<(), StatusWord> {
        let variant = Variant {
            protocol: PACE,
            group: AgreementGroup::Ecdh(curve),
            name_group: false,
        };
        self.pace_as(variant, reference, password, &[]).map(|_| ())
    }

    /// Doc 9303-11, 4.4, in any variant; `more` goes into MSE:Set AT.
    pub fn pace_as(
        &mut self,
        variant: Variant,
        reference: u8,
        password: &[u8],
        more: &[u8],
    ) -> Result<Opened, StatusWord> {
        let (group, (arc, cipher)) = (variant.group, variant.parts());
        let mut template = tlv::encode(Tag(0x80), variant.protocol.as_bytes());
        template.extend(tlv::encode(Tag(0x83), &[reference]));
        if variant.name_group {
            template.extend(tlv::encode(Tag(0x84), &[group.domain_parameter_id()]));
        }
        template.extend_from_slice(more);
        let chosen = self
            .send(&Command::new(0, 0x22, 0xC1, 0xA4).with_data(template))
            .status;
        if chosen != StatusWord::SUCCESS && chosen.tries_left().is_none() {
            return Err(chosen);
        }
        let key = derive_password_key(cipher, password);
        let iv = vec![0; cipher.block_length()];
        let encrypted = self.general_authenticate(0x10, &[], 0x80)?;
        let nonce = cipher.decrypt_cbc(key.as_bytes(), &iv, &encrypted).unwrap();

        let mut opened = Opened::default();
        let generator = if matches!(arc, 3 | 4) {
            let mut own = vec![0; cipher.key_length()];
            rand::Rng::fill_bytes(&mut self.rng, &mut own);
            let answer = self.general_authenticate(0x10, &tlv::encode(Tag(0x81), &own), 0x82)?;
            assert!(
                answer.is_empty(),
                "the mapping data of the integrated mapping are empty"
            );
            group.map_integrated(cipher, &nonce, &own).unwrap()
        } else {
            let mapping = AgreementPrivateKey::generate(group, &mut self.rng);
            let own = tlv::encode(Tag(0x81), &mapping.public_key().unwrap().to_bytes());
            let chip = self.general_authenticate(0x10, &own, 0x82)?;
            let chip = AgreementPublicKey::from_bytes(group, &chip).unwrap();
            let shared = mapping.apply(&chip).unwrap();
            opened.mapping_key = Some(chip);
            group.map_generic(&nonce, &shared).unwrap()
        };

        let ephemeral = AgreementPrivateKey::generate(group, &mut self.rng);
        let own = ephemeral.apply(&generator).unwrap();
        let chip = self.general_authenticate(0x10, &tlv::encode(Tag(0x83), &own.to_bytes()), 0x84)?;
        let chip = AgreementPublicKey::from_bytes(group, &chip).unwrap();
        let keys = SessionKeys::derive(cipher, ephemeral.agree(&chip).unwrap().as_bytes());

        let token = tlv::encode(Tag(0x85), &token(&keys, &variant.protocol, &chip));
        let objects = self.general_authenticate_all(0x00, &token)?;
        let found = |tag| tlv::find(&objects, Tag(tag)).unwrap().map(<[u8]>::to_vec);
        assert_eq!(found(0x86).unwrap(), self::token(&keys, &variant.protocol, &own));
        opened.authorities = [0x87, 0x88].into_iter().filter_map(found).collect();
        opened.chip_authentication_data = found(0x8A).map(|encrypted| {
            let key = keys.encryption.as_bytes();
            let iv = cipher.encrypt_block(key, &[0xFF; 16]).unwrap();
            unpad(&cipher.decrypt_cbc(key, &iv, &encrypted).unwrap())
                .unwrap()
                .to_vec()
        });
        let counter = vec![0; cipher.block_length()];
        self.session = Some((keys, counter));
        self.chip_identity = chip.compressed();
        if opened.chip_authentication_data.is_some() {
            self.ephemeral = own.compressed(); // until another chip authentication (Doc 9303-11, 7.1)
        }
        Ok(opened)
    }

    pub fn general_authenticate_all(&mut self, class: u8, objects: &[u8]) -> Answer {
        let data = tlv::encode(Tag(0x7C), objects);
        let response = ok(self.send(&Command::new(class, 0x86, 0, 0).with_data(data).expecting(256)))?;
        Ok(tlv::single(&response, Tag(0x7C)).unwrap().to_vec())
    }

    pub fn general_authenticate(&mut self, class: u8, objects: &[u8], answer: u32) -> Answer {
        let data = tlv::encode(Tag(0x7C), objects);
        let response = ok(self.send(&Command::new(class, 0x86, 0, 0).with_data(data).expecting(256)))?;
        let objects = tlv::single(&response, Tag(0x7C)).unwrap();
        Ok(if objects.is_empty() {
            Vec::new()
        } else {
            tlv::single(objects, Tag(answer)).unwrap().to_vec()
        })
    }

    /// Doc 9303-11, 6.2, with AES-128; the new session is in force when it returns.
    pub fn chip_authentication(
        &mut self,
        public: &PublicPoint,
        key_id: Option<u8>,
    ) -> Result<(), StatusWord> {
        let public = AgreementPublicKey::Ecdh(public.clone());
        self.chip_authentication_as(CHIP_AUTHENTICATION, &public, key_id)
    }

    /// Doc 9303-11, 6.2, in any variant: triple DES by MSE:Set KAT, AES by MSE:Set AT and GENERAL AUTHENTICATE.
    pub fn chip_authentication_as(
        &mut self,
        protocol: ObjectIdentifier,
        public: &AgreementPublicKey,
        key_id: Option<u8>,
    ) -> Result<(), StatusWord> {
        let cipher = Cipher::ALL[usize::from(*protocol.as_bytes().last().unwrap()) - 1];
        let ephemeral = AgreementPrivateKey::generate(public.group(), &mut self.rng);
        let own = ephemeral.public_key().unwrap();
        let named = key_id.map(|id| tlv::encode(Tag(0x84), &[id])).unwrap_or_default();
        if cipher == Cipher::TripleDes {
            let template = [tlv::encode(Tag(0x91), &own.to_bytes()), named].concat();
            ok(self.send(&Command::new(0, 0x22, 0x41, 0xA6).with_data(template)))?;
        } else {
            let template = [tlv::encode(Tag(0x80), protocol.as_bytes()), named].concat();
            ok(self.send(&Command::new(0, 0x22, 0x41, 0xA4).with_data(template)))?;
            self.general_authenticate(0x00, &tlv::encode(Tag(0x80), &own.to_bytes()), 0x80)?;
        }
        let shared = ephemeral.agree(public).unwrap();
        let counter = vec![0; cipher.block_length()];
        self.session = Some((SessionKeys::derive(cipher, shared.as_bytes()), counter));
        self.ephemeral = own.compressed();
        Ok(())
    }

    pub fn internal_authenticate(&mut self, challenge: [u8; 8]) -> Answer {
        ok(self.send(&Command::new(0, 0x88, 0, 0).with_data(challenge).expecting(256)))
    }
}

fn token(keys: &SessionKeys, protocol: &ObjectIdentifier, key: &AgreementPublicKey) -> [u8; 8] {
    let tag = match key {
        AgreementPublicKey::Dh(_) => 0x84,
        AgreementPublicKey::Ecdh(_) => 0x86,
    };
    let parts = [
        tlv::encode(Tag(0x06), protocol.as_bytes()),
        tlv::encode(Tag(tag), &key.to_bytes()),
    ]
    .concat();
    keys.cipher
        .mac(keys.mac.as_bytes(), &tlv::encode(Tag(0x7F49), &parts))
        .unwrap()
}

fn increment(counter: &mut [u8]) {
    let number = counter
        .iter()
        .fold(0_u128, |number, byte| number << 8 | u128::from(*byte))
        + 1;
    let length = counter.len();
    counter.copy_from_slice(&number.to_be_bytes()[16 - length..]);
}

fn initial_vector(keys: &SessionKeys, counter: &[u8]) -> Vec<u8> {
    match keys.cipher {
        Cipher::TripleDes => vec![0; 8],
        cipher => cipher.encrypt_block(keys.encryption.as_bytes(), counter).unwrap(),
    }
}

fn wrap(keys: &SessionKeys, counter: &mut [u8], command: &Command) -> Command {
    increment(counter);
    let block = keys.cipher.block_length();
    let mut outer = Command::new(command.class | 0x0C, command.instruction, command.p1, command.p2);
    let mut objects = Vec::new();
    if !command.data.is_empty() {
        let iv = initial_vector(keys, counter);
        let padded = pad(&command.data, block);
        let cryptogram = keys
            .cipher
            .encrypt_cbc(keys.encryption.as_bytes(), &iv, &padded)
            .unwrap();
        objects = match command.instruction & 1 {
            0 => tlv::encode(Tag(0x87), &[&[1], &cryptogram[..]].concat()),
            _ => tlv::encode(Tag(0x85), &cryptogram),
        };
    }
    if let Some(expected) = command.expected {
        let short = [expected as u8];
        let extended = (expected as u16).to_be_bytes();
        objects.extend(tlv::encode(
            Tag(0x97),
            if expected <= 256 { &short } else { &extended },
        ));
    }
    let input = [&counter[..], &pad(&outer.header(), block), &objects].concat();
    let mac = keys.cipher.padded_mac(keys.mac.as_bytes(), &input).unwrap();
    objects.extend(tlv::encode(Tag(0x8E), &mac));
    outer.data = objects;
    outer.expected = Some(if command.expected.is_some_and(|expected| expected > 256) {
        65_536
    } else {
        256
    });
    outer
}

fn unwrap(keys: &SessionKeys, counter: &mut [u8], instruction: u8, response: &Response) -> Response {
    increment(counter);
    let mut reader = Reader::new(&response.data);
    let (mut data, mut status, mut input) = (Vec::new(), None, counter.to_vec());
    while let Some(element) = reader.next().unwrap() {
        match (element.tag, instruction & 1) {
            (Tag(0x87), 0) | (Tag(0x85), 1) => {
                let cryptogram = if instruction & 1 == 0 {
                    &element.value[1..]
                } else {
                    element.value
                };
                let iv = initial_vector(keys, counter);
                let padded = keys
                    .cipher
                    .decrypt_cbc(keys.encryption.as_bytes(), &iv, cryptogram)
                    .unwrap();
                data = unpad(&padded).unwrap().to_vec();
            }
            (Tag(0x99), _) => status = Some(u16::from_be_bytes(element.value.try_into().unwrap())),
            (Tag(0x8E), _) => {
                assert_eq!(
                    keys.cipher.padded_mac(keys.mac.as_bytes(), &input).unwrap(),
                    element.value,
                    "checksum"
                );
                assert_eq!(
                    status,
                    Some(response.status.0),
                    "the protected status word is the plain one"
                );
                return Response::new(data, response.status);
            }
            other => panic!("unexpected object {other:?}"),
        }
        input.extend_from_slice(element.raw);
    }
    panic!("no checksum");
}
