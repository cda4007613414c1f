//! `chipgate face detect`, `quality` and `attack`.

use std::{fmt::Write, path::PathBuf, process::ExitCode};

use chipgate_face::{
    Cues, Engine, Face, FaceError, Frozen, Liveness, Motion, Quality, RgbImage, Seen, Template, cues, motion,
    quality as measure,
};
use clap::Args;
use serde_json::{Value, json};

use super::{ModelArguments, drawing, of, picture, rounded};
use crate::cli_error::CliError;
use crate::output::say;
use crate::overwrite::Overwrite;

#[derive(Args)]
pub(crate) struct LookArguments {
    /// The pictures
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Write JSON: one object with a list `pictures`
    #[arg(long)]
    json: bool,
    /// Also draw what was found into this PNG file, the pictures side by side
    #[arg(long, value_name = "OUT.png")]
    picture: Option<PathBuf>,
    #[command(flatten)]
    overwrite: Overwrite,
    #[command(flatten)]
    models: ModelArguments,
}

#[derive(Args)]
pub(crate) struct AttackArguments {
    #[command(flatten)]
    look: LookArguments,
    /// The attack detector, by the name in its manifest; without one only cues and motion count
    #[arg(long, value_name = "NAME")]
    attack_model: Option<String>,
}

/// What came of one picture.
struct Found {
    json: Value,
    text: String,
    panels: Vec<RgbImage>,
    lines: Vec<String>,
}

pub(crate) fn detect(arguments: &LookArguments) -> Result<ExitCode, CliError> {
    let engine = arguments.models.engine(None)?;
    each(arguments, |picture| {
        let mut faces = Vec::new();
        for coarse in engine.detect(picture)? {
            faces.push(engine.follow(picture, &coarse)?.unwrap_or(coarse));
        }
        faces.sort_by(|a: &Face, b| b.bounding_box.area().total_cmp(&a.bounding_box.area()));
        let seen = Seen::in_picture(picture, &faces).name();
        let mut text = format!("{} face(s), {seen}\n", faces.len());
        for face in &faces {
            let own = face.bounding_box;
            let _ = writeln!(
                text,
                "  score {:.2} at {:.0}, {:.0}, size {:.0} × {:.0}, eyes {:.0} pixels apart",
                face.score,
                own.x,
                own.y,
                own.width,
                own.height,
                face.eye_distance()
            );
        }
        let mut panels = vec![drawing::marked(&engine, picture, &faces)];
        for face in &faces {
            panels.push(engine.align(picture, face)?);
        }
        let faces: Vec<_> = faces
            .iter()
            .map(|face| face_json(&engine, picture, face))
            .collect();
        Ok(Found {
            lines: vec![format!("{} FACES", faces.len())],
            json: json!({ "faces": faces, "seen": seen }),
            text,
            panels,
        })
    })
}

pub(crate) fn quality(arguments: &LookArguments) -> Result<ExitCode, CliError> {
    let engine = arguments.models.engine(None)?;
    each(arguments, |picture| {
        let (face, faces) = nearest(&engine, picture)?;
        let quality = measure(picture, &face, &faces).ok_or(FaceError::NoFace {
            width: picture.width(),
            height: picture.height(),
        })?;
        let lines = quality
            .components()
            .map(|(component, value)| format!("{value:3.0} {}", component.name()))
            .collect();
        let seen = Seen::in_picture(picture, &faces).name();
        let mut json = quality_json(&quality);
        json["seen"] = json!(seen);
        Ok(Found {
            json,
            text: quality_text(&quality, seen),
            panels: vec![
                drawing::marked(&engine, picture, &[face]),
                engine.align(picture, &face)?,
            ],
            lines,
        })
    })
}

pub(crate) fn attack(arguments: &AttackArguments) -> Result<ExitCode, CliError> {
    let look = &arguments.look;
    let engine = look.models.engine(arguments.attack_model.as_deref())?;
    let mut path: Vec<Face> = Vec::new();
    let mut person: Option<Template> = None;
    let mut is_one_person = true;
    let mut lowest: Option<(Option<f32>, Cues)> = None;
    let mut frozen = Frozen::default();
    let found = each_found(look, |picture| {
        frozen.is_frozen(picture);
        let (face, faces) = nearest(&engine, picture)?;
        // What one person's head does says nothing of another's.
        let template = engine.embed(picture, &face)?;
        if engine
            .compare(person.get_or_insert_with(|| template.clone()), &template)
            .matched
        {
            path.push(face);
        } else {
            is_one_person = false;
        }
        let (model, cues) = (engine.liveness(picture, &face)?, cues(picture, &face));
        let alone = Liveness::of(model, cues, Motion::TooLittle);
        if lowest.is_none_or(|(model, cues)| alone.score < Liveness::of(model, cues, Motion::TooLittle).score)
        {
            lowest = Some((model, cues));
        }
        let seen = Seen::in_picture(picture, &faces).name();
        let mut json = liveness_json(&alone);
        json["seen"] = json!(seen);
        Ok(Found {
            json,
            text: format!("{seen}, {}", liveness_text(&alone)),
            panels: vec![drawing::marked(&engine, picture, &[face])],
            lines: vec![format!("LIVENESS {:.2}", alone.score)],
        })
    })?;
    let (model, cues) = lowest.unwrap_or_default();
    let all = Liveness::of(model, cues, motion(&path));
    write(look, found, |json, text| {
        json["all"] = liveness_json(&all);
        json["all"]["frozen"] = json!(frozen.is_still());
        json["all"]["one_person"] = json!(is_one_person);
        json["model"] = json!(engine.attack_model());
        if look.files.len() > 1 {
            let _ = write!(
                text,
                "All pictures as frames of one video: {}",
                liveness_text(&all)
            );
            if !is_one_person {
                text.push_str("several-faces: not all pictures are of the first one's person; motion is judged by those that are\n");
            }
            if frozen.is_still() {
                text.push_str("frozen-camera: all pictures are the same one\n");
            }
        }
    })
}

