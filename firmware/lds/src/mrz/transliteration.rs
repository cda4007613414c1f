//! How letters that a machine readable zone cannot hold are written in it (Doc 9303-3, 6).

use alloc::string::String;

/// Which of the ways that the standard leaves open an issuer took; it differs for four letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transliteration {
    /// Ä as AE, Ö as OE, Ü as UE, Ñ as N.
    Expanded,
    /// Ä as A, Ö as O, Ü as U, Ñ as N.
    Plain,
    /// Ä as A, Ö as O, Ü as UXX, Ñ as NXX.
    Marked,
}

impl Transliteration {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Expanded, Self::Plain, Self::Marked];

    /// The text in the letters A to Z; blanks, hyphens, apostrophes and fillers stay. `None` if there is a letter without a recommended
    /// transliteration here: digits, Arabic, and all scripts for which the standard has no table.
    ///
    /// ```
    /// use chipgate_lds::Transliteration;
    ///
    /// assert_eq!(Transliteration::Expanded.apply("Jürgen Groß"), Some("JUERGEN GROSS".into()));
    /// assert_eq!(Transliteration::Plain.apply("Đặng Thị Ỷ"), Some("DANG THI Y".into()));
    /// assert_eq!(Transliteration::Plain.apply("Юлия"), Some("IULIIA".into()));
    /// assert_eq!(Transliteration::Plain.apply("山田"), None);
    /// ```
    pub fn apply(self, text: &str) -> Option<String> {
        let mut plain = String::with_capacity(text.len());
        let upper = text.chars().flat_map(char::to_uppercase);
        for character in upper.filter(|character| !is_combining_mark(*character)) {
            match character {
                'A'..='Z' | ' ' | '-' | '\'' | '<' => plain.push(character),
                '’' => plain.push('\''),
                _ => plain.push_str(
                    self.varying(character)
                        .or(latin(character))
                        .or(cyrillic(character))?,
                ),
            }
        }
        Some(plain)
    }

    const fn varying(self, character: char) -> Option<&'static str> {
        Some(match (character, self) {
            ('Ä', Self::Expanded) => "AE",
            ('Ö', Self::Expanded) => "OE",
            ('Ü', Self::Expanded) => "UE",
            ('Ä', _) => "A",
            ('Ö', _) => "O",
            ('Ü', Self::Marked) => "UXX",
            ('Ü', _) => "U",
            ('Ñ', Self::Marked) => "NXX",
            ('Ñ', _) => "N",
            _ => return None,
        })
    }
}

/// The marks of a decomposed text.
pub const fn is_combining_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36F}')
}

/// Doc 9303-3, 6, table A, and the Vietnamese letters that it leaves out, which lose their marks.
const fn latin(character: char) -> Option<&'static str> {
    Some(match character {
        'À'..='Ã' | 'Ā' | 'Ă' | 'Ą' | 'Ạ'..='Ặ' => "A",
        'Å' => "AA",
        'Æ' => "AE",
        'Ç' | 'Ć' | 'Ĉ' | 'Ċ' | 'Č' => "C",
        'Ð' | 'Ď' | 'Đ' => "D",
        'È'..='Ë' | 'Ē' | 'Ĕ' | 'Ė' | 'Ę' | 'Ě' | 'Ə' | 'Ẹ'..='Ệ' => "E",
        'Ĝ' | 'Ğ' | 'Ġ' | 'Ģ' => "G",
        'Ĥ' | 'Ħ' => "H",
        'Ì'..='Ï' | 'Ĩ' | 'Ī' | 'Ĭ' | 'Į' | 'İ' | 'Ỉ' | 'Ị' => "I",
        'Ĳ' => "IJ",
        'Ĵ' => "J",
        'Ķ' => "K",
        'Ĺ' | 'Ļ' | 'Ľ' | 'Ŀ' | 'Ł' => "L",
        'Ń' | 'Ņ' | 'Ň' | 'Ŋ' => "N",
        'Ò'..='Õ' | 'Ō' | 'Ŏ' | 'Ő' | 'Ơ' | 'Ọ'..='Ợ' => "O",
        'Ø' | 'Œ' => "OE",
        'Ŕ' | 'Ŗ' | 'Ř' => "R",
        'Ś' | 'Ŝ' | 'Ş' | 'Š' | 'Ș' => "S",
        'ẞ' => "SS",
        'Ţ' | 'Ť' | 'Ŧ' | 'Ț' => "T",
        'Þ' => "TH",
        'Ù'..='Û' | 'Ũ' | 'Ū' | 'Ŭ' | 'Ů' | 'Ű' | 'Ų' | 'Ư' | 'Ụ'..='Ự' => "U",
        'Ŵ' => "W",
        'Ý' | 'Ŷ' | 'Ÿ' | 'Ỳ'..='Ỹ' => "Y",
        'Ź' | 'Ż' | 'Ž' => "Z",
        _ => return None,
    })
}

