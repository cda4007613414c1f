//! The capture file, held against Wireshark's own dissectors.

use std::{
    path::Path,
    process::{Command, Stdio},
};

use chipgate_recording::{Capture, Dialogue, Entry, Imported, Outcome, Recording, import, pcapng};
use chipgate_virtual_card::Profile;

use crate::{
    cards::{NOW, card},
    recorded::recorded,
};

/// What tshark says of a packet.
#[derive(Debug, PartialEq)]
struct Packet {
    interface: String,
    protocols: String,
    instruction: String,
    status: String,
    body: String,
}

const FIELDS: [&str; 7] = [
    "frame.interface_name",
    "frame.protocols",
    "iso7816.apdu.ins",
    "iso7816.apdu.sw1",
    "iso7816.apdu.sw2",
    "iso7816.apdu.body",
    "frame.comment",
];

/// What tshark prints; `None`, and says so, where it is not installed.
fn tshark(capture: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("tshark");
    let ran = command
        .arg("-r")
        .arg(capture)
        .args(arguments)
        .stderr(Stdio::piped())
        .output();
    let Ok(ran) = ran else {
        println!("skipped: tshark is not installed (`cargo xtask setup` installs it)");
        return None;
    };
    let problems = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{problems}");
    Some(String::from_utf8(ran.stdout).unwrap())
}

fn dissected(capture: &Path) -> Option<Vec<(Packet, String)>> {
    let mut arguments = vec!["-T", "fields", "-E", "separator=/t"];
    for field in FIELDS {
        arguments.extend(["-e", field]);
    }
    let text = tshark(capture, &arguments)?;
    let packet = |line: &str| {
        let fields: Vec<_> = line.split('\t').collect();
        let number = |field: &str| field.trim_start_matches("0x").to_owned();
        let packet = Packet {
            interface: fields[0].to_owned(),
            protocols: fields[1].to_owned(),
            instruction: number(fields[2]),
            status: number(fields[3]) + &number(fields[4]),
            body: fields[5].to_owned(),
        };
        (packet, fields.get(6).copied().unwrap_or_default().to_owned())
    };
    Some(text.lines().map(packet).collect())
}

/// Wireshark 4.0 leaves commands of a chain (class 1x) undissected, and takes length fields for short ones.
fn command(interface: &str, bytes: &[u8]) -> Packet {
    let is_chained = bytes[0] & 0x10 != 0;
    let is_extended = bytes.len() > 6 && bytes[4] == 0;
    let body = match bytes.get(4) {
        Some(&length) if bytes.len() > 5 && !is_extended => &bytes[5..5 + usize::from(length)],
        _ => &[],
    };
    packet(
        interface,
        if is_chained {
            String::new()
        } else {
            format!("{:02x}", bytes[1])
        },
        String::new(),
        if is_chained { &[] } else { body },
    )
}

fn response(interface: &str, bytes: &[u8]) -> Packet {
    let (data, status) = bytes.split_at(bytes.len() - 2);
    packet(interface, String::new(), hex::encode(status), data)
}

fn packet(interface: &str, instruction: String, status: String, body: &[u8]) -> Packet {
    Packet {
        interface: interface.to_owned(),
        protocols: "exported_pdu:iso7816".to_owned(),
        instruction,
        status,
        body: hex::encode(body),
    }
}

/// Command and response of each exchange over the link; extended commands' bodies are not compared.
fn expected(recording: &Recording) -> Vec<Packet> {
    let mut packets = Vec::new();
    for entry in &recording.entries {
        let Entry::Exchange {
            command: sent,
            outcome,
            ..
        } = entry
        else {
            continue;
        };
        packets.push(command("link", sent));
        if let Outcome::Response(received) = outcome {
            packets.push(response("link", received));
        }
    }
    packets
}

fn without_extended_bodies(mut packets: Vec<Packet>, recording: &Recording) -> Vec<Packet> {
    let mut place = 0;
    for entry in &recording.entries {
        if let Entry::Exchange { command, outcome, .. } = entry {
            if command.len() > 6 && command[4] == 0 {
                packets[place].body.clear();
            }
            place += 1 + usize::from(matches!(outcome, Outcome::Response(_)));
        }
    }
    packets
}

#[test]
fn wireshark_dissects_every_packet_as_the_command_or_response_that_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.pcapng");
    for profile in [
        Profile::VnCccd,
        Profile::Td3Bac,
        Profile::Td3PaceCam,
        Profile::Td3PaceDh,
        Profile::Td1,
    ] {
        let (recording, _) = recorded(&card(profile));
        std::fs::write(&file, pcapng(&recording, Capture::Link)).unwrap();
        let Some(packets) = dissected(&file) else { return };
        let (packets, comments): (Vec<_>, Vec<_>) = packets.into_iter().unzip();
        let packets = without_extended_bodies(packets, &recording);
        assert_eq!(packets, expected(&recording), "{profile}");
        let titles: Vec<_> = Dialogue::of(&recording)
            .turns
            .iter()
            .map(|turn| turn.meaning.title())
            .collect();
        for (index, title) in titles.iter().enumerate() {
            assert!(
                comments.iter().any(|comment| comment.starts_with(title.as_str())),
                "{profile}, command {index}: {title}"
            );
        }
        let malformed = tshark(
            &file,
            &["-Y", "_ws.malformed or _ws.expert.group == \"Malformed\""],
        );
        assert_eq!(malformed.as_deref(), Some(""), "{profile}");
    }
}

#[test]
fn what_secure_messaging_had_inside_is_on_an_interface_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.pcapng");
    let (recording, _) = recorded(&card(Profile::Td3Bac));
    std::fs::write(&file, pcapng(&recording, Capture::Opened)).unwrap();
    let Some(packets) = dissected(&file) else { return };
    let link = packets.iter().filter(|(packet, _)| packet.interface == "link");
    assert_eq!(link.count(), expected(&recording).len());
    let opened: Vec<_> = packets
        .iter()
        .filter(|(packet, _)| packet.interface == "opened")
        .collect();
    let dialogue = Dialogue::of(&recording);
    let protected: Vec<_> = dialogue.turns.iter().filter(|turn| turn.protected).collect();
    assert_eq!(opened.len(), 2 * protected.len());
    for (turn, pair) in protected.iter().zip(opened.chunks(2)) {
        let (command, response) = (turn.command.as_ref().unwrap(), turn.response().unwrap());
        assert_eq!(pair[0].0.instruction, format!("{:02x}", command.instruction));
        assert_eq!(
            pair[1].0.body,
            hex::encode(&response.data),
            "{}",
            turn.meaning.title()
        );
        assert_eq!(pair[1].0.status, format!("{:04x}", response.status.0));
    }
}

/// A command may name an application by more bytes than a comment can have.
#[test]
fn a_command_with_the_longest_data_stays_one_packet() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exchange.pcapng");
    let name = "A0".repeat(0xFFFF);
    let known = Imported { context: Vec::new() };
    let trace = format!("> 00A4040C00FFFF{name}\n< 6A80\n> 0084000008\n< 9000\n");
    let recording = import(&trace, &known, NOW).unwrap();
    let capture = pcapng(&recording, Capture::Opened);
    std::fs::write(&file, &capture).unwrap();
    let Some(packets) = dissected(&file) else { return };
    assert_eq!(packets.len(), 4);
    let comments = packets.iter().map(|(_, comment)| comment);
    let longest = comments.map(String::len).max().unwrap();
    assert!((1..1100).contains(&longest), "{longest}");
    assert!(packets[2].1.contains("GET CHALLENGE"), "{}", packets[2].1);
}
