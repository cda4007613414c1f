//! Whole pictures of known people.

use chipgate_face::{Engine, FaceError, Located, RgbImage, Warning};

use crate::common::{engine, picture, shared};

fn located(engine: &Engine, test: &str, name: &str) -> Option<Located> {
    let path = shared(test, &format!("faces/portraits/{name}.jpg"))?;
    Some(engine.template(&picture(&path)).unwrap())
}

#[test]
fn three_pictures_of_one_person_match() {
    let test = "three pictures of one person";
    let Some(engine) = engine(test) else { return };
    let Some(first) = located(engine, test, "obama") else {
        return;
    };
    for name in ["obama2", "obama3"] {
        let Some(other) = located(engine, test, name) else {
            return;
        };
        let comparison = engine.compare(&first.template, &other.template);
        assert!(comparison.matched, "{name}: {comparison:?}");
    }
}

#[test]
fn two_pictures_of_another_person_match_each_other_and_not_the_first() {
    let test = "two people";
    let Some(engine) = engine(test) else { return };
    let Some(obama) = located(engine, test, "obama") else {
        return;
    };
    let (Some(one), Some(two)) = (located(engine, test, "biden"), located(engine, test, "biden2")) else {
        return;
    };
    assert!(engine.compare(&one.template, &two.template).matched);
    for other in [one, two] {
        let comparison = engine.compare(&obama.template, &other.template);
        assert!(
            !comparison.matched && comparison.score < comparison.threshold,
            "{comparison:?}"
        );
    }
}

#[test]
fn a_picture_compared_with_itself_scores_one() {
    let test = "a picture with itself";
    let Some(engine) = engine(test) else { return };
    let Some(first) = located(engine, test, "obama") else {
        return;
    };
    let Some(again) = located(engine, test, "obama") else {
        return;
    };
    let comparison = engine.compare(&first.template, &again.template);
    assert_eq!((comparison.score, comparison.distance), (1.0, 0.0));
    assert_eq!(comparison.model, "dlib-face-recognition@24b27cb92d33520c");
    assert!(comparison.threshold_origin.contains("38 people"));
}

#[test]
fn a_second_face_is_mentioned_and_the_bigger_one_taken() {
    let test = "two faces in one picture";
    let Some(engine) = engine(test) else { return };
    let Some(path) = shared(test, "faces/portraits/obama.jpg") else {
        return;
    };
    let portrait = picture(&path);
    let mut both = RgbImage::new(portrait.width() * 2, portrait.height());
    let small = image::imageops::thumbnail(&portrait, portrait.width() / 2, portrait.height() / 2);
    image::imageops::replace(&mut both, &portrait, 0, 0);
    image::imageops::replace(&mut both, &small, i64::from(portrait.width()), 0);
    let located = engine.template(&both).unwrap();
    assert_eq!(located.warnings, [Warning::SecondFace { others: 1 }]);
    #[expect(clippy::cast_precision_loss)]
    let in_the_left_half = located.face.bounding_box.x < portrait.width() as f32;
    assert!(in_the_left_half);
}

#[test]
fn a_picture_without_a_face_is_an_error_that_says_so() {
    let Some(engine) = engine("a picture without a face") else {
        return;
    };
    let grass = RgbImage::from_fn(300, 400, |x, y| {
        image::Rgb([(x * 7 + y * 13) as u8 / 2, 120, (x ^ y) as u8 / 4])
    });
    let grey = |width, height| RgbImage::from_pixel(width, height, image::Rgb([90; 3]));
    for picture in [grass, grey(1, 1), grey(3000, 2)] {
        assert!(matches!(engine.template(&picture), Err(FaceError::NoFace { .. })));
    }
}