/// Doc 9303-3, 6, table B, without the letters' other values in some languages.
const fn cyrillic(character: char) -> Option<&'static str> {
    Some(match character {
        'А' => "A",
        'Б' => "B",
        'В' => "V",
        'Г' | 'Ґ' | 'Ѓ' => "G",
        'Д' | 'Ђ' => "D",
        'Е' | 'Ё' | 'Э' => "E",
        'Ж' => "ZH",
        'З' => "Z",
        'И' | 'І' | 'Й' | 'Ї' => "I",
        'Ј' => "J",
        'К' | 'Ќ' => "K",
        'Л' => "L",
        'Љ' => "LJ",
        'М' => "M",
        'Н' => "N",
        'Њ' => "NJ",
        'О' => "O",
        'П' => "P",
        'Р' => "R",
        'С' => "S",
        'Т' => "T",
        'Ћ' => "C",
        'У' | 'Ў' => "U",
        'Ф' => "F",
        'Х' => "KH",
        'Ц' => "TS",
        'Ч' => "CH",
        'Џ' => "DZ",
        'Ш' => "SH",
        'Щ' => "SHCH",
        'Ъ' | 'Є' => "IE",
        'Ы' => "Y",
        'Ь' => "",
        'Ю' => "IU",
        'Я' => "IA",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::Transliteration::{self, Expanded, Marked, Plain};

    #[test]
    fn writes_the_letters_of_table_a() {
        for (style, name, plain) in [
            (Expanded, "Müller-Lüdenscheidt", "MUELLER-LUEDENSCHEIDT"),
            (Marked, "Müller", "MUXXLLER"),
            (Plain, "Müller", "MULLER"),
            (Marked, "Núñez", "NUNXXEZ"),
            (Plain, "Núñez", "NUNEZ"),
            (Plain, "Þórður Æsgård Ĳssel", "THORDUR AESGAARD IJSSEL"),
            (Plain, "Łukasz Żółć", "LUKASZ ZOLC"),
            (Plain, "İpek Çağlayan", "IPEK CAGLAYAN"),
            (Plain, "d’Arc O'Neill", "D'ARC O'NEILL"),
            (Expanded, "Strauß", "STRAUSS"),
            (Plain, "Nguye\u{302}\u{303}n", "NGUYEN"),
        ] {
            assert_eq!(style.apply(name).as_deref(), Some(plain), "{name}");
        }
    }

    #[test]
    fn writes_the_letters_of_table_b() {
        for (name, plain) in [
            ("Щербаков", "SHCHERBAKOV"),
            ("Юлия", "IULIIA"),
            ("Андрей", "ANDREI"),
            ("Кузьмин", "KUZMIN"),
        ] {
            assert_eq!(Plain.apply(name).as_deref(), Some(plain));
        }
    }

    #[test]
    fn does_not_guess_at_other_letters() {
        for name in ["山田", "محمد", "Henry 8", "A/B"] {
            for style in Transliteration::ALL {
                assert_eq!(style.apply(name), None, "{name}");
            }
        }
    }
}
