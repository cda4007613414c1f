//! What can go wrong at the verifier, apart from a device's mistakes (those are [`crate::Refusal`]s).

use std::net::SocketAddr;
use std::path::PathBuf;

use chipgate_inspection::PolicyError;
use thiserror::Error;

/// What keeps the verifier from working. Each variant is one thing that its operator can act on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum VerifierError {
    /// The database did not answer.
    #[error("the database failed while {during}: {source}; check the disk and the data folder's permissions")]
    Database {
        /// What was being done.
        during: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The database's layout could not be brought up to date.
    #[error("the database {} could not be brought up to date: {source}; was it written by a newer version?", path.display())]
    Migration {
        /// The database.
        path: PathBuf,
        /// What the migration said.
        source: sqlx::migrate::MigrateError,
    },
    /// Something in the database cannot be what this program wrote.
    #[error("the database holds an unreadable {what}; restore it from a backup")]
    Corrupt {
        /// Which column or row.
        what: &'static str,
    },
    /// What was deleted may still stand in the database's log.
    #[error(
        "what was deleted still stands in the database's write-ahead log, since something reads the database; \
         it will be cut off an hour later, or when the verifier stops"
    )]
    LogInUse,
    /// A device of this name is registered already.
    #[error(
        "a device named `{name}` is registered already, or was and is revoked; `chipgate verifier device replace {name} \
         --key FILE` gives it another key and lifts a revocation"
    )]
    DeviceExists {
        /// The device's name.
        name: String,
    },
    /// Another device has this key.
    #[error(
        "the device `{name}` has this key already: each device has a key of its own (`chipgate report key` makes one). A name that was mistyped is \
         taken out by `chipgate verifier device remove {name}`"
    )]
    KeyInUse {
        /// That device's name.
        name: String,
    },
    /// Another verifier works on this data folder.
    #[error("another verifier works on {}: let it end, or name another folder by --data", path.display())]
    DataInUse {
        /// The folder.
        path: PathBuf,
    },
    /// No policy has this name.
    #[error(
        "{name} is neither a policy file nor a shipped policy: those are document, airport, counter and lab"
    )]
    UnknownPolicy {
        /// What was given.
        name: String,
    },
    /// A device that has reported can't be taken out of the register.
    #[error(
        "`{name}` has reported, and its reports stay under its name: `chipgate verifier device revoke {name}` ends it"
    )]
    DeviceHasReports {
        /// Its name.
        name: String,
    },
    /// A revoked device can't be taken out of the register.
    #[error(
        "`{name}` is revoked, and its key stays barred: give the gate another key (`chipgate report key`)"
    )]
    DeviceIsRevoked {
        /// Its name.
        name: String,
    },
    /// No device has this name.
    #[error("no device is named `{name}`; `chipgate verifier device list` shows those that are registered")]
    UnknownDevice {
        /// The name that was given.
        name: String,
    },
    /// A device name that could be mistaken for another or break a page.
    #[error("`{name}` is no device name: use 1 to 64 letters, digits, dots, hyphens or underscores")]
    DeviceName {
        /// The name that was given.
        name: String,
    },
    /// The device's key is no public key on P-256.
    #[error(
        "the device's key is not usable ({reason}); give an EC P-256 public key as PEM or hexadecimal SubjectPublicKeyInfo"
    )]
    DeviceKey {
        /// What is wrong with it.
        reason: &'static str,
    },
    /// Too many nonces of this device are outstanding.
    #[error("device `{device}` has {limit} unused nonces; use them, or wait until they expire")]
    TooManyNonces {
        /// The device's name.
        device: String,
        /// The limit that is reached.
        limit: u32,
    },
    /// A file or folder of the verifier's own could not be used.
    #[error("{} could not be {action}: {source}", path.display())]
    File {
        /// Which file or folder.
        path: PathBuf,
        /// What was tried: "read", "written" …
        action: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key file holds something else, or a key of another kind.
    #[error("{} holds no usable key; restore it from a backup, or move it away to have a new one made", path.display())]
    KeyFile {
        /// Which file.
        path: PathBuf,
    },
    /// A key file can be read by others.
    #[error("{} can be read by others (mode {mode:o}); run `chmod 600` on it", path.display())]
    KeyFileOpen {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The policy file is no policy.
    #[error("{}: {source}", path.display())]
    Policy {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        source: PolicyError,
    },
    /// The policy that is built in cannot be used.
    #[error("the built-in policy: {source}; this program is damaged")]
    ShippedPolicy {
        /// What is wrong with it.
        source: PolicyError,
    },
    /// The folder of trust anchors could not be used.
    #[error(transparent)]
    Trust(#[from] chipgate_trust_store::StoreError),
    /// The address can be reached from other machines, and nothing encrypts.
    #[error(
        "{address} can be reached from other machines, and this server speaks plain HTTP; listen on 127.0.0.1, \
         or put a TLS proxy in front and say --behind-proxy"
    )]
    PlainHttp {
        /// The address that was asked for.
        address: SocketAddr,
    },
    /// The address could not be listened on.
    #[error("cannot listen on {address}: {source}; is another program using it?")]
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The server stopped by itself.
    #[error("the server stopped: {source}")]
    Serve {
        /// What the system said.
        source: std::io::Error,
    },
    /// The system's source of random numbers failed.
    #[error("the system gave no random numbers; nothing can be signed or issued without them")]
    Randomness,
    /// A thread that checked a report was stopped.
    #[error("checking a report was interrupted; the device will send it again")]
    Interrupted,
    /// Something could not be signed with the verifier's key.
    #[error("the verifier's key could not sign {what}")]
    Signing {
        /// What was to be signed.
        what: &'static str,
    },
}

impl VerifierError {
    /// Names what the database was doing when it failed.
    pub(crate) fn database(during: &'static str) -> impl FnOnce(sqlx::Error) -> Self {
        move |source| Self::Database { during, source }
    }

    /// Names the file and what was done to it.
    pub(crate) fn file(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, action, source }
    }
}
