//! The test PKI in a folder.
//!
//! ```text
//! DIR/masterlist.ml  masterlist-signer.der  masterlist-signer.key
//! DIR/algorithms.json                          what the keys are, where it is not the usual
//! DIR/VN/            csca.der csca.key csca.crl   csca-next.der csca-next.key csca-next.crl   csca-link.der
//!                    foreign-csca.der foreign-csca.key   ds.der ds.key   ds-….der ds-….key
//! DIR/UT/            the same, with more signers
//! DIR/cvca/          cvca.cvcert cvca.key   cvca-link.cvcert cvca-next.key   dv.key
//! DIR/terminal/      what an inspection system shows: cvca-link.cvcert dv.cvcert is.cvcert, and is.key
//! DIR/trust/         what a reader imports: the authorities' certificates, links and revocation lists
//! ```
//!
//! Private keys are PKCS#8, of mode 0600.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chipgate_crypto::{Secret, SigningKey};

use super::{
    Country, Identity, IssuingState, Pki, PkiOptions, SignerKind, TerminalPki, terminals::CvIdentity,
    usual_authority,
};
use crate::{
    CardError,
    on_disk::{read_at_most, write_private},
};

const MASTER_LIST: &str = "masterlist.ml";
const MASTER_LIST_SIGNER: &str = "masterlist-signer";
const AUTHORITY: &str = "csca";
const NEXT_AUTHORITY: &str = "csca-next";
const FOREIGN_AUTHORITY: &str = "foreign-csca";
const LINK: &str = "csca-link.der";
const REVOCATION_LIST: &str = "csca.crl";
const NEXT_REVOCATION_LIST: &str = "csca-next.crl";
const OPTIONS: &str = "algorithms.json";
const TERMINAL_AUTHORITIES: &str = "cvca";
const TERMINAL: &str = "terminal";

impl Pki {
    /// The folder in a PKI's folder that a reader takes its anchors from.
    pub fn trust_folder(dir: &Path) -> PathBuf {
        dir.join("trust")
    }

    /// The folder in a PKI's folder that an inspection system takes its CV certificates and its key from.
    pub fn terminal_folder(dir: &Path) -> PathBuf {
        dir.join(TERMINAL)
    }

    /// Writes the PKI to a folder, which is made if it is not there.
    pub fn write(&self, dir: &Path) -> Result<(), CardError> {
        let trust = Self::trust_folder(dir);
        make_folder(&trust)?;
        self.options.write(dir)?;
        write(&dir.join(MASTER_LIST), &self.master_list)?;
        self.master_list_signer.write(dir, MASTER_LIST_SIGNER)?;
        for country in [&self.vietnam, &self.utopia] {
            let code = country.state.alpha_2();
            country.write(&dir.join(code))?;
            let put = |name: String, bytes| write(&trust.join(name), bytes);
            put(format!("csca-{code}.der"), &country.authority.certificate)?;
            put(format!("csca-{code}.crl"), &country.revocation_list)?;
            put(format!("csca-{code}-link.der"), &country.link_certificate)?;
            put(format!("csca-{code}-next.crl"), &country.next_revocation_list)?;
        }
        self.terminals.write(dir)
    }

    /// Reads a PKI from the folder that [`write`](Self::write) filled.
    pub fn read(dir: &Path) -> Result<Self, CardError> {
        let options = PkiOptions::read(dir)?;
        Ok(Self {
            vietnam: Country::read(IssuingState::Vietnam, &options, dir)?,
            utopia: Country::read(IssuingState::Utopia, &options, dir)?,
            master_list_signer: Identity::read(dir, MASTER_LIST_SIGNER)?,
            master_list: read(&dir.join(MASTER_LIST))?,
            terminals: TerminalPki::read(dir)?,
            options,
        })
    }
}

impl PkiOptions {
    fn write(&self, dir: &Path) -> Result<(), CardError> {
        if *self == Self::default() {
            return Ok(());
        }
        let unwritable = |_| CardError::UnusableValue {
            field: OPTIONS,
            problem: "it could not be written",
        };
        let text = serde_json::to_string_pretty(self).map_err(unwritable)?;
        write(&dir.join(OPTIONS), text.as_bytes())
    }

    fn read(dir: &Path) -> Result<Self, CardError> {
        let path = dir.join(OPTIONS);
        if !path.exists() {
            return Ok(Self::default());
        }
        serde_json::from_slice(&read(&path)?).map_err(|_| CardError::UnusableValue {
            field: OPTIONS,
            problem: "it names no algorithms: make the PKI anew",
        })
    }
}

impl Country {
    fn write(&self, dir: &Path) -> Result<(), CardError> {
        make_folder(dir)?;
        self.authority.write(dir, AUTHORITY)?;
        self.next_authority.write(dir, NEXT_AUTHORITY)?;
        self.foreign_authority.write(dir, FOREIGN_AUTHORITY)?;
        write(&dir.join(LINK), &self.link_certificate)?;
        write(&dir.join(REVOCATION_LIST), &self.revocation_list)?;
        write(&dir.join(NEXT_REVOCATION_LIST), &self.next_revocation_list)?;
        self.signers
            .iter()
            .try_for_each(|(kind, identity)| identity.write(dir, &kind.stem()))
    }

