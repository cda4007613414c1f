//! A virtual card in the virtual reader of pcscd (vsmartcard's vpcd).
//!
//! The card is the TCP client. Every message is a length of two bytes, big-endian, and that many bytes. A message of
//! one byte is a control (0 off, 1 on, 2 reset, without reply; 4: send the answer to reset); a longer one is a
//! command and wants its response. Closing the connection takes the card out.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use socket2::SockRef;

use crate::{CardError, VirtualCard};

/// Where vpcd listens for its first reader's card.
pub const VPCD_ADDRESS: &str = "127.0.0.1:35963";

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const ANSWER_TO_RESET: u8 = 4;

/// How often the flag to stop is looked at while nothing comes.
const PATIENCE: Duration = Duration::from_millis(100);
/// How often the first connection is tried before it counts as failed: five seconds in all.
const ATTEMPTS: u32 = 50;

/// How long a reader that took the card may leave it alone. The service looks at each reader every 0.4 s; one that already
/// holds a card leaves the next one in its queue, and says nothing.
const LONGEST_QUIET: Duration = Duration::from_secs(5);

/// How long a silent card is waited for.
const SILENCE: Duration = Duration::from_secs(2);

/// What becomes of a card in the virtual reader, for whoever watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VpcdEvent {
    /// No one listens yet, and it is tried again.
    Waiting,
    /// The card lies in the reader: the service has spoken to it.
    Presented,
    /// The reader went; the card waits for it to come back.
    ReaderGone,
}

/// Why a connection ended.
enum End {
    /// The flag was raised, or the card is gone for good.
    Out,
    /// The reader took the connection and never spoke: another card lies in it.
    Occupied,
    /// The reader closed it; it may come back.
    Closed,
}

/// Presents the card in the virtual reader at `address` until `stop` is raised or the card's personality takes it
/// away. When pcscd goes, the card waits for the next one. `watch` is told of each change.
///
/// # Errors
/// [`CardError::NoVirtualReader`] if no one listens there for five seconds at the start, and
/// [`CardError::ReaderOccupied`] if the reader does not ask for the card within five seconds of that.
pub fn serve_vpcd(
    card: &mut VirtualCard,
    address: &str,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(VpcdEvent),
) -> Result<(), CardError> {
    let mut connection = Some(connect_patiently(address, stop, watch)?);
    let mut presented_before = false;
    while !stop.load(Ordering::Relaxed) {
        let Some(stream) = connection.take() else {
            thread::sleep(PATIENCE);
            connection = connect(address).ok();
            continue;
        };
        let mut presented = false;
        let mut spoken_to = || {
            if !core::mem::replace(&mut presented, true) {
                watch(VpcdEvent::Presented);
            }
        };
        let end = serve(card, stream, stop, &mut spoken_to);
        card.power_off();
        match end {
            Ok(End::Out) => break,
            Ok(End::Occupied) if !presented_before => {
                return Err(CardError::ReaderOccupied {
                    address: address.to_owned(),
                });
            }
            _ => {}
        }
        presented_before |= presented;
        if presented {
            watch(VpcdEvent::ReaderGone);
        }
    }
    card.power_off();
    Ok(())
}

