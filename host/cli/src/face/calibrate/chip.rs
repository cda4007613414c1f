//! A picture as a chip would carry it: 240 × 320 pixels, JPEG 2000 of a few kilobytes.
//!
//! No encoder of JPEG 2000 is part of the program; Python's Pillow (OpenJPEG inside) does it here, and only here.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use chipgate_face::{RgbImage, fitted};

use crate::cli_error::CliError;

const WIDTH: u32 = 240;
const HEIGHT: u32 = 320;

/// Reads raw RGB and writes a JPEG 2000 codestream; the rate is that of uncompressed to compressed bytes.
const SCRIPT: &str = "
import io, sys
from PIL import Image
width, height, rate = int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])
picture = Image.frombytes('RGB', (width, height), sys.stdin.buffer.read())
out = io.BytesIO()
picture.save(out, 'JPEG2000', no_jp2=True, irreversible=True, quality_mode='rates', quality_layers=[rate])
sys.stdout.buffer.write(out.getvalue())
";

/// Makes portraits of one length.
pub(super) struct Encoder {
    python: String,
    rate: f64,
}

impl Encoder {
    /// An encoder for portraits of so many kilobytes; an error if there is no Python with Pillow.
    pub(super) fn new(kilobytes: u32) -> Result<Self, CliError> {
        let python = std::env::var("CHIPGATE_PYTHON").unwrap_or_else(|_| "python3".to_owned());
        let rate = f64::from(3 * WIDTH * HEIGHT) / f64::from(1024 * kilobytes.max(1));
        let found = Command::new(&python)
            .args([
                "-c",
                "from PIL import features; raise SystemExit(not features.check('jpg_2000'))",
            ])
            .stderr(Stdio::null())
            .status();
        if !found.is_ok_and(|status| status.success()) {
            return Err(CliError::Environment(format!(
                "--simulate chip needs an encoder of JPEG 2000: {python} has no Pillow with JPEG 2000 (pip install pillow, or \
                 name another Python by CHIPGATE_PYTHON)"
            )));
        }
        Ok(Self { python, rate })
    }

    /// The portrait: the middle of the picture in the chip's proportions.
    pub(super) fn portrait(&self, picture: &RgbImage) -> Result<Vec<u8>, CliError> {
        let small = fitted(&in_proportion(picture), WIDTH, HEIGHT);
        let failed =
            |what: String| CliError::Environment(format!("the simulated portrait could not be made: {what}"));
        let arguments = [WIDTH.to_string(), HEIGHT.to_string(), self.rate.to_string()];
        let mut child = Command::new(&self.python)
            .args(["-c", SCRIPT])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        if let Some(mut input) = child.stdin.take() {
            input
                .write_all(small.as_raw())
                .map_err(|error| failed(error.to_string()))?;
        }
        let output = child
            .wait_with_output()
            .map_err(|error| failed(error.to_string()))?;
        if output.status.success() {
            Ok(output.stdout)
        } else {
            Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
        }
    }
}

/// Widened or heightened to 3 : 4 by going on with its edge, so that nothing of the face is lost.
fn in_proportion(picture: &RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let to_width = width.max(height * WIDTH / HEIGHT);
    let to_height = height.max(to_width * HEIGHT / WIDTH);
    let (left, top) = ((to_width - width) / 2, (to_height - height) / 2);
    RgbImage::from_fn(to_width, to_height, |x, y| {
        let inside = |at: u32, before: u32, length: u32| at.saturating_sub(before).min(length - 1);
        *picture.get_pixel(inside(x, left, width), inside(y, top, height))
    })
}
