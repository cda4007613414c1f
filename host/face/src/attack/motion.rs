//! Motion as depth or as a plane: when a head turns, the tip of its nose moves against eyes and mouth; a picture of a
//! head, however it is moved and bent to the camera, keeps its points on a plane.
//!
//! Eyes and mouth corners lie nearly on a plane. An affine map from one frame to another is fitted to these four, and what the
//! nose does besides is parallax, which only depth makes. A print that is tilted close to the camera changes by perspective, which an affine map
//! misses in part: the residual of the four points bounds that, and is subtracted.
//!
//! A head on its way passes through what lies between. Photographs of one person that are shown one after the other jump, so that what
//! they show is no depth.

use std::ops::Range;

use crate::Face;

/// What the motion of the points shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Motion {
    /// There are too few frames, the head hardly moved against the camera, or it was not seen on its way.
    TooLittle,
    /// The points moved as a plane does.
    Plane {
        /// How much more the nose moved than a plane allows, as a share of the distance between the eyes.
        excess: f32,
    },
    /// The nose moved against the rest, as on a head.
    Depth {
        /// How much more the nose moved than a plane allows, as a share of the distance between the eyes.
        excess: f32,
    },
}

impl Motion {
    /// From 0 (a plane) to 1 (a head); `None` if nothing can be said.
    pub fn score(self) -> Option<f32> {
        match self {
            Self::TooLittle => None,
            Self::Plane { excess } | Self::Depth { excess } => {
                Some((excess / (2.0 * ENOUGH)).clamp(0.0, 1.0))
            }
        }
    }
}

/// The turn of a head by some ten degrees moves the nose by a tenth of the distance between the eyes.
const ENOUGH: f32 = 0.05;
/// Less change of shape than this is no motion to judge by.
const SHAPE: f32 = 0.025;

/// So many frames must show the head on its way: photographs would have to be as many, and in order.
const ON_ITS_WAY: usize = 2;
/// Which part of the way counts as between its ends, and how far apart two frames are on it, as shares of all of it.
const BETWEEN: Range<f32> = 0.15..0.85;
const APART: f32 = 0.1;

/// Judges the points of one face in frames one after the other: the two that differ most, and whether those between lead from one
/// to the other.
pub fn motion(frames: &[Face]) -> Motion {
    let changes = changes(frames);
    let end = largest(&changes).map_or(0, |(end, _)| end);
    match judged(&changes) {
        Motion::Depth { excess }
            if on_its_way(changes.iter().take(end).map(|(_, nose)| nose / excess)) < ON_ITS_WAY =>
        {
            Motion::TooLittle
        }
        judged => judged,
    }
}

/// As [`motion`], where something else shows that the head was seen on its way.
pub(super) fn motion_of_ends(frames: &[Face]) -> Motion {
    judged(&changes(frames))
}

/// Every frame against the first one.
fn changes(frames: &[Face]) -> Vec<(f32, f32)> {
    let Some((first, rest)) = frames.split_first() else {
        return Vec::new();
    };
    rest.iter().filter_map(|face| change(first, face)).collect()
}

/// The largest change of shape, and its place.
fn largest(changes: &[(f32, f32)]) -> Option<(usize, (f32, f32))> {
    let numbered = changes.iter().copied().enumerate();
    numbered.max_by(|(_, a), (_, b)| a.0.total_cmp(&b.0))
}

fn judged(changes: &[(f32, f32)]) -> Motion {
    match largest(changes) {
        Some((_, (shape, excess))) if shape >= SHAPE && excess < ENOUGH => Motion::Plane { excess },
        Some((_, (shape, excess))) if shape >= SHAPE => Motion::Depth { excess },
        _ => Motion::TooLittle,
    }
}

/// In how many places between its ends the nose was seen.
fn on_its_way(places: impl Iterator<Item = f32>) -> usize {
    let mut between: Vec<f32> = places.filter(|place| BETWEEN.contains(place)).collect();
    between.sort_by(f32::total_cmp);
    between.dedup_by(|after, before| *after - *before < APART);
    between.len()
}

/// How much the shape changed besides shift, turn in the picture and size; and how much of the nose's motion no plane explains.
/// Both as shares of the distance between the eyes.
fn change(from: &Face, to: &Face) -> Option<(f32, f32)> {
    let unit = to.eye_distance();
    let rigid = crate::Similarity::between(&from.points, &to.points)?;
    let moved = from.points.iter().zip(&to.points);
    let shape = moved
        .map(|(a, b)| rigid.apply(*a).distance(*b))
        .fold(0.0, f32::max)
        / unit;
    let plane = Affine::between(from, to)?;
    let miss = |index: usize| plane.apply(from.points[index]).distance(to.points[index]);
    let corners = [0, 1, 3, 4].map(miss).into_iter().fold(0.0, f32::max);
    let excess = (miss(2) - 2.0 * corners).max(0.0) / unit;
    (shape.is_finite() && excess.is_finite()).then_some((shape, excess))
}

/// (x, y) goes to (a·x + b·y + c, d·x + e·y + f).
struct Affine([f64; 6]);

