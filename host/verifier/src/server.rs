//! The server: everything put together, a socket, and a clean end.

use std::fmt::Display;
use std::fs::File;
use std::future::Future;
use std::io::{ErrorKind, Read as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use chipgate_inspection::Policy;
use rand::SeedableRng as _;
use rand::rngs::{StdRng, SysRng};
use tokio::net::TcpListener;

use crate::error::VerifierError;
use crate::http::router;
use crate::keys;
use crate::store::{SqliteStore, Store};
use crate::time::SystemClock;
use crate::trust::TrustFolder;
use crate::verifier::{Limits, Parts, Verifier};

/// How often what is past its retention is deleted, and the trust folder read again.
const HOUSEKEEPING_PERIOD: Duration = Duration::from_hours(1);
/// The longest policy file that is read, in bytes: the shipped ones have some thousand.
const LONGEST_POLICY: u64 = 1 << 20;

/// How a verifier is set up.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it listens. Other machines can reach it only if a TLS proxy stands in front.
    pub listen: SocketAddr,
    /// Where it keeps its database and its keys.
    pub data: PathBuf,
    /// The folder with the issuing authorities that it trusts.
    pub trust: PathBuf,
    /// A shipped policy by its name, or a policy file; without one it follows the shipped policy `document`.
    pub policy: Option<PathBuf>,
    /// Whether a proxy that speaks TLS stands in front.
    pub behind_proxy: bool,
    /// How long things last.
    pub limits: Limits,
}

impl Config {
    /// Where a verifier listens unless told otherwise.
    pub const LISTEN: &'static str = "127.0.0.1:8460";

    /// A verifier for this machine alone.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, trust: impl Into<PathBuf>) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8460)),
            data: data.into(),
            trust: trust.into(),
            policy: None,
            behind_proxy: false,
            limits: Limits::default(),
        }
    }
}

/// A verifier that listens and has not begun to answer.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    verifier: Arc<Verifier<SqliteStore>>,
    trust: Arc<TrustFolder>,
    /// Held while this verifier works on its data: two would issue nonces and purge behind each other's back.
    _data: File,
}

impl Server {
    /// Puts the verifier together and listens.
    pub async fn bind(config: &Config) -> Result<Self, VerifierError> {
        let address = config.listen;
        if !address.ip().is_loopback() && !config.behind_proxy {
            return Err(VerifierError::PlainHttp { address });
        }
        let trust = Arc::new(TrustFolder::new(config.trust.clone()));
        let data = take(&config.data)?;
        let verifier = assemble(config, &trust).await?;
        let listen = |source| VerifierError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(listen)?;
        let address = listener.local_addr().map_err(listen)?;
        Ok(Self {
            listener,
            address,
            verifier,
            trust,
            _data: data,
        })
    }

    /// What it judges by, for its operator: its policy and its anchors.
    #[must_use]
    pub fn judges_by(&self) -> String {
        let policy = &self.verifier.policy;
        let anchors = if self.verifier.anchors.current().is_empty() {
            "NO trust anchor, so that it can settle nothing,"
        } else {
            "the trust anchors"
        };
        format!(
            "It has {anchors} in {}, and follows the policy {} (SHA-256 {})",
            self.trust.path().display(),
            policy.name(),
            hex::encode(policy.hash())
        )
    }

    /// Where it listens: the port that the system chose, if the configuration says 0.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `stop` is done, finishes what is under way, and closes the database.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<(), VerifierError> {
        let cleaning = tokio::spawn(each_hour(Arc::clone(&self.verifier), self.trust));
        let served = axum::serve(self.listener, router(Arc::clone(&self.verifier)))
            .with_graceful_shutdown(stop)
            .await
            .map_err(|source| VerifierError::Serve { source });
        cleaning.abort();
        self.verifier.store.close().await;
        served
    }
}

/// Runs a verifier until it is told to stop (SIGINT or SIGTERM). `ready` learns where it listens, and what it judges by.
pub async fn run(config: Config, ready: impl FnOnce(&Server)) -> Result<(), VerifierError> {
    let server = Server::bind(&config).await?;
    let stop = stop_signal()?;
    ready(&server);
    server.run(stop).await
}

/// [`run`] for a program without an async runtime of its own.
pub fn run_blocking(config: Config, ready: impl FnOnce(&Server)) -> Result<(), VerifierError> {
    runtime()?.block_on(run(config, ready))
}

pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, VerifierError> {
    tokio::runtime::Runtime::new().map_err(|source| VerifierError::Serve { source })
}

async fn assemble(config: &Config, trust: &TrustFolder) -> Result<Arc<Verifier<SqliteStore>>, VerifierError> {
    keys::make_folder(&config.data)?;
    let policy = policy(config.policy.as_deref())?;
    let (anchors, notes) = trust.read()?;
    for note in &notes {
        say(note);
    }
    let rng = StdRng::try_from_rng(&mut SysRng).map_err(|_| VerifierError::Randomness)?;
    let parts = Parts {
        store: SqliteStore::open(&config.data).await?,
        anchors: Box::new(anchors),
        policy,
        limits: config.limits.clone(),
        clock: Box::new(SystemClock),
        rng: Box::new(rng),
    };
    Verifier::new(&config.data, parts)
}

