//! The PC/SC service, started where none runs and stopped if it was started here.

use std::{
    fs::File,
    net::TcpStream,
    os::unix::net::UnixStream,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use crate::command::{Failure, is_root, privileged, target};

const SOCKET: &str = "/run/pcscd/pcscd.comm";
/// Where vpcd waits for virtual cards.
const VIRTUAL_READER: &str = "127.0.0.1:35963";
const START: Duration = Duration::from_secs(10);

/// A running PC/SC service. Dropping it stops the service if it was started here.
pub(crate) struct Service {
    child: Option<Child>,
}

/// Makes sure that a service with the virtual reader runs.
pub(crate) fn ensure() -> Result<Service, Failure> {
    if answers() {
        return if has_virtual_reader() {
            Ok(Service { child: None })
        } else {
            Err(Failure(
                "the PC/SC service runs without the virtual reader, which was installed later: restart it \
                 (`sudo systemctl restart pcscd`), then try again"
                    .to_owned(),
            ))
        };
    }
    let child = start()?;
    let service = Service { child: Some(child) };
    let begun = Instant::now();
    while !(answers() && has_virtual_reader()) {
        if begun.elapsed() > START {
            return Err(Failure(format!(
                "pcscd did not come up; its messages are in {}",
                log_path().display()
            )));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(service)
}

fn answers() -> bool {
    UnixStream::connect(SOCKET).is_ok()
}

/// Asks without occupying the one place for a card: a connection that is closed at once is a card taken away.
fn has_virtual_reader() -> bool {
    VIRTUAL_READER
        .parse()
        .is_ok_and(|address| TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
}

fn log_path() -> std::path::PathBuf {
    target().join("pcscd.log")
}

fn start() -> Result<Child, Failure> {
    let Some(mut command) = privileged("pcscd") else {
        return Err(Failure(
            "starting the PC/SC service needs root or sudo; start it yourself (`sudo pcscd`), then try again"
                .to_owned(),
        ));
    };
    let failed = |error: std::io::Error| Failure(format!("pcscd could not be started: {error}"));
    prepare_folder()?;
    std::fs::create_dir_all(target()).map_err(failed)?;
    let log = File::create(log_path()).map_err(failed)?;
    println!("▸ starting pcscd, and stopping it at the end");
    command
        .arg("--foreground")
        .stdin(Stdio::null())
        .stdout(log.try_clone().map_err(failed)?)
        .stderr(log)
        .spawn()
        .map_err(failed)
}

/// Without a service manager no one has made the folder of the socket.
fn prepare_folder() -> Result<(), Failure> {
    let Some(mut mkdir) = privileged("mkdir") else {
        return Ok(());
    };
    match mkdir.args(["-p", "/run/pcscd"]).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(Failure(
            "/run/pcscd could not be made: make it as root, then try again".to_owned(),
        )),
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let Some(child) = &mut self.child else { return };
        // pcscd removes its socket when it is asked to end, not when it is killed; under sudo the child is sudo,
        // which passes the signal on.
        let id = child.id().to_string();
        let mut kill = if is_root() {
            Command::new("kill")
        } else {
            Command::new("sudo")
        };
        if !is_root() {
            kill.arg("kill");
        }
        let _ = kill.args(["-TERM", &id]).status();
        let _ = child.wait();
    }
}
