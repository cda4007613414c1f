//! The test PKI in a folder.
//!
//! ```text
//! DIR/masterlist.ml  masterlist-signer.der  masterlist-signer.key
//! DIR/VN/            csca.der csca.key csca.crl  foreign-csca.der foreign-csca.key  ds.der ds.key  ds-….der ds-….key
//! DIR/UT/            the same
//! DIR/trust/         what a reader imports: the authorities' certificates and revocation lists
//! ```
//!
//! Private keys are PKCS#8, of mode 0600.

use std::{
    fs,
    path::{Path, PathBuf},
};

use chipgate_crypto::{Secret, SigningKey};

use super::{Country, Identity, IssuingState, Pki, SignerKind};
use crate::{CardError, card_file::write_private};

const MASTER_LIST: &str = "masterlist.ml";
const MASTER_LIST_SIGNER: &str = "masterlist-signer";
const AUTHORITY: &str = "csca";
const FOREIGN_AUTHORITY: &str = "foreign-csca";
const REVOCATION_LIST: &str = "csca.crl";

impl Pki {
    /// The folder in a PKI's folder that a reader takes its anchors from.
    pub fn trust_folder(dir: &Path) -> PathBuf {
        dir.join("trust")
    }

    /// Writes the PKI to a folder, which is made if it is not there.
    pub fn write(&self, dir: &Path) -> Result<(), CardError> {
        let trust = Self::trust_folder(dir);
        make_folder(&trust)?;
        write(&dir.join(MASTER_LIST), &self.master_list)?;
        self.master_list_signer.write(dir, MASTER_LIST_SIGNER)?;
        for country in [&self.vietnam, &self.utopia] {
            let code = country.state.alpha_2();
            country.write(&dir.join(code))?;
            write(
                &trust.join(format!("csca-{code}.der")),
                &country.authority.certificate,
            )?;
            write(&trust.join(format!("csca-{code}.crl")), &country.revocation_list)?;
        }
        Ok(())
    }

    /// Reads a PKI from the folder that [`write`](Self::write) filled.
    pub fn read(dir: &Path) -> Result<Self, CardError> {
        Ok(Self {
            vietnam: Country::read(IssuingState::Vietnam, dir)?,
            utopia: Country::read(IssuingState::Utopia, dir)?,
            master_list_signer: Identity::read(dir, MASTER_LIST_SIGNER)?,
            master_list: read(&dir.join(MASTER_LIST))?,
        })
    }
}

impl Country {
    fn write(&self, dir: &Path) -> Result<(), CardError> {
        make_folder(dir)?;
        self.authority.write(dir, AUTHORITY)?;
        self.foreign_authority.write(dir, FOREIGN_AUTHORITY)?;
        write(&dir.join(REVOCATION_LIST), &self.revocation_list)?;
        self.signers
            .iter()
            .try_for_each(|(kind, identity)| identity.write(dir, kind.stem()))
    }

    fn read(state: IssuingState, dir: &Path) -> Result<Self, CardError> {
        let dir = &dir.join(state.alpha_2());
        let signers = SignerKind::of(state).map(|kind| Ok((kind, Identity::read(dir, kind.stem())?)));
        Ok(Self {
            state,
            authority: Identity::read(dir, AUTHORITY)?,
            foreign_authority: Identity::read(dir, FOREIGN_AUTHORITY)?,
            signers: signers.collect::<Result<_, CardError>>()?,
            revocation_list: read(&dir.join(REVOCATION_LIST))?,
        })
    }
}

impl Identity {
    fn write(&self, dir: &Path, stem: &str) -> Result<(), CardError> {
        write(&dir.join(format!("{stem}.der")), &self.certificate)?;
        write_private(
            &dir.join(format!("{stem}.key")),
            self.key.to_pkcs8_der()?.as_bytes(),
        )
    }

    fn read(dir: &Path, stem: &str) -> Result<Self, CardError> {
        let key = Secret::new(read(&dir.join(format!("{stem}.key")))?);
        let certificate = read(&dir.join(format!("{stem}.der")))?;
        Ok(Self {
            key: SigningKey::from_pkcs8_der(key.as_bytes())?,
            certificate,
        })
    }
}

fn make_folder(dir: &Path) -> Result<(), CardError> {
    fs::create_dir_all(dir).map_err(CardError::io(dir))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), CardError> {
    fs::write(path, bytes).map_err(CardError::io(path))
}

fn read(path: &Path) -> Result<Vec<u8>, CardError> {
    fs::read(path).map_err(CardError::io(path))
}
