//! dlib's shape predictor (`dlib/image_processing/shape_predictor.h`): a cascade of forests of regression trees
//! (Kazemi and Sullivan, 2014).

use super::reader::Reader;
use crate::{
    ModelsError,
    trees::{Cascade, Split, Trees},
};

/// The most cascades, trees, pixels and points that are read: well above what published predictors have.
const MOST: usize = 4096;

/// Reads a predictor: version, mean shape, forests, and the pixels that each forest looks at.
pub(crate) fn read_trees(bytes: &[u8]) -> Result<Trees, ModelsError> {
    let mut reader = Reader::new(bytes);
    reader.version(&[1], "a shape predictor of version 1")?;
    let mean = column(&mut reader)?;
    let count = list(&mut reader)?;
    let mut forests = Vec::new();
    for _ in 0..count {
        forests.push(forest(&mut reader, mean.len())?);
    }
    let anchors = lists(&mut reader, count, index)?;
    let deltas = lists(&mut reader, count, |reader| {
        Ok([reader.float()?, reader.float()?])
    })?;
    reader.end()?;
    let mut cascades = Vec::new();
    for (((splits, leaves), anchors), deltas) in forests.into_iter().zip(anchors).zip(deltas) {
        let fits = anchors.len() == deltas.len()
            && anchors.iter().all(|anchor| *anchor < mean.len() / 2)
            && splits
                .iter()
                .all(|split: &Split| usize::from(split.first.max(split.second)) < anchors.len());
        if !fits {
            return Err(reader.expected("pixels and splits that fit each other"));
        }
        let anchors = anchors.into_iter().map(|anchor| anchor as u16).collect();
        cascades.push(Cascade {
            anchors,
            deltas,
            splits,
            leaves,
        });
    }
    Ok(Trees { mean, cascades })
}

/// The number of a point.
fn index(reader: &mut Reader<'_>) -> Result<usize, ModelsError> {
    reader.count()
}

fn list(reader: &mut Reader<'_>) -> Result<usize, ModelsError> {
    let count = reader.count()?;
    if count <= MOST {
        Ok(count)
    } else {
        Err(reader.expected(format!("a list of at most {MOST}")))
    }
}

fn lists<T>(
    reader: &mut Reader<'_>,
    count: usize,
    mut item: impl FnMut(&mut Reader<'_>) -> Result<T, ModelsError>,
) -> Result<Vec<Vec<T>>, ModelsError> {
    if list(reader)? != count {
        return Err(reader.expected("a list for each forest"));
    }
    let mut all = Vec::new();
    for _ in 0..count {
        let length = list(reader)?;
        let mut items = Vec::with_capacity(length);
        for _ in 0..length {
            items.push(item(reader)?);
        }
        all.push(items);
    }
    Ok(all)
}

/// A column of floats; its sizes are written as negative numbers (`dlib/matrix/matrix.h`).
fn column(reader: &mut Reader<'_>) -> Result<Vec<f32>, ModelsError> {
    let (rows, columns) = (reader.integer()?.unsigned_abs(), reader.integer()?.unsigned_abs());
    if columns != 1 || rows > MOST as u64 {
        return Err(reader.expected("a column of numbers"));
    }
    (0..rows).map(|_| reader.float()).collect()
}

/// The trees of a forest, one after the other: splits, and leaves of `length` numbers.
fn forest(reader: &mut Reader<'_>, length: usize) -> Result<(Vec<Split>, Vec<f32>), ModelsError> {
    let (mut splits, mut leaves) = (Vec::new(), Vec::new());
    for _ in 0..list(reader)? {
        if list(reader)? != Trees::SPLITS {
            return Err(reader.expected("trees of depth 4"));
        }
        for _ in 0..Trees::SPLITS {
            let (first, second) = (reader.count()?, reader.count()?);
            let threshold = reader.float()?;
            let index =
                |value: usize| u16::try_from(value).map_err(|_| reader.expected("the number of a pixel"));
            splits.push(Split {
                first: index(first)?,
                second: index(second)?,
                threshold,
            });
        }
        if list(reader)? != Trees::SPLITS + 1 {
            return Err(reader.expected("a leaf behind each way"));
        }
        for _ in 0..=Trees::SPLITS {
            let leaf = column(reader)?;
            if leaf.len() != length {
                return Err(reader.expected("leaves as long as the shape"));
            }
            leaves.extend(leaf);
        }
    }
    Ok((splits, leaves))
}
