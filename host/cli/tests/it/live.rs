//! The live picture of an inspection: each kind of bad input has its own reason, and a policy that asks for attack detection gets it.

use chipgate_face::{Engine, Face, RgbImage, decode, grey, resized, to_png};

use crate::{
    scenes::{eyes_closed, masked, moved, turned_head, turned_print, turning_head},
    workplace::{Ran, Workplace, check, picture},
};

/// A card with the portrait, and that portrait as a camera's frame; `None` without models and pictures.
fn stage() -> Option<(Workplace, RgbImage, Face)> {
    let file = picture("obama")?;
    let workplace = Workplace::with_pki();
    let portrait = file.display().to_string();
    workplace.succeed(&[
        "card",
        "issue",
        "--profile",
        "vn-cccd",
        "--pki",
        "pki",
        "--portrait",
        &portrait,
        "--out",
        "card.json",
    ]);
    let frame = resized(&decode(&std::fs::read(&file).unwrap()).unwrap(), 720);
    let engine = Engine::load(&chipgate_models::models_dir().unwrap()).unwrap();
    let (face, _) = engine.locate(&frame).unwrap();
    Some((workplace, frame, face))
}

/// Result and reason of `face`, then of `attack-detection`, where these frames are at the camera of an airport's gate.
fn inspected(workplace: &Workplace, frames: &[RgbImage]) -> [(String, String); 2] {
    let ran = inspect(workplace, frames, &["--policy", "airport"]);
    ["face", "attack-detection"].map(|name| found(&ran, name))
}

/// Result and reason of a check.
fn found(ran: &Ran, name: &str) -> (String, String) {
    let json = ran.json();
    let check = check(&json, name);
    let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
    (text("result"), text("reason"))
}

/// Inspects the card with these frames at the camera.
fn inspect(workplace: &Workplace, frames: &[RgbImage], more: &[&str]) -> Ran {
    let folder = workplace.path("frames");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    for (index, frame) in frames.iter().enumerate() {
        std::fs::write(folder.join(format!("{index:03}.png")), to_png(frame).unwrap()).unwrap();
    }
    workplace.inspect("card.json", &[more, &["--face", "frames"]].concat())
}

#[test]
fn each_kind_of_bad_live_picture_has_its_own_reason() {
    let Some((workplace, frame, face)) = stage() else {
        return;
    };
    let both = RgbImage::from_fn(2 * frame.width(), frame.height(), |x, y| {
        *frame.get_pixel(x % frame.width(), y)
    });
    let cases = [
        ("no-live-face", vec![RgbImage::from_pixel(640, 480, grey(120))]),
        ("black-frame", vec![RgbImage::new(640, 480)]),
        ("several-live-faces", vec![both]),
        ("eyes-closed", vec![eyes_closed(&frame, &face)]),
        ("mouth-covered", vec![masked(&frame, &face)]),
        ("frozen-camera", vec![frame.clone(), frame.clone(), frame]),
    ];
    for (reason, frames) in cases {
        let [face, _] = inspected(&workplace, &frames);
        assert_eq!(face, ("undetermined".to_owned(), reason.to_owned()));
    }
}

#[test]
fn attack_detection_tells_a_turning_head_from_a_turned_print() {
    let Some((workplace, frame, face)) = stage() else {
        return;
    };
    let none = String::new;
    let head: Vec<_> = [-0.42, -0.3, -0.14, 0.14, 0.3, 0.42]
        .map(|by| turned_head(&frame, &face, by))
        .into();
    let [matched, attack] = inspected(&workplace, &head);
    assert_eq!(matched, ("successful".to_owned(), none()));
    assert_eq!(attack, ("successful".to_owned(), none()));
    let print: Vec<_> = [1.0, 0.93, 0.86, 0.8]
        .map(|width| turned_print(&frame, width))
        .into();
    let [matched, attack] = inspected(&workplace, &print);
    // A photograph matches all the more: that is why the other check is there.
    assert_eq!(matched.0, "successful");
    assert_eq!(attack, ("failed".to_owned(), "attack-suspected".to_owned()));
    let [matched, attack] = inspected(&workplace, &[frame]);
    assert_eq!(matched.0, "successful");
    assert_eq!(
        attack,
        ("undetermined".to_owned(), "no-attack-detection".to_owned())
    );
}

