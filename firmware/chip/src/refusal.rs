use chipgate_apdu::StatusWord;

use crate::{ChipError, PasswordKind, Step};

/// Reference data not usable: the password is deactivated.
const DEACTIVATED: StatusWord = StatusWord(0x6984);

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
        StatusWord::AUTHENTICATION_BLOCKED | DEACTIVATED => ChipError::PasswordBlocked {
            password,
            step,
            status,
        },
        status => match status.tries_left() {
            Some(tries) => ChipError::WrongPassword {
                password,
                step,
                tries_left: Some(tries),
            },
            None => ChipError::Protocol { step, status },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::refused;
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
        assert_eq!(refused(0x63C2).status_word(), Some(0x63C2));
    }
}
