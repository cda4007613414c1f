//! `chipgate trust` on the master lists that states publish, where they are at hand.

use std::fs;
use std::path::Path;

use chipgate_trust::{UnverifiedMasterList, fingerprint};
use chipgate_trust_store::verify_list;

use crate::trust_lists::assert_fits;
use crate::workplace::Workplace;

/// The two lists, and the fingerprint of the authority that each of them names as its own: the German one is in the list.
const LISTS: [(&str, &str, usize); 2] = [
    (
        "DE_ML_2024-08-07.ml",
        "66b09a816ff5c76d3d6ef10f035ded4a8ac4b961b75955f1d5926dc3c63ecb5b",
        541,
    ),
    (
        "NL_ML_2025-07-29.ml",
        "411356d206b99da15efadf4b84149f8600ee6260c6727cd6bc230d6b6e151a24",
        394,
    ),
];

/// What is published, where it is at hand.
fn published(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/trust")
        .join(name);
    if path.is_file() {
        return Some(path.to_string_lossy().into_owned());
    }
    println!("skipped: no published file at {}", path.display());
    None
}

#[test]
fn the_published_master_lists_verify_down_to_their_authorities() {
    let Some(root) = published("NL_ROOT_CA.cer") else {
        return;
    };
    for (name, authority, entries) in LISTS {
        let workplace = Workplace::new();
        let Some(list) = published(name) else { return };
        let without = workplace.run(&["trust", "check", &list, "--json"]).json();
        assert_eq!(without["trusted"], false, "{name}");
        // Nothing is trusted on first use; but it is said whose fingerprint is to be compared.
        let refused = workplace.run(&["trust", "import", &list]);
        assert!(
            refused.status == 1 && refused.stdout.contains(authority),
            "{}",
            refused.stdout
        );
        workplace.run(&["trust", "import", &root, &list, "--fingerprint", authority]);
        let ran = workplace.run(&["trust", "check", &list, "--json"]);
        let found = ran.json();
        assert_eq!((ran.status, &found["trusted"]), (0, &true.into()), "{name}");
        let path = found["path"].as_array().unwrap();
        assert_eq!(path.last().unwrap()["fingerprint"], authority, "{name}");
        assert_eq!(found["list"]["certificates"], entries, "{name}");
        assert_eq!(found["list"]["wrong"].as_array().unwrap().len(), 0, "{name}");
        // The file's own path may be as long as it is.
        let shown = workplace.run(&["trust", "check", &list]).stdout;
        assert_fits(&shown.replace(&list, name));
        for command in [
            &["trust", "list"][..],
            &["trust", "coverage"],
            &["trust", "show", "de"],
            &["trust", "diff", "config/chipgate/trust"],
        ] {
            assert_fits(&workplace.succeed(command).stdout);
        }
    }
}

/// Six certificates of the published lists have an issuer that nobody published.
#[test]
fn a_certificate_without_its_issuer_names_the_one_that_is_missing() {
    let workplace = Workplace::new();
    let mut certificates = Vec::new();
    let Some(root) = published("NL_ROOT_CA.cer") else {
        return;
    };
    for (name, authority, _) in LISTS {
        let Some(list) = published(name) else { return };
        workplace.run(&["trust", "import", &root, &list, "--fingerprint", authority]);
        let der = fs::read(list).unwrap();
        certificates.extend(UnverifiedMasterList::from_der(&der).unwrap().list.certificates);
    }
    let mut states = Vec::new();
    certificates.sort_by_key(|certificate| fingerprint(certificate.der()));
    certificates.dedup();
    let without_issuer = verify_list(&certificates).without_issuer;
    certificates.retain(|certificate| without_issuer.contains(&certificate.fingerprint()));
    for certificate in certificates {
        fs::write(workplace.path("one.cer"), certificate.der()).unwrap();
        let ran = workplace.run(&["trust", "check", "one.cer", "--json"]);
        let found = ran.json();
        assert_eq!(found["steps"][0]["fault"], "no-issuer-found", "{found}");
        assert_eq!((ran.status, &found["trusted"]), (1, &false.into()), "{found}");
        let issuer = certificate.issuer().to_string();
        assert_eq!(found["missing_issuer"]["name"], issuer.as_str(), "{found}");
        assert_eq!(
            found["path"][0]["fingerprint"],
            hex::encode(certificate.fingerprint()).as_str()
        );
        let text = workplace.run(&["trust", "check", "one.cer"]).stdout;
        assert_fits(&text);
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(&format!("missing its issuer, {issuer}")), "{text}");
        states.push(certificate.subject().country().unwrap_or_default().to_owned());
    }
    states.sort();
    assert_eq!(states, ["AE", "AT", "AU", "LV", "PT", "TR"]);
}
