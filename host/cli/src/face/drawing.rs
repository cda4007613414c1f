//! Pictures that show what was found.

use std::path::Path;

use chipgate_face::{Engine, Face, Point, RgbImage, resized};

use super::font;
use crate::cli_error::CliError;

const GREEN: [u8; 3] = [60, 220, 90];
const YELLOW: [u8; 3] = [255, 210, 60];
const RED: [u8; 3] = [255, 80, 80];
const PAPER: [u8; 3] = [24, 26, 32];
const INK: [u8; 3] = [235, 235, 235];
/// Height of a panel on a sheet, and the room between panels, in pixels.
const PANEL: u32 = 360;
const GAP: u32 = 12;
/// Pixels for one of a letter.
const ZOOM: u32 = 3;

/// The picture with each face's box, its five points, and the points that the face is aligned by.
pub(super) fn marked(engine: &Engine, picture: &RgbImage, faces: &[Face]) -> RgbImage {
    let mut drawn = picture.clone();
    let thick = (picture.width().max(picture.height()) / 300).max(1);
    for face in faces {
        rectangle(&mut drawn, face, thick);
        for point in face.points {
            dot(&mut drawn, point, 2 * thick, YELLOW);
        }
        for point in engine.points(picture, face) {
            dot(&mut drawn, point, thick, RED);
        }
    }
    drawn
}

/// Panels side by side at one height, with lines of text below.
pub(super) fn sheet(panels: &[RgbImage], lines: &[String]) -> RgbImage {
    let panels: Vec<_> = panels.iter().map(|panel| resized(panel, PANEL)).collect();
    let line_height = ZOOM * (font::HEIGHT + 3);
    let text_width = |line: &String| line.chars().count() as u32 * ZOOM * (font::WIDTH + 1);
    let wide = panels.iter().map(|panel| panel.width() + GAP).sum::<u32>() + GAP;
    let width = lines
        .iter()
        .map(text_width)
        .max()
        .unwrap_or(0)
        .saturating_add(2 * GAP)
        .max(wide);
    let height = PANEL + 3 * GAP + lines.len() as u32 * line_height;
    let mut sheet = RgbImage::from_pixel(width, height, PAPER.into());
    let mut left = GAP;
    for panel in &panels {
        for (x, y, pixel) in panel.enumerate_pixels() {
            put(&mut sheet, left + x, GAP + y, pixel.0);
        }
        left += panel.width() + GAP;
    }
    for (index, line) in lines.iter().enumerate() {
        text(
            &mut sheet,
            GAP,
            PANEL + 2 * GAP + index as u32 * line_height,
            line,
        );
    }
    sheet
}

/// Writes a PNG file.
pub(super) fn save(picture: &RgbImage, file: &Path) -> Result<(), CliError> {
    let bytes = chipgate_face::to_png(picture)?;
    std::fs::write(file, bytes).map_err(|error| CliError::file(file, error))
}

fn put(picture: &mut RgbImage, x: u32, y: u32, colour: [u8; 3]) {
    if let Some(pixel) = picture.get_pixel_mut_checked(x, y) {
        pixel.0 = colour;
    }
}

#[expect(
    clippy::cast_sign_loss,
    reason = "not below 0, and held against the picture's sides"
)]
fn rectangle(picture: &mut RgbImage, face: &Face, thick: u32) {
    let own = face.bounding_box;
    let [left, top] = [own.x, own.y].map(|value| value.max(0.0) as u32);
    let right = ((own.x + own.width).max(0.0) as u32).min(picture.width());
    let bottom = ((own.y + own.height).max(0.0) as u32).min(picture.height());
    for step in 0..thick {
        for x in left..right {
            put(picture, x, top + step, GREEN);
            put(picture, x, bottom.saturating_sub(1 + step), GREEN);
        }
        for y in top..bottom {
            put(picture, left + step, y, GREEN);
            put(picture, right.saturating_sub(1 + step), y, GREEN);
        }
    }
}

#[expect(
    clippy::cast_sign_loss,
    reason = "a point off the picture is clamped to its edge and drawn there"
)]
fn dot(picture: &mut RgbImage, place: Point, radius: u32, colour: [u8; 3]) {
    let (x, y) = (place.x.max(0.0) as u32, place.y.max(0.0) as u32);
    for dy in 0..=2 * radius {
        for dx in 0..=2 * radius {
            let (across, down) = (dx.abs_diff(radius), dy.abs_diff(radius));
            let (Some(x), Some(y)) = ((x + dx).checked_sub(radius), (y + dy).checked_sub(radius)) else {
                continue;
            };
            if across * across + down * down <= radius * radius {
                put(picture, x, y, colour);
            }
        }
    }
}

fn text(picture: &mut RgbImage, left: u32, top: u32, line: &str) {
    for (index, letter) in line.chars().enumerate() {
        let from = left + index as u32 * ZOOM * (font::WIDTH + 1);
        for (row, bits) in font::rows(letter.to_ascii_uppercase()).into_iter().enumerate() {
            for column in 0..font::WIDTH {
                if bits >> (font::WIDTH - 1 - column) & 1 == 1 {
                    square(picture, from + ZOOM * column, top + ZOOM * row as u32);
                }
            }
        }
    }
}

fn square(picture: &mut RgbImage, left: u32, top: u32) {
    for y in 0..ZOOM {
        for x in 0..ZOOM {
            put(picture, left + x, top + y, INK);
        }
    }
}
