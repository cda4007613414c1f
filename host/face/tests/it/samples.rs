//! Portraits as they come in data groups.

use crate::common::{engine, picture, shared};

#[test]
fn decodes_the_portraits_of_the_published_data_groups() {
    for name in [
        "ISO19794_Test1_Face.jpg",
        "ICAO_39794_5_AP_Face.jpg",
        "ICAO_39794_5_AP_DG2_Face.jpg",
    ] {
        let Some(path) = shared("portraits of data groups", &format!("lds/{name}")) else {
            return;
        };
        let (width, height) = picture(&path).dimensions();
        assert!(width > 100 && height > width, "{name}: {width} × {height}");
    }
}

#[test]
fn finds_one_face_in_the_portrait_of_the_iso_39794_sample() {
    let test = "the face of the ISO/IEC 39794-5 sample";
    let (Some(engine), Some(path)) = (engine(test), shared(test, "lds/ICAO_39794_5_AP_Face.jpg")) else {
        return;
    };
    let located = engine.template(&picture(&path)).unwrap();
    assert_eq!(located.warnings, []);
}
