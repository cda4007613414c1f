//! A set of pictures as templates.

use std::{
    collections::HashMap,
    fs,
    panic::resume_unwind,
    path::{Path, PathBuf},
    thread,
};

use chipgate_face::{Engine, FaceError, RgbImage, Sample, decode, quality};

use super::chip::Encoder;
use crate::cli_error::CliError;

/// The pictures of a folder in which a face was found.
pub(super) struct Set {
    pub(super) samples: Vec<Sample>,
    /// The pictures' names, person and file, in the order of the samples.
    pub(super) files: Vec<String>,
    /// The people's names, in the order of their numbers.
    pub(super) people: Vec<String>,
    /// Each person's group, where a file says it.
    pub(super) groups: Vec<Option<String>>,
    /// Pictures without a template, and why.
    pub(super) failures: Vec<(String, String)>,
}

/// A picture that is to be looked at.
struct Task {
    person: usize,
    name: String,
    path: PathBuf,
}

impl Set {
    /// Reads the folder; with `chip`, each picture's portrait of so many kilobytes is embedded as well.
    pub(super) fn read(folder: &Path, engine: &Engine, chip: Option<u32>) -> Result<Self, CliError> {
        let (people, tasks) = tasks(folder)?;
        let encoder = chip.map(Encoder::new).transpose()?;
        let results = in_parallel(&tasks, |task| embed(task, engine, encoder.as_ref()));
        let (mut samples, mut files, mut failures) = (Vec::new(), Vec::new(), Vec::new());
        for (task, result) in tasks.iter().zip(results) {
            match result? {
                Ok(sample) => {
                    samples.push(sample);
                    files.push(task.name.clone());
                }
                Err(reason) => failures.push((task.name.clone(), reason)),
            }
        }
        let groups = groups(folder, &people)?;
        Ok(Self {
            samples,
            files,
            people,
            groups,
            failures,
        })
    }

    pub(super) fn person(&self, sample: usize) -> usize {
        self.samples
            .get(sample)
            .map_or(usize::MAX, |sample| sample.person)
    }
}

/// Runs the tasks on as many threads as there are processors, in order.
fn in_parallel<T: Send>(tasks: &[Task], work: impl Fn(&Task) -> T + Sync) -> Vec<T> {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = tasks.len().div_ceil(threads).max(1);
    thread::scope(|scope| {
        let work = &work;
        let running: Vec<_> = tasks
            .chunks(each)
            .map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Vec<_>>()))
            .collect();
        running
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect()
    })
}

/// A picture's template, or why there is none; a file that can't be read ends everything.
fn embed(
    task: &Task,
    engine: &Engine,
    encoder: Option<&Encoder>,
) -> Result<Result<Sample, String>, CliError> {
    let bytes = chipgate_gate::read_at_most(&task.path, chipgate_gate::LONGEST_PICTURE)
        .map_err(|error| CliError::file(&task.path, error))?;
    let measured = || -> Result<(Sample, RgbImage), FaceError> {
        let picture = decode(&bytes)?;
        let located = engine.template(&picture)?;
        let quality =
            quality(&picture, &located.face, &[located.face]).map_or(0.0, |quality| quality.overall());
        let sample = Sample {
            person: task.person,
            template: located.template,
            on_chip: None,
            quality,
        };
        Ok((sample, picture))
    };
    let (mut sample, picture) = match measured() {
        Ok(found) => found,
        Err(error) => return not_acquired(error, ""),
    };
    if let Some(encoder) = encoder {
        let portrait = encoder.portrait(&picture)?;
        match decode(&portrait).and_then(|portrait| engine.template(&portrait)) {
            Ok(located) => sample.on_chip = Some(located.template),
            Err(error) => return not_acquired(error, "as a chip's portrait: "),
        }
    }
    Ok(Ok(sample))
}

/// A picture that gives no template is a failure to acquire; a model that does not run is none, and ends everything.
fn not_acquired(error: FaceError, what: &str) -> Result<Result<Sample, String>, CliError> {
    match error {
        FaceError::UnknownFormat { .. }
        | FaceError::BrokenPicture { .. }
        | FaceError::TooLarge { .. }
        | FaceError::NoFace { .. }
        | FaceError::BlackFrame { .. } => Ok(Err(format!("{what}{error}"))),
        error => Err(error.into()),
    }
}

