use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use chipgate_verifier::{Config, Server, VerifierError};

#[tokio::test]
async fn refuses_to_listen_in_plain_http_where_others_can_reach_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("data"), folder.path());
    config.listen = "0.0.0.0:0".parse().unwrap();
    assert!(matches!(
        Server::bind(&config).await,
        Err(VerifierError::PlainHttp { .. })
    ));
    config.behind_proxy = true;
    assert!(Server::bind(&config).await.is_ok());
}

#[tokio::test]
async fn names_a_broken_policy_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    std::fs::write(&file, "name = ").unwrap();
    let mut config = Config::new(folder.path().join("data"), folder.path());
    config.policy = Some(file);
    let error = Server::bind(&config).await.err().unwrap();
    assert!(error.to_string().contains("policy.toml"), "{error}");
}

#[tokio::test]
async fn a_policy_that_never_ends_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("data"), folder.path());
    config.policy = Some("/dev/zero".into());
    let error = Server::bind(&config).await.err().unwrap().to_string();
    assert!(
        error.contains("/dev/zero") && error.contains("longer than"),
        "{error}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_over_a_socket_and_stops_when_it_is_told_to() {
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::new(folder.path().join("data"), folder.path());
    config.listen.set_port(0);
    let server = Server::bind(&config).await.unwrap();
    let address = server.address();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(server.run(async move {
        stopped.await.ok();
    }));
    let answer = tokio::task::spawn_blocking(move || {
        let mut socket = TcpStream::connect(address).unwrap();
        socket
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        answer
    });
    assert!(answer.await.unwrap().starts_with("HTTP/1.1 200 OK"));
    stop.send(()).unwrap();
    running.await.unwrap().unwrap();
}
