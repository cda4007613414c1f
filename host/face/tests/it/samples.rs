//! Images as they come in data groups.

use crate::common::{engine, picture, shared};

#[test]
fn decodes_the_images_of_the_published_data_groups() {
    for (name, size) in [
        ("ISO19794_Test1_Face.jpg", (148, 70)),
        ("ICAO_39794_5_AP_Face.jpg", (413, 531)),
        ("ICAO_39794_5_AP_DG2_Face.jpg", (413, 531)),
    ] {
        let Some(path) = shared("images of data groups", &format!("lds/{name}")) else {
            return;
        };
        assert_eq!(picture(&path).dimensions(), size, "{name}");
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