fn tasks(folder: &Path) -> Result<(Vec<String>, Vec<Task>), CliError> {
    let (mut people, mut tasks) = (Vec::new(), Vec::new());
    for path in sorted(folder)?.into_iter().filter(|path| path.is_dir()) {
        let name = name_of(&path);
        let files: Vec<_> = sorted(&path)?.into_iter().filter(|path| path.is_file()).collect();
        // A folder without a picture is no person who was measured.
        if files.is_empty() {
            continue;
        }
        for file in files {
            tasks.push(Task {
                person: people.len(),
                name: format!("{name}/{}", name_of(&file)),
                path: file,
            });
        }
        people.push(name);
    }
    if tasks.is_empty() {
        return Err(CliError::Usage(format!(
            "{} has no folders with pictures: one folder a person is expected",
            folder.display()
        )));
    }
    Ok((people, tasks))
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>, CliError> {
    let entries = fs::read_dir(folder).map_err(|error| CliError::file(folder, error))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CliError::file(folder, error))?;
    paths.retain(|path| !name_of(path).starts_with('.'));
    paths.sort();
    Ok(paths)
}

fn name_of(path: &Path) -> String {
    path.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The group of each person, from `groups.csv`.
fn groups(folder: &Path, people: &[String]) -> Result<Vec<Option<String>>, CliError> {
    let file = folder.join("groups.csv");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![None; people.len()]),
        Err(error) => return Err(CliError::file(&file, error)),
    };
    let groups =
        parse_groups(&text).map_err(|what| CliError::Usage(format!("{}: {what}", file.display())))?;
    for (row, (person, _)) in groups.iter().enumerate() {
        // The first row may be a heading.
        if row > 0 && !people.contains(person) {
            return Err(CliError::Usage(format!(
                "{}: there is no folder with pictures of {person:?}: a person is named as the folder is",
                file.display()
            )));
        }
    }
    let groups: HashMap<_, _> = groups.into_iter().collect();
    Ok(people.iter().map(|person| groups.get(person).cloned()).collect())
}

/// The rows: a person and a group each.
fn parse_groups(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.trim_start_matches('\u{FEFF}').as_bytes());
    let rows = reader.records().map(|record| {
        let record = record.map_err(|error| error.to_string())?;
        match (record.get(0), record.get(1), record.len()) {
            (Some(person), Some(group), 2) => Ok((person.to_owned(), group.to_owned())),
            _ => Err(format!(
                "a row has {} columns: a person and a group are expected",
                record.len()
            )),
        }
    });
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_and_their_groups_come_from_folders_and_a_file() {
        let folder = tempfile::tempdir().unwrap();
        for person in ["b", "a"] {
            fs::create_dir(folder.path().join(person)).unwrap();
            fs::write(folder.path().join(person).join("1.pgm"), "").unwrap();
        }
        fs::write(
            folder.path().join("groups.csv"),
            "\u{FEFF}person,group\n\"a\",\"x, y\"\n",
        )
        .unwrap();
        let (people, tasks) = tasks(folder.path()).unwrap();
        assert_eq!(people, ["a", "b"]);
        assert_eq!(tasks[1].name, "b/1.pgm");
        assert_eq!(
            groups(folder.path(), &people).unwrap(),
            [Some("x, y".to_owned()), None]
        );
    }

    #[test]
    fn a_group_of_someone_who_is_not_there_and_a_folder_without_pictures_are_told() {
        let folder = tempfile::tempdir().unwrap();
        for person in ["a", "empty"] {
            fs::create_dir(folder.path().join(person)).unwrap();
        }
        fs::write(folder.path().join("a/1.pgm"), "").unwrap();
        let (people, _) = tasks(folder.path()).unwrap();
        assert_eq!(people, ["a"]);
        for (text, told) in [
            ("a,x\nc,y\n", "\"c\""),
            ("a,x\na\n", "columns"),
            ("a,x\na,b,c\n", "columns"),
        ] {
            fs::write(folder.path().join("groups.csv"), text).unwrap();
            let error = groups(folder.path(), &people).unwrap_err().to_string();
            assert!(error.contains(told), "{text:?} {error}");
        }
    }

    #[test]
    fn a_folder_without_people_is_wrong_usage() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(tasks(folder.path()), Err(CliError::Usage(_))));
    }
}
