use chipgate_apdu::StatusWord;

use crate::{ChipError, PasswordKind, Step};

/// Reference data not usable: the password is deactivated.
const DEACTIVATED: StatusWord = StatusWord(0x6984);
/// A warning of MSE:Set AT: the password is deactivated (TR-03110-3, B.14.1).
const DEACTIVATED_WARNING: StatusWord = StatusWord(0x6283);

/// What it means that the chip refused the last step of an access protocol (Doc 9303-11, 4.3.4.2 and 4.4.4.2;
/// TR-03110-3, B.14.2): 6300, 63Cx and, on some chips, 6982 and 6988 for a wrong password.
pub(crate) const fn refused(password: PasswordKind, step: Step, status: StatusWord) -> ChipError {
    match status {
        StatusWord::NO_INFORMATION
        | StatusWord::SECURITY_STATUS_NOT_SATISFIED
        | StatusWord::SM_DATA_INCORRECT => ChipError::WrongPassword {
            password,
            step,
            tries_left: None,
        },
        status => match status.tries_left() {
            Some(tries) => ChipError::WrongPassword {
                password,
                step,
                tries_left: Some(tries),
            },
            None => unusable(password, step, status),
        },
    }
}

/// What a status word other than 9000 of MSE:Set AT says about the password (TR-03110-3, B.14.1): 63Cx is a warning that
/// fewer tries than at first are left, of which the last one of a PIN is suspended.
pub(crate) const fn selected(
    password: PasswordKind,
    step: Step,
    status: StatusWord,
) -> Result<(), ChipError> {
    match (status.tries_left(), password) {
        (Some(0), _) => Err(ChipError::PasswordBlocked {
            password,
            step,
            status,
        }),
        (Some(1), PasswordKind::Pin) => Err(ChipError::PasswordSuspended {
            password,
            step,
            status,
        }),
        (Some(_), _) => Ok(()),
        (None, _) => Err(unusable(password, step, status)),
    }
}

/// A password that the chip does not take, or a chip that does not carry the step out. 6985 stands for a suspended password,
/// which only a PIN can be (TR-03110-3, B.14.2).
const fn unusable(password: PasswordKind, step: Step, status: StatusWord) -> ChipError {
    match (status, password) {
        (StatusWord::AUTHENTICATION_BLOCKED, _) => ChipError::PasswordBlocked {
            password,
            step,
            status,
        },
        (DEACTIVATED | DEACTIVATED_WARNING, _) => ChipError::PasswordDeactivated {
            password,
            step,
            status,
        },
        (StatusWord::CONDITIONS_NOT_SATISFIED, PasswordKind::Pin) => ChipError::PasswordSuspended {
            password,
            step,
            status,
        },
        _ => ChipError::Protocol { step, status },
    }
}

/// What it means that MSE:Set AT was refused in both forms: 6A88 that the chip has no such password (Doc 9303-11, 4.4.4.1).
/// Every chip with PACE takes the MRZ, so that it is then the chip that does not carry the step out.
pub(crate) const fn unknown(password: PasswordKind, step: Step, status: StatusWord) -> ChipError {
    match (step, status, password) {
        (_, _, PasswordKind::Mrz) => ChipError::Protocol { step, status },
        (Step::PaceSetTemplate, StatusWord::REFERENCE_NOT_FOUND, _) => {
            ChipError::PasswordNotUsable { password }
        }
        _ => ChipError::Protocol { step, status },
    }
}

#[cfg(test)]
mod tests {
    use super::{refused, selected, unknown};
    use crate::{ChipError, PasswordKind, Step};
    use chipgate_apdu::StatusWord;

    #[test]
    fn tells_a_wrong_password_from_a_blocked_one_and_from_a_broken_chip() {
        let step = Step::PaceMutualAuthentication;
        let refused = |status| refused(PasswordKind::Can, step, StatusWord(status));
        let wrong = |tries_left| ChipError::WrongPassword {
            password: PasswordKind::Can,
            step,
            tries_left,
        };
        assert_eq!(refused(0x6300), wrong(None));
        assert_eq!(refused(0x6982), wrong(None));
        assert_eq!(refused(0x63C2), wrong(Some(2)));
        assert_eq!(refused(0x6983).code(), "password-blocked");
        assert_eq!(refused(0x6F00).code(), "chip-refused");
        assert_eq!(refused(0x6984).code(), "password-deactivated");
        assert_eq!(refused(0x6985).code(), "chip-refused");
        assert_eq!(refused(0x63C2).status_word(), Some(0x63C2));
    }

    #[test]
    fn tells_what_state_a_password_is_in_before_it_is_tried() {
        let selected = |password, status| {
            selected(password, Step::PaceSetTemplate, StatusWord(status)).map_err(|error| error.code())
        };
        let (pin, can) = (PasswordKind::Pin, PasswordKind::Can);
        assert_eq!(selected(pin, 0x63C2), Ok(()));
        assert_eq!(selected(pin, 0x63C1), Err("password-suspended"));
        assert_eq!(selected(pin, 0x6985), Err("password-suspended"));
        assert_eq!(selected(can, 0x63C1), Ok(()));
        assert_eq!(selected(can, 0x6985), Err("chip-refused"));
        assert_eq!(selected(PasswordKind::Puk, 0x63C0), Err("password-blocked"));
        for status in [0x6283, 0x6984] {
            assert_eq!(selected(pin, status), Err("password-deactivated"));
        }
        assert_eq!(selected(pin, 0x6A80), Err("chip-refused"));
    }

    #[test]
    fn a_password_that_the_chip_does_not_have_is_told_from_a_step_that_it_does_not_carry_out() {
        let unknown = |password, step, status| unknown(password, step, StatusWord(status)).code();
        let set = Step::PaceSetTemplate;
        assert_eq!(unknown(PasswordKind::Can, set, 0x6A88), "password-not-usable");
        assert_eq!(unknown(PasswordKind::Pin, set, 0x6A88), "password-not-usable");
        assert_eq!(unknown(PasswordKind::Mrz, set, 0x6A88), "chip-refused");
        assert_eq!(unknown(PasswordKind::Can, set, 0x6A80), "chip-refused");
        let nonce = Step::PaceEncryptedNonce;
        assert_eq!(unknown(PasswordKind::Can, nonce, 0x6A88), "chip-refused");
    }
}