    fn read(state: IssuingState, options: &PkiOptions, dir: &Path) -> Result<Self, CardError> {
        let dir = &dir.join(state.alpha_2());
        let authority = options.authority.unwrap_or(usual_authority(state)).signature();
        let read_authority = |stem| {
            Ok::<_, CardError>(Identity {
                algorithm: authority,
                ..Identity::read(dir, stem)?
            })
        };
        let signers = SignerKind::of(state).into_iter().map(|kind| {
            let algorithm = options.signer.unwrap_or(kind.usual_algorithm(state)).signature();
            let identity = Identity::read(dir, &kind.stem())?;
            Ok((
                kind,
                Identity {
                    algorithm,
                    ..identity
                },
            ))
        });
        Ok(Self {
            state,
            signers: signers.collect::<Result<_, CardError>>()?,
            authority: read_authority(AUTHORITY)?,
            next_authority: read_authority(NEXT_AUTHORITY)?,
            foreign_authority: read_authority(FOREIGN_AUTHORITY)?,
            link_certificate: read(&dir.join(LINK))?,
            revocation_list: read(&dir.join(REVOCATION_LIST))?,
            next_revocation_list: read(&dir.join(NEXT_REVOCATION_LIST))?,
        })
    }
}

impl Identity {
    fn write(&self, dir: &Path, stem: &str) -> Result<(), CardError> {
        write(&dir.join(format!("{stem}.der")), &self.certificate)?;
        write_key(dir, stem, &self.key)
    }

    /// One that signs as keys of its kind usually do.
    fn read(dir: &Path, stem: &str) -> Result<Self, CardError> {
        let key = read_key(dir, stem)?;
        Ok(Self {
            algorithm: super::SignerAlgorithm::usual(&key),
            key,
            certificate: read(&dir.join(format!("{stem}.der")))?,
        })
    }
}

impl TerminalPki {
    fn write(&self, dir: &Path) -> Result<(), CardError> {
        let (authorities, terminal) = (dir.join(TERMINAL_AUTHORITIES), dir.join(TERMINAL));
        make_folder(&authorities)?;
        make_folder(&terminal)?;
        write(&authorities.join("cvca.cvcert"), &self.authority.certificate)?;
        write_key(&authorities, "cvca", &self.authority.key)?;
        write_key(&authorities, "cvca-next", &self.next_authority.key)?;
        write_key(&authorities, "dv", &self.verifier.key)?;
        for dir in [&authorities, &terminal] {
            write(&dir.join("cvca-link.cvcert"), &self.next_authority.certificate)?;
        }
        write(&terminal.join("dv.cvcert"), &self.verifier.certificate)?;
        write(&terminal.join("is.cvcert"), &self.terminal.certificate)?;
        write_key(&terminal, "is", &self.terminal.key)
    }

    fn read(dir: &Path) -> Result<Self, CardError> {
        let (authorities, terminal) = (dir.join(TERMINAL_AUTHORITIES), dir.join(TERMINAL));
        let identity = |key: SigningKey, certificate: PathBuf| {
            CvIdentity::from_parts(key, read(&certificate)?).ok_or(CardError::UnusableValue {
                field: "pki",
                problem: "a CV certificate is none: make the PKI anew",
            })
        };
        Ok(Self {
            authority: identity(read_key(&authorities, "cvca")?, authorities.join("cvca.cvcert"))?,
            next_authority: identity(
                read_key(&authorities, "cvca-next")?,
                authorities.join("cvca-link.cvcert"),
            )?,
            verifier: identity(read_key(&authorities, "dv")?, terminal.join("dv.cvcert"))?,
            terminal: identity(read_key(&terminal, "is")?, terminal.join("is.cvcert"))?,
        })
    }
}

fn write_key(dir: &Path, stem: &str, key: &SigningKey) -> Result<(), CardError> {
    write_private(&dir.join(format!("{stem}.key")), key.to_pkcs8_der()?.as_bytes())
}

fn read_key(dir: &Path, stem: &str) -> Result<SigningKey, CardError> {
    let key = Secret::new(read(&dir.join(format!("{stem}.key")))?);
    Ok(SigningKey::from_pkcs8_der(key.as_bytes())?)
}

fn make_folder(dir: &Path) -> Result<(), CardError> {
    fs::create_dir_all(dir).map_err(CardError::io(dir))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CardError> {
    fs::write(path, bytes).map_err(CardError::io(path))
}

/// The longest certificate, list or key that is read, in bytes: a master list has some million.
const LONGEST_FILE: u64 = 16 << 20;

fn read(path: &Path) -> Result<Vec<u8>, CardError> {
    read_at_most(path, LONGEST_FILE)
}