/// Takes the data folder, which is made if it is not there, for this process.
fn take(data: &Path) -> Result<File, VerifierError> {
    keys::make_folder(data)?;
    let path = data.join("verifier.lock");
    keys::make_private(&path)?;
    let lock = File::open(&path).map_err(VerifierError::file(&path, "opened"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(_) => Err(VerifierError::DataInUse {
            path: data.to_owned(),
        }),
    }
}

fn policy(file: Option<&Path>) -> Result<Policy, VerifierError> {
    let Some(path) = file else {
        return Policy::document().map_err(|source| VerifierError::ShippedPolicy { source });
    };
    let shipped = path.to_str().and_then(Policy::shipped_text);
    if let Some(text) = shipped {
        return Policy::parse(text).map_err(|source| VerifierError::ShippedPolicy { source });
    }
    let text = policy_text(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => VerifierError::UnknownPolicy {
            name: path.display().to_string(),
        },
        _ => VerifierError::file(path, "read")(error),
    })?;
    Policy::parse(&text).map_err(|source| VerifierError::Policy {
        path: path.to_owned(),
        source,
    })
}

/// The text of a policy file. Its name may be that of a device that never ends.
fn policy_text(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    File::open(path)?
        .take(LONGEST_POLICY + 1)
        .read_to_string(&mut text)?;
    if text.len() as u64 > LONGEST_POLICY {
        return Err(std::io::Error::new(
            ErrorKind::FileTooLarge,
            format!("it is longer than the {} KiB of any policy", LONGEST_POLICY >> 10),
        ));
    }
    Ok(text)
}

async fn each_hour<S: Store>(verifier: Arc<Verifier<S>>, trust: Arc<TrustFolder>) {
    let mut hours = tokio::time::interval(HOUSEKEEPING_PERIOD);
    loop {
        hours.tick().await;
        if let Err(error) = verifier.clean_up().await {
            say(&error);
        }
        refresh(&verifier, &trust).await;
    }
}

/// Trusts what the folder holds now: a new authority, a newer revocation list. A folder that cannot be read changes
/// nothing.
async fn refresh<S: Store>(verifier: &Verifier<S>, trust: &Arc<TrustFolder>) {
    let trust = Arc::clone(trust);
    // The folder may hold a master list with hundreds of certificates: reading it has a thread of its own.
    match tokio::task::spawn_blocking(move || trust.read()).await {
        Ok(Ok((anchors, notes))) => {
            for note in &notes {
                say(note);
            }
            verifier.replace_anchors(Box::new(anchors));
        }
        Ok(Err(error)) => say(&format_args!("{error}; the anchors from before stay in use")),
        Err(error) => say(&format_args!("reading the trust folder: {error}")),
    }
}

/// Tells the operator.
fn say(what: &dyn Display) {
    eprintln!("chipgate verifier: {what}");
}

/// Done when the operator or the system asks the program to stop.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static, VerifierError> {
    use tokio::signal::unix::{SignalKind, signal};

    let of = |kind| signal(kind).map_err(|source| VerifierError::Serve { source });
    let mut interrupt = of(SignalKind::interrupt())?;
    let mut terminate = of(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn two_verifiers_never_work_on_one_data_folder() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path().join("data"), folder.path());
        config.listen.set_port(0);
        let first = Server::bind(&config).await.unwrap();
        let second = Server::bind(&config).await.err().unwrap();
        assert!(matches!(second, VerifierError::DataInUse { .. }), "{second}");
        drop(first);
        Server::bind(&config).await.unwrap();
    }

    #[tokio::test]
    async fn says_what_it_judges_by_and_takes_a_shipped_policy_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let mut config = Config::new(folder.path().join("data"), folder.path());
        config.listen.set_port(0);
        config.policy = Some("airport".into());
        let server = Server::bind(&config).await.unwrap();
        let says = server.judges_by();
        assert!(
            says.contains("policy airport (SHA-256 ") && says.contains("NO trust anchor"),
            "{says}"
        );
        drop(server);
        config.policy = Some("airprot".into());
        let unknown = Server::bind(&config).await.err().unwrap();
        assert!(unknown.to_string().contains("airport"), "{unknown}");
    }

    #[tokio::test]
    async fn follows_its_trust_folder_and_keeps_its_anchors_when_that_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let trusted = folder.path().join("trust");
        fs::create_dir(&trusted).unwrap();
        let config = Config::new(folder.path().join("data"), &trusted);
        let trust = Arc::new(TrustFolder::new(trusted.clone()));
        let verifier = assemble(&config, &trust).await.unwrap();
        assert!(verifier.anchors.current().is_empty());

        let authority =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("../../firmware/trust/tests/data/csca.der");
        fs::copy(authority, trusted.join("csca.der")).unwrap();
        refresh(&verifier, &trust).await;
        assert!(!verifier.anchors.current().is_empty());

        fs::remove_dir_all(&trusted).unwrap();
        refresh(&verifier, &trust).await;
        assert!(!verifier.anchors.current().is_empty());
    }
}