/// The nearest face, precisely, and all faces, that one first.
fn nearest(engine: &Engine, picture: &RgbImage) -> Result<(Face, Vec<Face>), FaceError> {
    let faces = engine.faces(picture)?;
    match faces.first() {
        Some(face) => Ok((*face, faces)),
        // The same look again, for its error: a black frame has its own.
        None => engine.locate(picture).map(|(face, _)| (face, vec![face])),
    }
}

/// Looks at each picture and writes what was found.
fn each(
    arguments: &LookArguments,
    look: impl FnMut(&RgbImage) -> Result<Found, FaceError>,
) -> Result<ExitCode, CliError> {
    let found = each_found(arguments, look)?;
    write(arguments, found, |_, _| {})
}

fn each_found(
    arguments: &LookArguments,
    mut look: impl FnMut(&RgbImage) -> Result<Found, FaceError>,
) -> Result<Vec<Found>, CliError> {
    arguments.overwrite.check(arguments.picture.as_deref())?;
    let mut all = Vec::new();
    for file in &arguments.files {
        all.push(look(&picture(file)?).map_err(of(file))?);
    }
    Ok(all)
}

fn write(
    arguments: &LookArguments,
    found: Vec<Found>,
    finish: impl FnOnce(&mut Value, &mut String),
) -> Result<ExitCode, CliError> {
    let (mut pictures, mut text) = (Vec::new(), String::new());
    let (mut panels, mut lines) = (Vec::new(), Vec::new());
    for (mut found, file) in found.into_iter().zip(&arguments.files) {
        found.json["file"] = json!(file.display().to_string());
        pictures.push(found.json);
        let _ = write!(text, "{}: {}", file.display(), found.text);
        panels.extend(found.panels);
        lines.extend(found.lines);
    }
    let mut json = json!({ "pictures": pictures });
    finish(&mut json, &mut text);
    if arguments.json {
        say!("{json}");
    } else {
        crate::output::write(format_args!("{text}"));
    }
    if let Some(file) = &arguments.picture {
        drawing::save(&drawing::sheet(&panels, &lines), file)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn face_json(engine: &Engine, picture: &RgbImage, face: &Face) -> Value {
    let own = face.bounding_box;
    let own = [own.x, own.y, own.width, own.height].map(tenths);
    let points = |points: [chipgate_face::Point; 5]| points.map(|point| [tenths(point.x), tenths(point.y)]);
    json!({
        "score": rounded(face.score),
        "box": own,
        "points": points(face.points),
        "aligned_by": points(engine.points(picture, face)),
        "eye_distance": tenths(face.eye_distance()),
    })
}

fn tenths(value: f32) -> f64 {
    (f64::from(value) * 10.0).round() / 10.0
}

fn quality_json(quality: &Quality) -> Value {
    let components: serde_json::Map<_, _> = quality
        .components()
        .map(|(component, value)| {
            let entry = json!({ "value": tenths(value), "estimate": component.is_estimate() });
            (component.name().to_owned(), entry)
        })
        .collect();
    json!({
        "overall": tenths(quality.overall()),
        "components": components,
        "pose": { "yaw": tenths(quality.pose.yaw), "pitch": tenths(quality.pose.pitch), "roll": tenths(quality.pose.roll) },
        "guidance": quality.guidance(),
    })
}

fn quality_text(quality: &Quality, seen: &str) -> String {
    let mut text = format!("overall {:.0} of 100, {seen}\n", quality.overall());
    for (component, value) in quality.components() {
        let mark = if component.is_estimate() {
            " (estimate)"
        } else {
            ""
        };
        let _ = writeln!(text, "  {value:3.0}  {}{mark}", component.name());
    }
    for guidance in quality.guidance() {
        let _ = writeln!(text, "  → {guidance}");
    }
    text
}

fn liveness_json(liveness: &Liveness) -> Value {
    let (kind, excess) = match liveness.motion {
        Motion::TooLittle => ("too-little", None),
        Motion::Plane { excess } => ("plane", Some(excess)),
        Motion::Depth { excess } => ("depth", Some(excess)),
    };
    json!({
        "liveness": rounded(liveness.score),
        "model": liveness.model.map(rounded),
        "moire": rounded(liveness.cues.moire),
        "reflection": rounded(liveness.cues.reflection),
        "motion": { "kind": kind, "excess": excess.map(rounded) },
    })
}

fn liveness_text(liveness: &Liveness) -> String {
    let model = liveness
        .model
        .map_or("none".to_owned(), |score| format!("{score:.2}"));
    format!(
        "liveness {:.2} (0 attack, 1 live; model {model}, moiré {:.2}, reflection {:.2}, motion {:?})\n",
        liveness.score, liveness.cues.moire, liveness.cues.reflection, liveness.motion
    )
}
