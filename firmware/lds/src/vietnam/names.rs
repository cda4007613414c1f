use alloc::string::String;

use crate::mrz::is_combining_mark;

/// A Vietnamese name in the letters of a machine readable zone: upper case, without its marks, `Đ` as `D` (Doc 9303-3, 6).
///
/// ```
/// use chipgate_lds::vietnam::latin_letters;
///
/// assert_eq!(latin_letters("Nguyễn Thị Đào"), Some("NGUYEN THI DAO".into()));
/// assert_eq!(latin_letters("山田"), None);
/// ```
///
/// `None` if there is a letter that is not Vietnamese.
pub fn latin_letters(name: &str) -> Option<String> {
    name.chars()
        .filter(|character| !is_combining_mark(*character))
        .flat_map(char::to_uppercase)
        .map(base_letter)
        .collect()
}

fn base_letter(character: char) -> Option<char> {
    Some(match character {
        'A'..='Z' | ' ' | '-' | '\'' => character,
        'À' | 'Á' | 'Â' | 'Ã' | 'Ă' | 'Ạ'..='Ặ' => 'A',
        'È' | 'É' | 'Ê' | 'Ẹ'..='Ệ' => 'E',
        'Ì' | 'Í' | 'Ĩ' | 'Ỉ'..='Ị' => 'I',
        'Ò' | 'Ó' | 'Ô' | 'Õ' | 'Ơ' | 'Ọ'..='Ợ' => 'O',
        'Ù' | 'Ú' | 'Ũ' | 'Ư' | 'Ụ'..='Ự' => 'U',
        'Ý' | 'Ỳ'..='Ỹ' => 'Y',
        'Đ' => 'D',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::latin_letters;

    #[test]
    fn takes_the_marks_off_composed_and_decomposed_letters() {
        for (name, plain) in [
            ("Nguyễn", "NGUYEN"),
            ("Trần Phước Sỹ", "TRAN PHUOC SY"),
            ("Đặng Thị Ỷ", "DANG THI Y"),
            ("Nguye\u{302}\u{303}n", "NGUYEN"),
            ("ẰẲẴẶẤẨẪẬ", "AAAAAAAA"),
            ("ỀỂỄỆẺẼ ỈỊ", "EEEEEE II"),
            ("ỒỔỖỘỜỞỠỢ ỪỬỮỰỦ", "OOOOOOOO UUUUU"),
        ] {
            assert_eq!(latin_letters(name).as_deref(), Some(plain));
        }
    }

    #[test]
    fn does_not_guess_at_other_letters() {
        assert_eq!(latin_letters("Müller"), None);
        assert_eq!(latin_letters("Nguyễn 2"), None);
    }
}
