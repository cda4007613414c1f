//! What is said where a file is refused fits its cause.

use std::fs;
use std::process::Command;

use crate::workplace::Workplace;

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn an_altered_list_is_no_reason_to_name_a_fingerprint() {
    let workplace = Workplace::with_pki();
    let mut list = fs::read(workplace.path("pki/masterlist.ml")).unwrap();
    *list.last_mut().unwrap() ^= 1;
    fs::write(workplace.path("altered.ml"), list).unwrap();
    let ran = workplace.run(&["trust", "import", "altered.ml", "--trust", "pki/trust"]);
    let says = words(&ran.stdout);
    assert_eq!(ran.status, 1, "{says}");
    assert!(says.contains("altered or forged; don't use it"), "{says}");
    assert!(
        !says.contains("fingerprint") && !says.contains("CSCA first"),
        "{says}"
    );
}

#[test]
fn a_key_file_of_another_form_is_told_with_the_command_that_converts_it() {
    let workplace = Workplace::with_pki();
    let openssl = |arguments: &str| {
        let run = Command::new("openssl")
            .args(arguments.split(' '))
            .current_dir(workplace.path("."))
            .output();
        run.is_ok_and(|output| output.status.success())
    };
    if !openssl("ecparam -name prime256v1 -genkey -noout -out older.pem") {
        println!("skipped: openssl is not installed");
        return;
    }
    assert!(openssl(
        "pkcs8 -topk8 -in older.pem -passout pass:word -out encrypted.pem"
    ));
    assert!(openssl("pkey -in older.pem -pubout -out public.pem"));
    for (file, is) in [
        ("older.pem", "an EC private key in the older form (SEC 1)"),
        ("encrypted.pem", "an encrypted private key"),
        ("public.pem", "a public key: name the private one"),
    ] {
        let ran = workplace.run(&["trust", "bundle", "out", "--trust", "pki/trust", "--key", file]);
        let says = words(&ran.stderr);
        assert!(says.contains(is) && says.contains("`openssl "), "{file}: {says}");
    }
    let private = workplace.run(&["trust", "update", "out", "--key", "older.pem"]);
    assert!(
        words(&private.stderr).contains("is a private key: `openssl pkey"),
        "{}",
        private.stderr
    );
    let absent = workplace.run(&["trust", "update", "out", "--key", "public.pem"]);
    assert!(
        words(&absent.stderr).contains("there is no such file"),
        "{}",
        absent.stderr
    );
}
