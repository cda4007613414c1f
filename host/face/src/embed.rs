//! dlib's face recognition network: an aligned chip to 128 numbers.

use chipgate_models::{EmbedderNumbers, Manifest};
use image::{RgbImage, imageops};

use crate::{Embedder, FaceError, Point, Template, network::Network};

/// The embedder. The template is the mean of those of the chip and of its mirror image, which is steadier than either.
pub struct DlibResnet {
    network: Network,
    name: String,
    numbers: EmbedderNumbers,
}

impl DlibResnet {
    /// Loads the model; `numbers` are those of its manifest.
    pub fn load(manifest: &Manifest, bytes: &[u8], numbers: &EmbedderNumbers) -> Result<Self, FaceError> {
        let side = numbers.side as usize;
        let network = Network::load(&manifest.name, bytes, side, side)?;
        Ok(Self {
            network,
            name: manifest.name.clone(),
            numbers: numbers.clone(),
        })
    }

    /// The template of the chip alone, without its mirror image: what dlib itself computes.
    pub fn embed_once(&self, aligned: &RgbImage) -> Result<Template, FaceError> {
        let side = self.numbers.side;
        if aligned.dimensions() != (side, side) {
            return Err(FaceError::inference(&self.name)(format!(
                "an aligned face of {side} × {side} was expected"
            )));
        }
        let values = self
            .network
            .run(&planes(aligned))?
            .into_iter()
            .next()
            .unwrap_or_default();
        if values.len() != self.numbers.length {
            return Err(FaceError::inference(&self.name)(
                "a template of another length came out",
            ));
        }
        Ok(Template::new(self.name.clone(), values))
    }
}

impl Embedder for DlibResnet {
    fn name(&self) -> &str {
        &self.name
    }

    fn side(&self) -> u32 {
        self.numbers.side
    }

    fn points(&self) -> [Point; 5] {
        self.numbers.points.map(Point::from)
    }

    fn embed(&self, aligned: &RgbImage) -> Result<Template, FaceError> {
        let mirrored = imageops::flip_horizontal(aligned);
        let (straight, mirrored) = std::thread::scope(|scope| {
            let other = scope.spawn(|| self.embed_once(&mirrored));
            (self.embed_once(aligned), other.join())
        });
        let mirrored = mirrored.map_err(|_| FaceError::inference(&self.name)("its thread ended early"))?;
        let mean = straight?.mean(&mirrored?);
        mean.ok_or_else(|| FaceError::inference(&self.name)("templates of two lengths came out"))
    }
}

/// Red, green and blue planes, 0 to 255.
fn planes(chip: &RgbImage) -> Vec<f32> {
    (0..3)
        .flat_map(|channel| chip.pixels().map(move |pixel| f32::from(pixel.0[channel])))
        .collect()
}
