//! The frames since the person was asked for a movement, and whether they show it: only those count that turn out to be of the person
//! whose template was made.

use image::RgbImage;

use crate::{
    Challenge, ChallengeAnswer, Component, Engine, Face, FaceError, Quality, Template,
    attack::{Moment, answer},
};

/// So many frames are kept at most: ten seconds at thirty a second. Later ones are not looked at.
const MOST: usize = 300;
/// Cells along a side of the aligned face, whose brightness is compared from frame to frame.
const CELLS: u32 = 8;
/// Lids move within so much above and below the eyes, as a share of the aligned face's side.
const LIDS: f32 = 0.13;

/// A frame's face as the embedder takes it, and whether it was seen to be the person's.
struct Kept {
    moment: Moment,
    aligned: RgbImage,
    own: Option<bool>,
}

/// What was asked, and the frames since.
pub(super) struct Asked {
    challenge: Challenge,
    kept: Vec<Kept>,
}

impl Asked {
    pub(super) const fn new(challenge: Challenge) -> Self {
        Self {
            challenge,
            kept: Vec::new(),
        }
    }

    /// Begins again: another person came before the camera.
    pub(super) fn clear(&mut self) {
        self.kept.clear();
    }

    /// Takes the next frame in which the face was found.
    pub(super) fn add(
        &mut self,
        engine: &Engine,
        frame: usize,
        face: Face,
        aligned: RgbImage,
        quality: &Quality,
    ) {
        if self.kept.len() >= MOST {
            return;
        }
        // A frame whose eyes were not measured says nothing of them, neither open nor closed: it counts as missing.
        let Some(eyes) = quality.get(Component::EyesOpen) else {
            return;
        };
        let moment = Moment {
            frame,
            face,
            eyes,
            rest: rest(&aligned, engine.embedder.points()[0].y),
        };
        self.kept.push(Kept {
            moment,
            aligned,
            own: None,
        });
    }

    /// What the frames show so far, whoever is on them.
    pub(super) fn so_far(&self) -> (Challenge, ChallengeAnswer) {
        let moments: Vec<_> = self.kept.iter().map(|kept| kept.moment.clone()).collect();
        (self.challenge, answer(self.challenge, &moments).0)
    }

    /// What the frames of the person show whom `template` is of. Each frame that the answer rests on is compared.
    pub(super) fn of(
        &mut self,
        engine: &Engine,
        template: &Template,
    ) -> Result<(Challenge, ChallengeAnswer), FaceError> {
        loop {
            let own: Vec<usize> = (0..self.kept.len())
                .filter(|at| self.kept[*at].own != Some(false))
                .collect();
            let moments: Vec<_> = own.iter().map(|at| self.kept[*at].moment.clone()).collect();
            let (answer, rests_on) = answer(self.challenge, &moments);
            let mut unknown = rests_on
                .into_iter()
                .filter_map(|at| own.get(at).copied())
                .filter(|at| self.kept[*at].own.is_none())
                .peekable();
            if unknown.peek().is_none() {
                return Ok((self.challenge, answer));
            }
            for at in unknown.collect::<Vec<_>>() {
                let theirs = engine.embedder.embed(&self.kept[at].aligned)?;
                self.kept[at].own = Some(engine.compare(&theirs, template).matched);
            }
        }
    }
}

/// The brightness of the aligned face in cells, without those that the lids reach, as shares of their mean. The first of the points that a face is
/// aligned by is an eye's, or a corner of one.
#[expect(clippy::cast_precision_loss, reason = "sides and cells of a small picture")]
fn rest(aligned: &RgbImage, eyes: f32) -> Vec<f32> {
    let (side, cell) = (aligned.height() as f32, aligned.height() / CELLS);
    let reached = |row: u32| {
        let (top, bottom) = ((row * cell) as f32, ((row + 1) * cell) as f32);
        bottom > eyes - LIDS * side && top < eyes + LIDS * side
    };
    let cells = (0..CELLS)
        .filter(|row| !reached(*row))
        .flat_map(|row| (0..CELLS).map(move |column| (column * cell, row * cell)));
    let cells: Vec<f32> = cells.map(|(x, y)| brightness(aligned, x, y, cell)).collect();
    let mean = cells.iter().sum::<f32>() / cells.len().max(1) as f32;
    cells.iter().map(|cell| cell / mean.max(1.0)).collect()
}

/// The mean brightness of a cell.
#[expect(clippy::cast_precision_loss, reason = "pixels of a cell")]
fn brightness(aligned: &RgbImage, x: u32, y: u32, size: u32) -> f32 {
    let pixels = (0..size).flat_map(|down| (0..size).map(move |across| (x + across, y + down)));
    let values = pixels.flat_map(|(x, y)| aligned.get_pixel(x, y).0);
    let sum: u32 = values.map(u32::from).sum();
    sum as f32 / (3 * size * size).max(1) as f32
}
