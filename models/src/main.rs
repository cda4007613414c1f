//! `chipgate-models`: fetches the models and pictures that chipgate needs, and says where they lie.

use std::{path::PathBuf, process::ExitCode};

use chipgate_models::{
    ModelsError, cache_dir, converted_hash, fetch, fetch_models, manifests, model_path, picture_path,
    pictures,
};

const USAGE: &str = "\
chipgate-models fetch [NAME...] [--cache DIR]   download, check and convert what is missing: the
                                                default set, or the models that are named
chipgate-models list                            what there is: name, licence, package, default or not
chipgate-models path NAME                       where a model or picture lies
chipgate-models hash NAME FILE                  the hash that FILE, taken out of the package of NAME, has
                                                after its conversion (for a new manifest)
";

enum Task {
    Fetch {
        names: Vec<String>,
        cache: Option<PathBuf>,
    },
    List,
    Path(String),
    Hash {
        name: String,
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let Some(task) = parse(&arguments) else {
        eprint!("{USAGE}");
        return ExitCode::from(2);
    };
    match run(task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chipgate-models: {error}");
            ExitCode::FAILURE
        }
    }
}

fn parse(arguments: &[String]) -> Option<Task> {
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["fetch", ref rest @ ..] => parse_fetch(rest),
        ["list"] => Some(Task::List),
        ["path", name] => Some(Task::Path(name.to_owned())),
        ["hash", name, file] => Some(Task::Hash {
            name: name.to_owned(),
            file: file.into(),
        }),
        _ => None,
    }
}

fn parse_fetch(rest: &[&str]) -> Option<Task> {
    let (names, cache) = match rest {
        [names @ .., "--cache", folder] => (names, Some(PathBuf::from(folder))),
        names => (names, None),
    };
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let sound = names.iter().all(|name| !name.starts_with('-'));
    sound.then_some(Task::Fetch { names, cache })
}

fn run(task: Task) -> Result<(), ModelsError> {
    match task {
        Task::Fetch { names, cache } => {
            let folder = cache.map_or_else(cache_dir, Ok)?;
            let mut tell = |line: &str| println!("{line}");
            if names.is_empty() {
                fetch(&folder, &mut tell).map(|_| ())
            } else {
                fetch_models(&folder, &names, &mut tell).map(|_| ())
            }
        }
        Task::List => list(),
        Task::Path(name) => {
            println!(
                "{}",
                model_path(&name).or_else(|_| picture_path(&name))?.display()
            );
            Ok(())
        }
        Task::Hash { name, file } => {
            println!("{}", converted_hash(&name, &file)?);
            Ok(())
        }
    }
}

fn list() -> Result<(), ModelsError> {
    for model in manifests()? {
        println!(
            "{:24} {:30} {} {}{}",
            model.name,
            model.licence,
            model.source.package,
            model.source.version,
            if model.default { "" } else { " (by name only)" }
        );
    }
    for picture in pictures()? {
        println!(
            "{:24} {:30} {} {}",
            picture.name, picture.licence, picture.source.package, picture.source.version
        );
    }
    Ok(())
}