impl Affine {
    /// The map of eyes and mouth corners, by least squares. `None` if they lie on a line.
    #[expect(clippy::many_single_char_names, reason = "the equations' own names")]
    fn between(from: &Face, to: &Face) -> Option<Self> {
        const CORNERS: [usize; 4] = [0, 1, 3, 4];
        let corners = CORNERS.map(|index| (from.points[index], to.points[index]));
        let mean = |value: &dyn Fn(&(crate::Point, crate::Point)) -> f32| {
            corners.iter().map(|pair| f64::from(value(pair))).sum::<f64>() / 4.0
        };
        let (x, y) = (mean(&|p| p.0.x), mean(&|p| p.0.y));
        let (u, v) = (mean(&|p| p.1.x), mean(&|p| p.1.y));
        let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
        let (mut xu, mut yu, mut xv, mut yv) = (0.0, 0.0, 0.0, 0.0);
        for (p, q) in corners {
            let (dx, dy) = (f64::from(p.x) - x, f64::from(p.y) - y);
            let (du, dv) = (f64::from(q.x) - u, f64::from(q.y) - v);
            xx += dx * dx;
            xy += dx * dy;
            yy += dy * dy;
            xu += dx * du;
            yu += dy * du;
            xv += dx * dv;
            yv += dy * dv;
        }
        let determinant = xx * yy - xy * xy;
        let a = (xu * yy - yu * xy) / determinant;
        let b = (yu * xx - xu * xy) / determinant;
        let d = (xv * yy - yv * xy) / determinant;
        let e = (yv * xx - xv * xy) / determinant;
        let all = [a, b, u - a * x - b * y, d, e, v - d * x - e * y];
        all.iter().all(|value| value.is_finite()).then_some(Self(all))
    }

    #[expect(clippy::many_single_char_names, reason = "the equations' own names")]
    fn apply(&self, point: crate::Point) -> crate::Point {
        let [a, b, c, d, e, f] = self.0;
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        crate::Point {
            x: (a * x + b * y + c) as f32,
            y: (d * x + e * y + f) as f32,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::{Point, Rectangle};

    /// Eyes, nose and mouth in depth, in units of the distance between the eyes; the nose stands out by `nose`.
    fn head(yaw: f32, pitch: f32, shift: f32, nose: f32, distance: f32) -> Face {
        let points = [
            [-0.5, -0.4, 0.0],
            [0.5, -0.4, 0.0],
            [0.0, 0.1, nose],
            [-0.4, 0.55, 0.0],
            [0.4, 0.55, 0.0],
        ];
        let (yaw, pitch) = (yaw.to_radians(), pitch.to_radians());
        let project = |[x, y, z]: [f32; 3]| {
            let (x, z) = (x * yaw.cos() + z * yaw.sin(), z * yaw.cos() - x * yaw.sin());
            let (y, z) = (
                y * pitch.cos() + z * pitch.sin(),
                z * pitch.cos() - y * pitch.sin(),
            );
            let scale = 100.0 * distance / (distance - z);
            Point {
                x: 300.0 + shift + x * scale,
                y: 300.0 + y * scale,
            }
        };
        Face {
            bounding_box: Rectangle {
                x: 200.0,
                y: 200.0,
                width: 200.0,
                height: 250.0,
            },
            points: points.map(project),
            score: 0.9,
        }
    }

    pub(in crate::attack) fn turned(yaw: f32) -> Face {
        head(yaw, 0.0, 0.0, 0.55, 8.0)
    }

    /// A print, held close to the camera.
    pub(in crate::attack) fn print(yaw: f32) -> Face {
        head(yaw, 0.0, 0.0, 0.0, 4.0)
    }

    #[test]
    fn a_head_that_turns_moves_in_depth() {
        let frames: Vec<_> = [0.0, 6.0, 12.0, 18.0].map(turned).into();
        assert!(
            matches!(motion(&frames), Motion::Depth { .. }),
            "{:?}",
            motion(&frames)
        );
        assert!(motion(&frames).score().unwrap() > 0.8);
    }

    /// However often each of them is shown, and whatever they are of.
    #[test]
    fn photographs_of_a_head_shown_one_after_the_other_are_no_depth() {
        for yaws in [
            &[0.0, 18.0][..],
            &[0.0, 0.0, 9.0, 9.0, 9.0, 18.0, 18.0],
            &[-15.0, 15.0, -15.0, 15.0],
        ] {
            let frames: Vec<_> = yaws.iter().copied().map(turned).collect();
            assert_eq!(motion(&frames), Motion::TooLittle, "{yaws:?}");
        }
    }

    #[test]
    fn a_print_that_is_turned_and_shifted_moves_as_a_plane() {
        for (yaw, pitch) in [(25.0, 0.0), (35.0, 10.0), (0.0, 25.0), (-30.0, -15.0)] {
            let frames = [head(0.0, 0.0, 0.0, 0.0, 8.0), head(yaw, pitch, 40.0, 0.0, 8.0)];
            assert!(
                matches!(motion(&frames), Motion::Plane { .. }),
                "{yaw} {pitch} {:?}",
                motion(&frames)
            );
            assert!(motion(&frames).score().unwrap() < 0.4);
        }
    }

    #[test]
    fn a_face_that_only_shifts_says_nothing() {
        let frames = [turned(0.0), head(0.0, 0.0, 80.0, 0.55, 8.0)];
        assert_eq!(motion(&frames), Motion::TooLittle);
        assert_eq!(motion(&frames[..1]), Motion::TooLittle);
        assert_eq!(motion(&[]), Motion::TooLittle);
    }

    #[test]
    fn points_on_a_line_say_nothing() {
        let mut flat = turned(0.0);
        flat.points = [Point::default(); 5];
        assert_eq!(motion(&[flat, turned(10.0)]), Motion::TooLittle);
    }
}