fn connect_patiently(
    address: &str,
    stop: &AtomicBool,
    watch: &mut dyn FnMut(VpcdEvent),
) -> Result<TcpStream, CardError> {
    let mut attempt = 1;
    loop {
        match connect(address) {
            Ok(stream) => return Ok(stream),
            Err(source) if attempt >= ATTEMPTS || stop.load(Ordering::Relaxed) => {
                return Err(CardError::NoVirtualReader {
                    address: address.to_owned(),
                    source,
                });
            }
            Err(_) => {
                if attempt == 1 {
                    watch(VpcdEvent::Waiting);
                }
                attempt += 1;
            }
        }
        thread::sleep(PATIENCE);
    }
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let target = address.to_socket_addrs()?.next().ok_or(ErrorKind::NotFound)?;
    let stream = TcpStream::connect_timeout(&target, Duration::from_secs(1))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Answers until the connection ends; `spoken_to` is called at each message.
fn serve(
    card: &mut VirtualCard,
    mut stream: TcpStream,
    stop: &AtomicBool,
    spoken_to: &mut dyn FnMut(),
) -> io::Result<End> {
    if !is_asked_for(&stream, stop)? {
        return Ok(if stop.load(Ordering::Relaxed) {
            End::Out
        } else {
            End::Occupied
        });
    }
    loop {
        if card.is_gone() {
            return Ok(End::Out);
        }
        let Some(message) = receive(&mut stream, stop)? else {
            return Ok(if stop.load(Ordering::Relaxed) {
                End::Out
            } else {
                End::Closed
            });
        };
        spoken_to();
        match message.as_slice() {
            [POWER_OFF] => card.power_off(),
            // A card that was changed unseen gets its first power by a reset.
            [POWER_ON | RESET] => card.power_on(),
            [ANSWER_TO_RESET] => send(&mut stream, card.atr())?,
            [] | [_] => {}
            command => {
                thread::sleep(card.delay(command));
                let response = card.respond(command);
                if response.is_empty() {
                    thread::sleep(SILENCE);
                    return Ok(End::Out); // pcscd waits for ever: all that a silent card can do here is to go
                }
                send(&mut stream, &response)?;
            }
        }
    }
}

/// Waits for the reader's first byte, or for the end of the connection, without taking it.
fn is_asked_for(stream: &TcpStream, stop: &AtomicBool) -> io::Result<bool> {
    let begun = Instant::now();
    while begun.elapsed() < LONGEST_QUIET && !stop.load(Ordering::Relaxed) {
        match stream.peek(&mut [0]) {
            Ok(_) => return Ok(true),
            Err(error) if is_a_pause(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

fn is_a_pause(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

/// One message; `None` if the reader closed the connection or the flag was raised.
fn receive(stream: &mut TcpStream, stop: &AtomicBool) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    if !fill(stream, &mut length, stop)? {
        return Ok(None);
    }
    let mut message = vec![0; u16::from_be_bytes(length).into()];
    Ok(fill(stream, &mut message, stop)?.then_some(message))
}

/// Reads until the buffer is full; `false` if the connection was closed or the flag raised before that.
fn fill(stream: &mut TcpStream, mut buffer: &mut [u8], stop: &AtomicBool) -> io::Result<bool> {
    while !buffer.is_empty() {
        acknowledge_at_once(stream);
        match stream.read(buffer) {
            Ok(0) => return Ok(false),
            Ok(count) => buffer = &mut buffer[count..],
            Err(error) if is_a_pause(&error) => {
                if stop.load(Ordering::Relaxed) {
                    return Ok(false);
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(true)
}

/// Linux forgets this with every receive; without it a command takes 48 ms instead of 0.1.
fn acknowledge_at_once(stream: &TcpStream) {
    #[cfg(target_os = "linux")]
    let _ = SockRef::from(stream).set_tcp_quickack(true); // a matter of speed alone
    #[cfg(not(target_os = "linux"))]
    let _ = SockRef::from(stream);
}

/// Length and message in one write.
fn send(stream: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let length = u16::try_from(message.len()).map_err(|_| ErrorKind::InvalidData)?;
    stream.write_all(&[&length.to_be_bytes(), message].concat())
}

#[cfg(test)]
mod tests {
    use std::{net::TcpListener, sync::Arc};

    use super::*;
    use crate::{IssueOptions, Pki, Profile, issue};
    use chipgate_apdu::Timestamp;
    use rand::{SeedableRng, rngs::StdRng};

    fn card() -> VirtualCard {
        let mut rng = StdRng::seed_from_u64(1);
        let now = Timestamp::from_seconds(1_795_000_000);
        let pki = Pki::generate(&mut rng, now).unwrap();
        let file = issue(Profile::Td3Pace, &pki, &IssueOptions::default(), &mut rng, now).unwrap();
        VirtualCard::new(&file, rng).unwrap()
    }

    fn ask(stream: &mut TcpStream, message: &[u8]) -> Vec<u8> {
        send(stream, message).unwrap();
        receive(stream, &AtomicBool::new(false)).unwrap().unwrap()
    }

    #[test]
    fn answers_a_reader_and_comes_back_after_it_was_restarted() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let stop = Arc::new(AtomicBool::new(false));
        let served = thread::spawn({
            let stop = stop.clone();
            move || {
                let mut seen = Vec::new();
                serve_vpcd(&mut card(), &address, &stop, &mut |event| seen.push(event)).unwrap();
                seen
            }
        });
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            assert_eq!(
                ask(&mut stream, &[ANSWER_TO_RESET]),
                [0x3B, 0x80, 0x80, 0x01, 0x01]
            );
            send(&mut stream, &[POWER_ON]).unwrap();
            assert_eq!(ask(&mut stream, &[0x00, 0xA4, 0x00, 0x0C]), [0x90, 0x00]);
            send(&mut stream, &[POWER_OFF]).unwrap();
            assert_eq!(ask(&mut stream, &[0x00, 0xA4, 0x00, 0x0C]), [0x6F, 0x00]);
        }
        stop.store(true, Ordering::Relaxed);
        let (presented, gone) = (VpcdEvent::Presented, VpcdEvent::ReaderGone);
        let seen = served.join().unwrap();
        assert_eq!(seen[..3], [presented, gone, presented], "told when it is true");
    }

    #[test]
    fn a_reader_that_never_asks_for_the_card_holds_another_one() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap(); // takes connections into its queue, as vpcd does
        let address = listener.local_addr().unwrap().to_string();
        let mut seen = Vec::new();
        let served = serve_vpcd(&mut card(), &address, &AtomicBool::new(false), &mut |event| {
            seen.push(event);
        });
        let error = served.unwrap_err();
        assert!(
            matches!(&error, CardError::ReaderOccupied { address: at } if *at == address),
            "{error}"
        );
        assert!(seen.is_empty(), "nothing was presented: {seen:?}");
    }

    #[test]
    fn says_where_no_reader_is_listening() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        drop(listener);
        let stop = AtomicBool::new(true); // so that it does not try for five seconds
        let mut seen = Vec::new();
        let served = serve_vpcd(&mut card(), &address, &stop, &mut |event| seen.push(event));
        let error = served.unwrap_err().to_string();
        assert!(error.contains(&address) && error.contains("pcscd"), "{error}");
        assert!(!seen.contains(&VpcdEvent::Presented), "nothing was presented");
    }
}
