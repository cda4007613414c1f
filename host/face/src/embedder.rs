//! An embedder that takes a face aligned by five points.

use chipgate_models::{EmbedderNumbers, Manifest, Metric};
use image::{RgbImage, imageops};

use crate::{Embedder, FaceError, Point, Template, input, network::Network};

/// The embedder. The template is the mean of those of the chip and of its mirror image, which is steadier than either.
pub struct AlignedEmbedder {
    network: Network,
    name: String,
    numbers: EmbedderNumbers,
}

impl AlignedEmbedder {
    /// Loads the model; `numbers` are those of its manifest.
    pub fn load(manifest: &Manifest, bytes: Vec<u8>, numbers: &EmbedderNumbers) -> Result<Self, FaceError> {
        let shape = input::shape(numbers.side, numbers.side, &numbers.pixels);
        let embedder = Self {
            network: Network::load(&manifest.name, bytes, &shape)?,
            name: manifest.name.clone(),
            numbers: numbers.clone(),
        };
        // A manifest that is not of this network is told before a traveller stands there.
        embedder.embed_once(&RgbImage::new(numbers.side, numbers.side))?;
        Ok(embedder)
    }

    /// The template of the chip alone, without its mirror image: what the model itself computes.
    pub fn embed_once(&self, aligned: &RgbImage) -> Result<Template, FaceError> {
        let side = self.numbers.side;
        if aligned.dimensions() != (side, side) {
            return Err(FaceError::inference(&self.name)(format!(
                "an aligned face of {side} × {side} was expected"
            )));
        }
        let values = self
            .network
            .run(&input::values(aligned, &self.numbers.pixels))?
            .into_iter()
            .next()
            .unwrap_or_default();
        if values.len() != self.numbers.length {
            return Err(FaceError::inference(&self.name)(format!(
                "a template of {} values came out, and its manifest says `length = {}`",
                values.len(),
                self.numbers.length
            )));
        }
        let template = Template::new(self.name.clone(), values).with_metric(self.numbers.metric);
        Ok(match self.numbers.metric {
            Metric::Euclidean => template,
            Metric::Cosine => template.normalised(),
        })
    }
}

impl Embedder for AlignedEmbedder {
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
