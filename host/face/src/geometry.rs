//! Points, boxes and faces, in pixels of the picture that they were found in.

/// A point; x grows to the right, y downwards, and the first pixel's centre is (0, 0).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Point {
    /// To the right.
    pub x: f32,
    /// Downwards.
    pub y: f32,
}

impl Point {
    /// The distance to another point, in pixels.
    pub fn distance(self, other: Self) -> f32 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl From<[f32; 2]> for Point {
    fn from([x, y]: [f32; 2]) -> Self {
        Self { x, y }
    }
}

/// A box; it may reach over the edge of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rectangle {
    /// Its left edge.
    pub x: f32,
    /// Its upper edge.
    pub y: f32,
    /// Its width, never negative.
    pub width: f32,
    /// Its height, never negative.
    pub height: f32,
}

impl Rectangle {
    /// Width times height.
    pub fn area(self) -> f32 {
        self.width * self.height
    }

    /// The common area as a share of the area that either covers, from 0 to 1.
    pub fn overlap(self, other: Self) -> f32 {
        let width = (self.x + self.width).min(other.x + other.width) - self.x.max(other.x);
        let height = (self.y + self.height).min(other.y + other.height) - self.y.max(other.y);
        let common = width.max(0.0) * height.max(0.0);
        let either = self.area() + other.area() - common;
        if either > 0.0 { common / either } else { 0.0 }
    }
}

/// A face that a detector found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Face {
    /// Around the face, from the forehead to the chin.
    pub bounding_box: Rectangle,
    /// Eye, eye, tip of the nose, corner of the mouth, corner of the mouth; from the left of the picture.
    pub points: [Point; 5],
    /// How sure the detector is, from 0 to 1.
    pub score: f32,
}

impl Face {
    /// The same face in a picture that begins so much further to the right and below.
    #[must_use]
    pub fn moved(&self, x: f32, y: f32) -> Self {
        let mut face = *self;
        face.bounding_box.x += x;
        face.bounding_box.y += y;
        for point in &mut face.points {
            point.x += x;
            point.y += y;
        }
        face
    }

    /// The distance between the eyes, in pixels.
    pub fn eye_distance(&self) -> f32 {
        self.points[0].distance(self.points[1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn square(x: f32, y: f32) -> Rectangle {
        Rectangle {
            x,
            y,
            width: 2.0,
            height: 2.0,
        }
    }

    #[test]
    fn a_box_covers_itself_and_not_one_beside_it() {
        assert!((square(0.0, 0.0).overlap(square(0.0, 0.0)) - 1.0).abs() < 1e-6);
        assert!(square(0.0, 0.0).overlap(square(2.0, 0.0)).abs() < 1e-6);
    }

    #[test]
    fn half_of_either_box_in_common_is_a_third_of_both() {
        assert!((square(0.0, 0.0).overlap(square(1.0, 0.0)) - 1.0 / 3.0).abs() < 1e-6);
    }
}
