//! The live picture of an inspection: each kind of bad input has its own reason, and a policy that asks for attack detection gets it.

use chipgate_face::{Engine, Face, RgbImage, decode, grey, resized, to_png};

use crate::workplace::{Workplace, check, picture};

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
    let folder = workplace.path("frames");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir(&folder).unwrap();
    for (index, frame) in frames.iter().enumerate() {
        std::fs::write(folder.join(format!("{index:03}.png")), to_png(frame).unwrap()).unwrap();
    }
    let ran = workplace.inspect("card.json", &["--policy", "airport", "--face", "frames"]);
    let found = ran.json();
    ["face", "attack-detection"].map(|name| {
        let check = check(&found, name);
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        (text("result"), text("reason"))
    })
}

#[expect(clippy::cast_precision_loss)]
fn covered(frame: &RgbImage, centre: (f32, f32), radii: (f32, f32), value: u8) -> RgbImage {
    let mut frame = frame.clone();
    for (x, y, pixel) in frame.enumerate_pixels_mut() {
        let (dx, dy) = ((x as f32 - centre.0) / radii.0, (y as f32 - centre.1) / radii.1);
        if dx * dx + dy * dy < 1.0 {
            *pixel = grey(value);
        }
    }
    frame
}

/// The frame with its nose moved to the side, as on a head that turns.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
fn turned_head(frame: &RgbImage, face: &Face, by: f32) -> RgbImage {
    let (nose, unit) = (face.points[2], face.eye_distance());
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let (dx, dy) = (
            (x as f32 - nose.x) / (0.55 * unit),
            (y as f32 - nose.y) / (0.4 * unit),
        );
        let near = (1.0 - dx * dx - dy * dy).max(0.0);
        *frame.get_pixel((x as f32 - by * unit * near).max(0.0).round() as u32, y)
    })
}

/// The frame made narrower, as a print that is turned before the camera.
#[expect(clippy::cast_precision_loss, clippy::cast_sign_loss)]
fn turned_print(frame: &RgbImage, width: f32) -> RgbImage {
    let middle = frame.width() as f32 / 2.0;
    RgbImage::from_fn(frame.width(), frame.height(), |x, y| {
        let from = (middle + (x as f32 - middle) / width).clamp(0.0, frame.width() as f32 - 1.0);
        *frame.get_pixel(from as u32, y)
    })
}

#[test]
fn each_kind_of_bad_live_picture_has_its_own_reason() {
    let Some((workplace, frame, face)) = stage() else {
        return;
    };
    let unit = face.eye_distance();
    let mouth = (
        f32::midpoint(face.points[3].x, face.points[4].x),
        face.points[3].y + 0.1 * unit,
    );
    let eye = |frame: &RgbImage, at: usize| {
        let point = face.points[at];
        covered(frame, (point.x, point.y), (0.24 * unit, 0.13 * unit), 170)
    };
    let both = RgbImage::from_fn(2 * frame.width(), frame.height(), |x, y| {
        *frame.get_pixel(x % frame.width(), y)
    });
    let cases = [
        ("no-live-face", vec![RgbImage::from_pixel(640, 480, grey(120))]),
        ("black-frame", vec![RgbImage::new(640, 480)]),
        ("several-live-faces", vec![both]),
        ("eyes-closed", vec![eye(&eye(&frame, 0), 1)]),
        (
            "mouth-covered",
            vec![covered(&frame, mouth, (0.85 * unit, 0.6 * unit), 235)],
        ),
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
    let head: Vec<_> = [-0.42, -0.14, 0.14, 0.42]
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
