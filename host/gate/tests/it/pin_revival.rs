//! The reader brings a PIN back that was tried too often (TR-03110-2, 3.3).

use chipgate_apdu::Channel as _;
use chipgate_chip::{AccessOptions, ChipError, Password, PinRevival, open};
use chipgate_crypto::Secret;
use chipgate_virtual_card::{InProcess, Profile, SecretText, VirtualCard};
use pollster::block_on;
use rand::{SeedableRng, rngs::StdRng};

use crate::common::Stage;

/// A card whose passwords are known.
struct Desk {
    channel: InProcess,
    can: Secret,
    pin: Secret,
    puk: Secret,
}

impl Desk {
    fn new() -> Self {
        let file = Stage::get().card(Profile::Td1);
        let secret = |text: &Option<SecretText>| Secret::new(text.as_ref().unwrap().as_str().as_bytes());
        let passwords = &file.passwords;
        Self {
            can: secret(&passwords.can),
            pin: secret(&passwords.pin),
            puk: secret(&passwords.puk),
            channel: InProcess::new(VirtualCard::new(file, StdRng::seed_from_u64(5)).unwrap()),
        }
    }

    fn open(&mut self, pin: &Secret, pin_revival: Option<PinRevival>) -> Result<(), ChipError> {
        let options = AccessOptions {
            pin_revival,
            ..AccessOptions::default()
        };
        block_on(self.channel.reset()).unwrap();
        let mut rng = StdRng::seed_from_u64(3);
        let opened = block_on(open(
            &mut self.channel,
            &Password::Pin(pin.clone()),
            &options,
            &mut rng,
        ));
        opened.map(drop)
    }

    /// Two wrong tries: the third is suspended.
    fn suspended() -> Self {
        let mut desk = Self::new();
        for _ in 0..2 {
            let error = desk.open(&Secret::new(*b"000000"), None).unwrap_err();
            assert_eq!(error.code(), "wrong-password");
        }
        let error = desk.open(&desk.pin.clone(), None).unwrap_err();
        assert_eq!(error.code(), "password-suspended");
        desk
    }
}

#[test]
fn the_can_resumes_a_suspended_pin_in_the_session_that_uses_it() {
    let mut desk = Desk::suspended();
    let (can, pin) = (desk.can.clone(), desk.pin.clone());
    desk.open(&pin, Some(PinRevival::Can(can))).unwrap();
    desk.open(&pin, None)
        .expect("a right PIN has all its tries again");
}

#[test]
fn a_wrong_pin_after_the_can_blocks_it_and_the_puk_unblocks_it() {
    let mut desk = Desk::suspended();
    let (can, pin, puk) = (desk.can.clone(), desk.pin.clone(), desk.puk.clone());
    let error = desk
        .open(&Secret::new(*b"000000"), Some(PinRevival::Can(can.clone())))
        .unwrap_err();
    assert!(
        matches!(
            error,
            ChipError::WrongPassword {
                tries_left: Some(0),
                ..
            }
        ),
        "{error}"
    );
    let error = desk.open(&pin, Some(PinRevival::Can(can))).unwrap_err();
    assert_eq!(error.code(), "password-blocked", "the CAN does not bring it back");
    desk.open(&pin, Some(PinRevival::Puk(puk))).unwrap();
    desk.open(&pin, None).expect("it has its tries again");
}
