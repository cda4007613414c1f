//! Country codes: three letters in machine readable zones (Doc 9303-3, 5), two in certificates.

/// ISO 3166-1: each code of three letters followed by the one of two.
const ISO_3166_1: &str = "\
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT \
    AZEAZ BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO \
    BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG \
    COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO \
    DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB \
    GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY \
    HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT \
    JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY \
    LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH \
    MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA \
    NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE \
    PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA \
    SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR \
    SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO \
    TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG \
    VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW";

/// Codes of Doc 9303-3, 5, that ISO 3166-1 does not have, or that several countries sign for.
const DOC_9303_3: &[(&str, &[&str])] = &[
    ("D", &["DE"]),
    // Passports of Hong Kong and Macao name China.
    ("CHN", &["CN", "HK", "MO"]),
    ("EUE", &["EU"]),
    ("GBD", &["GB"]),
    ("GBN", &["GB"]),
    ("GBO", &["GB"]),
    ("GBP", &["GB"]),
    ("GBS", &["GB"]),
    ("RKS", &["KS", "XK"]),
    ("UNA", &["UN"]),
    ("UNK", &["UN"]),
    ("UNO", &["UN"]),
    // Utopia, of specimens.
    ("UTO", &["UT"]),
    ("XOM", &["XO"]),
    ("XPO", &["XP"]),
];

/// The two-letter codes under which documents of an issuing state are signed; none if the state is not known.
///
/// `state` is as a machine readable zone has it, with or without fillers: `D<<`, `D`, `VNM`. Some states write the
/// code of two letters even there.
pub(crate) fn signing_countries(state: &str) -> impl Iterator<Item = &'static str> {
    let state = state.trim_end_matches('<');
    let special = DOC_9303_3
        .iter()
        .find(|(code, _)| *code == state)
        .map(|(_, countries)| *countries);
    let iso = ISO_3166_1
        .split_ascii_whitespace()
        .filter_map(|entry| entry.split_at_checked(3));
    let iso = iso.filter(move |(three, two)| special.is_none() && (*three == state || *two == state));
    special
        .unwrap_or_default()
        .iter()
        .copied()
        .chain(iso.map(|(_, two)| two))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn countries(state: &str) -> Vec<&'static str> {
        signing_countries(state).collect()
    }

    #[test]
    fn finds_the_country_of_an_issuing_state() {
        assert_eq!(countries("VNM"), ["VN"]);
        assert_eq!(countries("D<<"), ["DE"]);
        assert_eq!(countries("D"), ["DE"]);
        assert_eq!(countries("DEU"), ["DE"]);
        assert_eq!(countries("UTO"), ["UT"]);
        assert_eq!(countries("GBR"), ["GB"]);
        assert_eq!(countries("CHN"), ["CN", "HK", "MO"]);
    }

    #[test]
    fn knows_no_country_for_an_unknown_state() {
        for state in ["", "<<<", "ZZZ", "V", "VNMX", "AFGAF"] {
            assert_eq!(countries(state), [""; 0], "{state}");
        }
    }

    #[test]
    fn holds_all_of_iso_3166_1() {
        let entries: Vec<_> = ISO_3166_1.split_ascii_whitespace().collect();
        assert_eq!(entries.len(), 249);
        assert!(entries.iter().all(|entry| entry.len() == 5));
        assert!(entries.is_sorted());
    }
}