#[test]
fn frames_are_given_one_by_one_or_as_a_folder() {
    let Some((workplace, frame, _)) = stage() else {
        return;
    };
    std::fs::write(workplace.path("a.png"), to_png(&frame).unwrap()).unwrap();
    let ran = workplace.inspect("card.json", &["--face", "a.png", "--face", "a.png"]);
    assert_eq!(check(&ran.json(), "face")["reason"], "frozen-camera");
    std::fs::create_dir(workplace.path("empty")).unwrap();
    let ran = workplace.inspect("card.json", &["--face", "empty"]);
    assert_eq!(ran.status, 2);
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains("no pictures"), "{said}");
}

/// A policy for an airport's gate that wants a challenge.
fn challenging(workplace: &Workplace) -> &'static str {
    let text = chipgate_inspection::Policy::shipped_text("airport").unwrap();
    let text = text.replace(
        "\nattack-detection = { ",
        "\nattack-detection = { challenge = true, ",
    );
    std::fs::write(workplace.path("gate.toml"), text).unwrap();
    "gate.toml"
}

#[test]
fn a_challenge_is_told_judged_and_weighed_by_the_policy() {
    let Some((workplace, frame, face)) = stage() else {
        return;
    };
    let policy = challenging(&workplace);
    let left = turning_head(&frame, &face, 1.0);
    let ran = inspect(
        &workplace,
        &left,
        &["--policy", policy, "--challenge", "turn-left"],
    );
    assert!(
        ran.stderr.contains("turn your head slowly to your left"),
        "{}",
        ran.stderr
    );
    assert_eq!(
        found(&ran, "attack-detection"),
        ("successful".to_owned(), String::new())
    );
    assert_eq!(ran.json()["challenge"]["asked"], "turn-left");
    assert_eq!(ran.json()["challenge"]["answer"], "met");
    let ran = inspect(
        &workplace,
        &left,
        &["--policy", policy, "--challenge", "turn-right"],
    );
    assert_eq!(
        found(&ran, "attack-detection"),
        ("failed".to_owned(), "challenge-not-met".to_owned())
    );
    assert_eq!(ran.json()["challenge"]["answer"], "something-else");
    assert_eq!(ran.json()["verdict"], "refer");
    let ran = inspect(&workplace, &left, &["--policy", policy]);
    assert_eq!(
        found(&ran, "attack-detection"),
        ("undetermined".to_owned(), "challenge-not-asked".to_owned())
    );
    assert!(ran.json()["challenge"].is_null());
}

#[test]
fn a_photograph_meets_no_challenge() {
    let Some((workplace, frame, _)) = stage() else {
        return;
    };
    let still: Vec<_> = (0..6).map(|shift| moved(&frame, shift)).collect();
    let print: Vec<_> = [1.0, 0.93, 0.86, 0.8, 0.86, 0.93, 1.0]
        .map(|width| turned_print(&frame, width))
        .into();
    for frames in [&still[..], &still[..1], &print] {
        for challenge in ["turn-left", "turn-right", "blink"] {
            let ran = inspect(&workplace, frames, &["--challenge", challenge]);
            assert_eq!(ran.json()["challenge"]["answer"], "not-met", "{challenge}");
            assert_eq!(found(&ran, "attack-detection").0, "failed");
            assert_eq!(found(&ran, "face").0, "successful", "it blocks no comparison");
        }
    }
}

#[test]
fn a_challenge_that_is_drawn_is_said_in_the_persons_language_before_the_frames_are_read() {
    let Some((workplace, frame, face)) = stage() else {
        return;
    };
    let frames: Vec<_> = [&frame, &eyes_closed(&frame, &face)]
        .map(|frame| moved(frame, 1))
        .into();
    let ran = inspect(
        &workplace,
        &frames,
        &["--challenge", "random", "--language", "vi"],
    );
    assert!(
        ran.stderr.contains("Yêu cầu người này") && ran.stderr.contains("Enter"),
        "{}",
        ran.stderr
    );
    let asked = ran.json()["challenge"]["asked"].as_str().unwrap().to_owned();
    assert!(
        ["turn-left", "turn-right", "blink"].contains(&asked.as_str()),
        "{asked}"
    );
    let ran = workplace.inspect("card.json", &["--challenge", "nod", "--face", "frames"]);
    assert!(
        ran.status == 2 && ran.stderr.contains("turn-left"),
        "{}",
        ran.stderr
    );
}
