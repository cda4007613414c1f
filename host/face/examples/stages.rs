//! Prints how long each stage takes for a picture: `cargo run --release -p chipgate-face --example stages -- PICTURE`

use std::{error::Error, fs, path::PathBuf, time::Instant};

use chipgate_face::Engine;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let picture = fs::read(arguments.next().ok_or("usage: stages PICTURE [MODELS]")?)?;
    let models = arguments.next().map_or_else(chipgate_models::models_dir, Ok)?;
    let start = Instant::now();
    let engine = Engine::load(&models)?;
    println!("{:8} {:7.1} ms", "load", start.elapsed().as_secs_f64() * 1e3);
    engine.stages(&picture)?;
    for (name, time) in engine.stages(&picture)?.named() {
        println!("{name:8} {:7.1} ms", time.as_secs_f64() * 1e3);
    }
    Ok(())
}
