//! The register of devices, as an operator keeps it from the command line, beside a running verifier or without.

use std::path::Path;

use chipgate_apdu::Clock as _;
use tokio::runtime::Runtime;

use crate::error::VerifierError;
use crate::store::{Device, DeviceActivity, SqliteStore, Store as _};
use crate::time::SystemClock;
use crate::{device, keys, server};

/// The register of devices in a data folder. Its methods block.
pub struct Registry {
    runtime: Runtime,
    store: SqliteStore,
}

impl Registry {
    /// Opens the register in the verifier's data folder, which is made if it is not there.
    pub fn open(data: &Path) -> Result<Self, VerifierError> {
        keys::make_folder(data)?;
        let runtime = server::runtime()?;
        let store = runtime.block_on(SqliteStore::open(data))?;
        Ok(Self { runtime, store })
    }

    /// Registers a device by its public key: PEM, or hexadecimal SubjectPublicKeyInfo, on P-256.
    pub fn add(&self, name: &str, public_key: &str) -> Result<Device, VerifierError> {
        let device = Device {
            name: device::name(name)?.to_owned(),
            public_key: device::public_key(public_key)?,
            added_at: SystemClock.now(),
            revoked_at: None,
        };
        self.runtime.block_on(self.store.add_device(&device))?;
        Ok(device)
    }

    /// Gives a device another key, and lifts its revocation: for a gate whose key was lost or stolen. Its reports stay,
    /// and their numbers go on.
    pub fn replace(&self, name: &str, public_key: &str) -> Result<(), VerifierError> {
        let key = device::public_key(public_key)?;
        self.runtime
            .block_on(self.store.replace_device(name, &key, SystemClock.now()))
    }

    /// Takes a device out that never reported: one whose name was mistyped. Its key is free again.
    pub fn remove(&self, name: &str) -> Result<(), VerifierError> {
        self.runtime.block_on(self.store.forget_device(name))
    }

    /// All devices, and what came from them.
    pub fn list(&self) -> Result<Vec<DeviceActivity>, VerifierError> {
        self.runtime.block_on(self.store.devices())
    }

    /// Revokes a device: its reports are refused from now on. What it sent before stays.
    pub fn revoke(&self, name: &str) -> Result<(), VerifierError> {
        self.runtime
            .block_on(self.store.revoke_device(name, SystemClock.now()))
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.runtime.block_on(self.store.close());
    }
}

#[cfg(test)]
mod tests {
    use chipgate_crypto::{Curve, SigningKey};

    use super::*;
    use crate::testing::Counter;

    #[test]
    fn adds_lists_and_revokes_devices_and_remembers_them() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let key = SigningKey::generate_ec(Curve::P256, &mut Counter::starting_at(1)).unwrap();
        let key = hex::encode(key.public_key().to_spki_der());
        Registry::open(&data).unwrap().add("gate-07", &key).unwrap();

        let registry = Registry::open(&data).unwrap();
        let twice = registry.add("gate-07", &key).unwrap_err();
        assert!(matches!(twice, VerifierError::DeviceExists { .. }), "{twice}");
        registry.revoke("gate-07").unwrap();
        let unknown = registry.revoke("gate-08").unwrap_err();
        assert!(
            matches!(unknown, VerifierError::UnknownDevice { .. }),
            "{unknown}"
        );
        let devices = registry.list().unwrap();
        assert_eq!(
            (devices[0].device.name.as_str(), devices[0].reports),
            ("gate-07", 0)
        );
        assert!(devices[0].device.revoked_at.is_some());
    }

    #[test]
    fn a_mistyped_device_is_taken_out_and_a_revoked_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let key = SigningKey::generate_ec(Curve::P256, &mut Counter::starting_at(1)).unwrap();
        let key = hex::encode(key.public_key().to_spki_der());
        let registry = Registry::open(folder.path()).unwrap();
        registry.add("gate-7", &key).unwrap();
        registry.remove("gate-7").unwrap();
        registry.add("gate-07", &key).expect("the key is free again");
        let unknown = registry.remove("gate-7").unwrap_err();
        assert!(
            matches!(unknown, VerifierError::UnknownDevice { .. }),
            "{unknown}"
        );
        registry.revoke("gate-07").unwrap();
        let barred = registry.remove("gate-07").unwrap_err();
        assert!(
            matches!(barred, VerifierError::DeviceIsRevoked { .. }),
            "{barred}"
        );
    }

    #[test]
    fn a_revoked_device_comes_back_with_another_key_and_no_key_has_two_names() {
        let folder = tempfile::tempdir().unwrap();
        let key = |seed| {
            let key = SigningKey::generate_ec(Curve::P256, &mut Counter::starting_at(seed)).unwrap();
            hex::encode(key.public_key().to_spki_der())
        };
        let registry = Registry::open(folder.path()).unwrap();
        registry.add("gate-07", &key(1)).unwrap();
        let twin = registry.add("gate-08", &key(1)).unwrap_err();
        assert!(
            matches!(&twin, VerifierError::KeyInUse { name } if name == "gate-07"),
            "{twin}"
        );
        registry.revoke("gate-07").unwrap();
        let twin = registry.add("gate-08", &key(1)).unwrap_err();
        assert!(
            matches!(twin, VerifierError::KeyInUse { .. }),
            "a stolen key stays revoked: {twin}"
        );

        registry.replace("gate-07", &key(2)).unwrap();
        let device = registry.list().unwrap().remove(0).device;
        assert_eq!(hex::encode(device.public_key), key(2));
        assert_eq!(device.revoked_at, None);
        let unknown = registry.replace("gate-09", &key(3)).unwrap_err();
        assert!(
            matches!(unknown, VerifierError::UnknownDevice { .. }),
            "{unknown}"
        );
    }
}
