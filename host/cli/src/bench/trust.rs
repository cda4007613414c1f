//! Trust: a master list, a bundle, and passive authentication by algorithm, each beside OpenSSL in the same run.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use chipgate_apdu::{Clock as _, Timestamp};
use chipgate_crypto::{Curve, HashAlgorithm, PublicKey, SigningKey};
use chipgate_lds::{DataGroup, LdsSecurityObject, encode_sod};
use chipgate_trust::{
    Bundle, BundleContent, BundleError, Certificate, MemoryAnchors, PathOptions, TrustAnchor,
    UnverifiedMasterList, authenticate_security_object, fingerprint,
};
use chipgate_trust_store::{Store, verify_list};

use super::figures::{Figures, median, milliseconds};
use crate::{cli_error::CliError, clock::SystemClock};

/// Where published master lists are looked for: beside the repository.
const PUBLISHED: &str = "../shared/data/trust";
const LIST: &str = "DE_ML_2024-08-07.ml";
const AUTHORITY: &str = "DE_CSCA07.cer";

pub(super) fn measure(repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let folder = std::env::temp_dir().join(format!("chipgate-bench-trust-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(|error| CliError::file(&folder, error))?;
    let made = documents(&folder, repeat, figures).and_then(|()| published(&folder, repeat, figures));
    // What could not be removed is in the system's own temporary folder.
    let _ = std::fs::remove_dir_all(&folder);
    made
}

/// How long OpenSSL takes for one verification under a key, by `openssl speed`, on so many processes.
struct OpenSsl {
    rates: BTreeMap<&'static str, f64>,
}

impl OpenSsl {
    const NAMES: [&'static str; 10] = [
        "ecdsap224",
        "ecdsap256",
        "ecdsap384",
        "ecdsap521",
        "ecdsabrp256r1",
        "ecdsabrp384r1",
        "ecdsabrp512r1",
        "rsa2048",
        "rsa3072",
        "rsa4096",
    ];

    fn measure(processes: usize) -> Result<Self, CliError> {
        let mut rates = BTreeMap::new();
        for name in Self::NAMES {
            let count = processes.to_string();
            let mut arguments = vec!["speed", "-mr", "-seconds", "1"];
            if processes > 1 {
                arguments.extend(["-multi", &count]);
            }
            arguments.push(name);
            let output = Command::new("openssl").args(&arguments).output();
            let output = output.map_err(|error| CliError::Environment(format!("openssl: {error}")))?;
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            // The last line that starts so is the sum over all processes: number, bits, signs and verifications a second.
            let line = text.lines().rfind(|line| line.starts_with("+F"));
            let rate = line.and_then(|line| line.rsplit(':').next()?.parse::<f64>().ok());
            let rate = rate.filter(|rate| *rate > 0.0);
            rates.insert(
                name,
                rate.ok_or_else(|| CliError::Environment(format!("openssl speed says nothing of {name}")))?,
            );
        }
        Ok(Self { rates })
    }

    /// The time for one verification under this key. RSA keys of other lengths count by the square of their length.
    fn verification(&self, key: &PublicKey) -> Duration {
        let of = |name: &str| 1.0 / self.rates.get(name).copied().unwrap_or(f64::MAX);
        let seconds = match key {
            PublicKey::Rsa(key) if key.bits() <= 2048 => of("rsa2048"),
            PublicKey::Rsa(key) if key.bits() <= 3072 => of("rsa3072"),
            PublicKey::Rsa(key) => {
                let length = f64::from(u32::try_from(key.bits()).unwrap_or(u32::MAX)) / 4096.0;
                of("rsa4096") * length * length
            }
            PublicKey::Ec(point) => of(match point.curve() {
                Curve::P224 => "ecdsap224",
                Curve::P256 => "ecdsap256",
                Curve::P384 => "ecdsap384",
                Curve::P521 => "ecdsap521",
                Curve::BrainpoolP384r1 => "ecdsabrp384r1",
                Curve::BrainpoolP512r1 => "ecdsabrp512r1",
                _ => "ecdsabrp256r1",
            }),
        };
        Duration::from_secs_f64(seconds)
    }
}

fn ratio(ours: Duration, theirs: Duration) -> String {
    format!(
        "{:.2} × OpenSSL's {}",
        ours.as_secs_f64() / theirs.as_secs_f64().max(f64::MIN_POSITIVE),
        milliseconds(theirs)
    )
}

/// Import and full verification of a published list, and a bundle of what the two published lists hold.
fn published(folder: &Path, repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let (list, authority) = (
        Path::new(PUBLISHED).join(LIST),
        Path::new(PUBLISHED).join(AUTHORITY),
    );
    let Ok(bytes) = std::fs::read(&list) else {
        figures.add(
            "import of a master list",
            "skipped",
            format!("no {}", list.display()),
        );
        return Ok(());
    };
    let read = UnverifiedMasterList::from_der(&bytes)
        .map_err(|error| CliError::Environment(format!("{}: {error}", list.display())))?;
    let certificates = read.list.certificates;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let openssl = OpenSsl::measure(cores)?;
    let theirs: Duration = issuers(&certificates)
        .iter()
        .map(|issuer| {
            issuer
                .public_key()
                .map(|key| openssl.verification(&key))
                .unwrap_or_default()
        })
        .sum();
    let named = std::fs::read(&authority)
        .map(|der| fingerprint(&der))
        .unwrap_or_default();
    let mut times = Vec::new();
    for turn in 0..repeat.min(5) {
        let trust = folder.join(format!("trust-{turn}"));
        let mut store = Store::create(&trust)?;
        let begun = Instant::now();
        store.import(&[&authority, &list], &[named], SystemClock.now())?;
        times.push(begun.elapsed());
    }
    let ours = median(times);
    figures.time(
        &format!(
            "import and verification of {} certificates, {cores} cores",
            certificates.len()
        ),
        ours,
        ratio(ours, theirs),
    );
    let begun = Instant::now();
    let verified = verify_list(&certificates);
    figures.time(
        "of it the signatures alone",
        begun.elapsed(),
        format!("{} of {} verify", verified.verified, certificates.len()),
    );
    bundle(certificates, repeat, figures)
}

/// For each certificate the one of the list that it names by key or name: whose key OpenSSL would take.
fn issuers(certificates: &[Certificate]) -> Vec<&Certificate> {
    let of = |certificate: &Certificate| {
        let identifier = certificate.authority_key_identifier();
        let by_key = certificates
            .iter()
            .find(|issuer| identifier.is_some() && issuer.subject_key_identifier() == identifier);
        by_key.or_else(|| {
            certificates
                .iter()
                .find(|issuer| issuer.subject() == certificate.issuer())
        })
    };
    certificates.iter().filter_map(of).collect()
}

/// A bundle of 600 anchors, opened and asked for one issuer.
fn bundle(mut certificates: Vec<Certificate>, repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let other = std::fs::read(Path::new(PUBLISHED).join("NL_ML_2025-07-29.ml")).unwrap_or_default();
    if let Ok(read) = UnverifiedMasterList::from_der(&other) {
        certificates.extend(read.list.certificates);
    }
    let unfit = |error: &dyn std::fmt::Display| CliError::Environment(format!("bundle: {error}"));
    let mut content = BundleContent::new();
    let mut count = 0;
    for certificate in certificates {
        if let Some(anchor) = TrustAnchor::new(certificate).ok().filter(|_| count < 600) {
            content.add_anchor(&anchor).map_err(|error| unfit(&error))?;
            count += 1;
        }
    }
    let key = SigningKey::generate_ec(Curve::P256, &mut rand::rng()).map_err(|error| unfit(&error))?;
    let signed = content.sign(1, SystemClock.now(), |bytes| {
        key.sign(&chipgate_trust::BUNDLE_ALGORITHM, bytes, &mut rand::rng())
            .map_err(|_| BundleError::TooLong)
    });
    let signed = signed.map_err(|error| unfit(&error))?;
    let public = key.public_key();
    let mut times = Vec::new();
    for _ in 0..repeat {
        let begun = Instant::now();
        let opened = Bundle::open(signed.as_slice(), &public).map_err(|error| unfit(&error))?;
        times.push(begun.elapsed());
        if opened.version() != 1 {
            return Err(unfit(&"it came back with another version"));
        }
    }
    figures.time(
        &format!("bundle of {count} anchors opened and ready"),
        median(times),
        format!(
            "{:.2} MiB with its signature; at most 5 ms and 2 MiB",
            f64::from(u32::try_from(signed.len()).unwrap_or(u32::MAX)) / f64::from(1 << 20)
        ),
    );
    Ok(())
}

/// A kind of key, as OpenSSL is asked for it.
const ALGORITHMS: [(&str, &str, &[&str]); 9] = [
    ("ECDSA P-224", "ec -pkeyopt ec_paramgen_curve:P-224", &[]),
    ("ECDSA P-256", "ec -pkeyopt ec_paramgen_curve:P-256", &[]),
    ("ECDSA P-384", "ec -pkeyopt ec_paramgen_curve:P-384", &[]),
    ("ECDSA P-521", "ec -pkeyopt ec_paramgen_curve:P-521", &[]),
    (
        "ECDSA brainpoolP256r1",
        "ec -pkeyopt ec_paramgen_curve:brainpoolP256r1",
        &[],
    ),
    (
        "ECDSA brainpoolP384r1, explicit",
        "ec -pkeyopt ec_paramgen_curve:brainpoolP384r1 -pkeyopt ec_param_enc:explicit",
        &[],
    ),
    (
        "ECDSA brainpoolP512r1",
        "ec -pkeyopt ec_paramgen_curve:brainpoolP512r1",
        &[],
    ),
    ("RSA-2048 PKCS#1", "rsa:2048", &[]),
    ("RSA-3072 PSS", "rsa:3072", &["-keyopt", "rsa_padding_mode:pss"]),
];

const CONFIGURATION: &str = "[req]
distinguished_name = name
prompt = no
[name]
C = UT
CN = CSCA
[authority]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[signer]
keyUsage = critical,digitalSignature
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
";

/// EF.SOD, path and five hashes, by algorithm, on one thread; OpenSSL makes the PKI.
fn documents(folder: &Path, repeat: usize, figures: &mut Figures) -> Result<(), CliError> {
    let openssl = OpenSsl::measure(1)?;
    let groups: Vec<(DataGroup, Vec<u8>)> = [
        (DataGroup::DG1, 93),
        (DataGroup::DG2, 15_000),
        (DataGroup::DG13, 900),
        (DataGroup::DG14, 400),
        (DataGroup::DG15, 300),
    ]
    .map(|(group, length)| (group, vec![group.number(); length]))
    .into();
    for (name, key, signing) in ALGORITHMS {
        let (sod, authority) = document(folder, key, signing, &groups)?;
        let anchor = TrustAnchor::from_der(&authority)
            .map_err(|error| CliError::Environment(format!("{name}: {error}")))?;
        let issuer = anchor.certificate().public_key();
        let anchors: MemoryAnchors = [anchor].into_iter().collect();
        let now = Timestamp(SystemClock.now().0 + 60_000);
        let mut times = Vec::new();
        let mut signer = None;
        for _ in 0..repeat.max(20) {
            let begun = Instant::now();
            let found = authenticate_security_object(&sod, &anchors, now, &PathOptions::default());
            let agree = found.verified().is_some_and(|object| {
                groups
                    .iter()
                    .all(|(group, bytes)| object.data_group(*group, bytes).is_ok())
            });
            times.push(begun.elapsed());
            if !agree {
                let says = found
                    .signature()
                    .fault()
                    .or_else(|| found.issuer_certificate().fault());
                return Err(CliError::Environment(format!(
                    "{name} is not authentic: {says:?}"
                )));
            }
            signer = found.signer().cloned();
        }
        let keys = [issuer.ok(), signer.and_then(|signer| signer.public_key().ok())];
        let theirs = keys.iter().flatten().map(|key| openssl.verification(key)).sum();
        let ours = median(times);
        figures.time(
            &format!("passive authentication, {name}"),
            ours,
            ratio(ours, theirs),
        );
    }
    Ok(())
}

/// EF.SOD over these data groups, and the authority's certificate.
fn document(
    folder: &Path,
    key: &str,
    signing: &[&str],
    groups: &[(DataGroup, Vec<u8>)],
) -> Result<(Vec<u8>, Vec<u8>), CliError> {
    let file = |name: &str| -> PathBuf { folder.join(name) };
    let write = |name: &str, bytes: &[u8]| {
        std::fs::write(file(name), bytes).map_err(|error| CliError::file(&file(name), error))
    };
    let read = |name: &str| std::fs::read(file(name)).map_err(|error| CliError::file(&file(name), error));
    let run = |arguments: &str, more: &[&str]| {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .args(more)
            .current_dir(folder)
            .output();
        let output = output.map_err(|error| CliError::Environment(format!("openssl: {error}")))?;
        if output.status.success() {
            return Ok(());
        }
        let says = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(CliError::Environment(format!("openssl {arguments}: {says}")))
    };
    write("c.cnf", CONFIGURATION.as_bytes())?;
    let security_object = LdsSecurityObject {
        version: 0,
        hash: HashAlgorithm::Sha256,
        data_groups: groups
            .iter()
            .map(|(group, bytes)| (*group, HashAlgorithm::Sha256.digest(bytes)))
            .collect(),
        lds_version: None,
    };
    write("content", &security_object.encode())?;
    let new = format!("-newkey {key} -nodes -config c.cnf");
    run(
        &format!(
            "req -x509 {new} -keyout csca.key -extensions authority -days 3650 -outform DER -out csca.der"
        ),
        &[],
    )?;
    run(
        &format!("req -new {new} -keyout ds.key -subj /C=UT/CN=DS -out ds.csr"),
        &[],
    )?;
    run(
        "x509 -req -in ds.csr -CA csca.der -CAform DER -CAkey csca.key -set_serial 7 -days 365 -extfile c.cnf \
         -extensions signer -out ds.pem",
        &[],
    )?;
    run(
        "cms -sign -binary -nodetach -md sha256 -in content -signer ds.pem -inkey ds.key -econtent_type 2.23.136.1.1.1 \
         -outform DER -out cms.der",
        signing,
    )?;
    Ok((encode_sod(&read("cms.der")?), read("csca.der")?))
}
