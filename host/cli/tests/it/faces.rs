//! `chipgate face`: what it writes, on pictures that are fetched or shared; skipped by name without them.

use std::{fs, path::Path};

use crate::workplace::{Workplace, picture};

/// A few people of the shared set, or `None` with a line that this is skipped.
fn people(workplace: &Workplace) -> Option<String> {
    let set = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/faces/att");
    if !set.is_dir() || picture("obama").is_none() {
        println!("skipped: a calibration, since {} is not there", set.display());
        return None;
    }
    for person in ["s3", "s4", "s5", "s6"] {
        fs::create_dir_all(workplace.path("set").join(person)).unwrap();
        for number in 1..=3 {
            let name = format!("{person}/{number}.pgm");
            fs::copy(set.join(&name), workplace.path("set").join(&name)).unwrap();
        }
    }
    fs::write(
        workplace.path("set/groups.csv"),
        "s3,one\ns4,one\ns5,two\ns6,two\n",
    )
    .unwrap();
    fs::write(workplace.path("set/s3/broken.pgm"), "P5 9 9 255\n").unwrap();
    Some(workplace.path("set").display().to_string())
}

#[test]
fn a_calibration_tells_rates_groups_and_what_could_not_be_used() {
    let workplace = Workplace::new();
    let Some(set) = people(&workplace) else { return };
    let ran = workplace.run(&["face", "calibrate", &set, "--manifest", "m.toml"]);
    assert_eq!(ran.status, 2, "54 pairs don't tell one in a thousand");
    assert!(ran.stderr.contains("3000 at the least"), "{}", ran.stderr);
    assert!(!workplace.path("m.toml").exists());
    let outputs = [
        "--csv",
        "s.csv",
        "--html",
        "r.html",
        "--manifest",
        "m.toml",
        "--fmr",
        "0.06",
    ];
    let ran = workplace.run(&[&["face", "calibrate", &set, "--json"][..], &outputs].concat());
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let found = ran.json();
    assert_eq!((&found["genuine"], &found["impostor"]), (&12.into(), &54.into()));
    assert!((found["failure_to_acquire"].as_f64().unwrap() - 1.0 / 13.0).abs() < 1e-5);
    assert!(found["tar_at_far"]["1e-2"].as_f64().unwrap() > 0.9, "{found}");
    assert_eq!(found["far_can_be_told"]["1e-3"], false);
    assert_eq!(found["groups"].as_array().unwrap().len(), 2);
    assert!(found["eer"].is_number() && found["model"].as_str().unwrap().contains('@'));
    assert_eq!(
        fs::read_to_string(workplace.path("s.csv"))
            .unwrap()
            .lines()
            .count(),
        67
    );
    let page = fs::read_to_string(workplace.path("r.html")).unwrap();
    assert!(
        page.contains("<svg") && !page.contains("http"),
        "a page that loads nothing"
    );
    assert!(
        page.contains("one in 18 ") && page.contains("10<sup>−3</sup>"),
        "three by 54 pairs"
    );
    assert_eq!(
        page.matches("<figcaption>").count(),
        4,
        "each plot says what it shows"
    );
    assert!(
        fs::read_to_string(workplace.path("m.toml"))
            .unwrap()
            .contains("impostor_pairs = 54")
    );
}

#[test]
fn faces_qualities_and_attacks_are_told_and_drawn() {
    let Some(file) = picture("obama") else { return };
    let workplace = Workplace::new();
    let file = file.display().to_string();
    for (what, key) in [
        ("detect", "faces"),
        ("quality", "components"),
        ("attack", "liveness"),
    ] {
        let ran = workplace.run(&["face", what, &file, "--json", "--force", "--picture", "out.png"]);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        assert!(!ran.json()["pictures"][0][key].is_null(), "{}", ran.stdout);
        let drawn = fs::read(workplace.path("out.png")).unwrap();
        assert!(drawn.starts_with(b"\x89PNG"), "{what}");
    }
}

#[test]
fn what_is_wrong_with_a_picture_is_named() {
    let Some(file) = picture("obama") else { return };
    let workplace = Workplace::new();
    for (name, value) in [("black.pgm", 0), ("wall.pgm", 0x80)] {
        let pixels = vec![value; 320 * 240];
        fs::write(
            workplace.path(name),
            [b"P5 320 240 255\n".to_vec(), pixels].concat(),
        )
        .unwrap();
    }
    let file = file.display().to_string();
    let ran = workplace.run(&["face", "detect", "black.pgm", "wall.pgm", &file, "--json"]);
    let seen: Vec<_> = (0..3)
        .map(|index| ran.json()["pictures"][index]["seen"].clone())
        .collect();
    assert_eq!(seen, ["black-frame", "no-face", "good"]);
    let ran = workplace.run(&["face", "quality", "black.pgm"]);
    assert!(
        ran.status == 1 && ran.stderr.contains("is black"),
        "{}",
        ran.stderr
    );
    let ran = workplace.run(&["face", "attack", &file, &file, "--json"]);
    assert_eq!(ran.json()["all"]["frozen"], true, "{}", ran.stdout);
}

#[test]
fn a_model_that_is_not_known_is_answered_with_those_that_are() {
    let Some(file) = picture("obama") else { return };
    let file = file.display().to_string();
    let ran = Workplace::new().run(&["face", "compare", &file, &file, "--model", "no-such"]);
    assert_eq!(ran.status, 1);
    assert!(ran.stderr.contains("dlib-face-recognition"), "{}", ran.stderr);
}
