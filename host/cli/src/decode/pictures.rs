//! What the files say of their pictures, and never the pictures themselves.

use chipgate_lds::{
    Dg2, Dg3, Dg4, Dg5, Dg7, DisplayedImage, Eye, FaceEncoding, FingerImageFormat, ImageFormat,
    IrisImageFormat, LdsError,
};
use serde_json::{Value, json};

const fn compression(format: ImageFormat) -> &'static str {
    match format {
        ImageFormat::Jpeg => "JPEG",
        ImageFormat::Jpeg2000 => "JPEG 2000",
    }
}

pub(super) fn dg2(file: &[u8]) -> Result<Value, LdsError> {
    let faces = Dg2::parse(file)?.faces;
    let faces = faces.iter().map(|face| {
        let encoding = match face.encoding {
            FaceEncoding::Iso19794_5 => "ISO/IEC 19794-5",
            FaceEncoding::Iso39794_5 => "ISO/IEC 39794-5",
        };
        json!({
            "format": compression(face.format),
            "encoding": encoding,
            "width": face.width,
            "height": face.height,
            "bytes": face.image.len(),
        })
    });
    Ok(json!({ "faces": faces.collect::<Value>() }))
}

pub(super) fn dg3(file: &[u8]) -> Result<Value, LdsError> {
    let group = Dg3::parse(file)?;
    let fingers = group.fingers.iter().map(|finger| {
        let format = match finger.format {
            FingerImageFormat::Raw => "raw",
            FingerImageFormat::BitPacked => "packed",
            FingerImageFormat::Wsq => "WSQ",
            FingerImageFormat::Jpeg => "JPEG",
            FingerImageFormat::Jpeg2000 => "JPEG 2000",
            FingerImageFormat::Png => "PNG",
            FingerImageFormat::Pgm => "PGM",
            FingerImageFormat::Other(_) => "other",
        };
        picture(
            json!({ "position": finger.position }),
            format,
            finger.size,
            finger.image.len(),
        )
    });
    let fingers: Value = fingers.collect();
    Ok(json!({ "fingers": fingers, "filler_bytes": group.filler.map(|filler| filler.len()) }))
}

pub(super) fn dg4(file: &[u8]) -> Result<Value, LdsError> {
    let group = Dg4::parse(file)?;
    let irises = group.irises.iter().map(|iris| {
        let format = match iris.format {
            IrisImageFormat::Raw => "raw",
            IrisImageFormat::Jpeg => "JPEG",
            IrisImageFormat::JpegLs => "JPEG-LS",
            IrisImageFormat::Jpeg2000 => "JPEG 2000",
            IrisImageFormat::Png => "PNG",
            IrisImageFormat::Pnm => "PNM",
            IrisImageFormat::Other(_) => "other",
        };
        let eye = match iris.eye {
            Eye::Unknown => Value::Null,
            Eye::Right => json!("right"),
            Eye::Left => json!("left"),
        };
        picture(json!({ "eye": eye }), format, iris.size, iris.image.len())
    });
    let irises: Value = irises.collect();
    Ok(json!({ "irises": irises, "filler_bytes": group.filler.map(|filler| filler.len()) }))
}

fn picture(mut value: Value, format: &str, size: Option<(u16, u16)>, bytes: usize) -> Value {
    value["format"] = json!(format);
    value["width"] = json!(size.map(|(width, _)| width));
    value["height"] = json!(size.map(|(_, height)| height));
    value["bytes"] = json!(bytes);
    value
}

pub(super) fn dg5(file: &[u8]) -> Result<Value, LdsError> {
    Dg5::parse(file).map(|group| displayed(&group.portraits))
}

pub(super) fn dg7(file: &[u8]) -> Result<Value, LdsError> {
    Dg7::parse(file).map(|group| displayed(&group.signatures))
}

fn displayed(images: &[DisplayedImage]) -> Value {
    let images = images
        .iter()
        .map(|image| json!({ "format": image.format().map(compression), "bytes": image.image.len() }));
    json!({ "pictures": images.collect::<Value>() })
}
