//! Where models and pictures lie on this machine.

use std::{ffi::OsString, path::PathBuf};

use crate::{ModelsError, manifest, pictures};

/// The cache folder: `$CHIPGATE_CACHE`, else `$XDG_CACHE_HOME/chipgate`, else `~/.cache/chipgate`.
pub fn cache_dir() -> Result<PathBuf, ModelsError> {
    choose(|name| std::env::var_os(name))
}

fn choose(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, ModelsError> {
    let set = |name| {
        variable(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("CHIPGATE_CACHE")
        .or_else(|| set("XDG_CACHE_HOME").map(|folder| folder.join("chipgate")))
        .or_else(|| set("HOME").map(|folder| folder.join(".cache").join("chipgate")))
        .ok_or(ModelsError::NoCacheFolder)
}

/// The folder of the models inside the [cache folder](cache_dir).
pub fn models_dir() -> Result<PathBuf, ModelsError> {
    Ok(cache_dir()?.join("models"))
}

/// The folder of the demo's pictures inside the [cache folder](cache_dir).
pub fn pictures_dir() -> Result<PathBuf, ModelsError> {
    Ok(cache_dir()?.join("pictures"))
}

/// Where the model called `name` lies once it is fetched. Nothing is read: the file may not be there yet.
pub fn model_path(name: &str) -> Result<PathBuf, ModelsError> {
    Ok(models_dir()?.join(manifest(name)?.file))
}

/// Where the demo picture called `name` lies once it is fetched. The file may not be there yet.
pub fn picture_path(name: &str) -> Result<PathBuf, ModelsError> {
    let pictures = pictures()?;
    let known = || {
        pictures
            .iter()
            .map(|p| p.name.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let picture = pictures
        .iter()
        .find(|picture| picture.name == name)
        .ok_or_else(|| ModelsError::UnknownName {
            name: name.to_owned(),
            known: known(),
        })?;
    Ok(pictures_dir()?.join(&picture.file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(variables: &[(&str, &str)]) -> Result<PathBuf, ModelsError> {
        choose(|name| {
            variables
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_programs_own_variable_wins_over_the_desktops_and_the_home_folder() {
        let all = [("HOME", "/h"), ("XDG_CACHE_HOME", "/x"), ("CHIPGATE_CACHE", "/c")];
        assert_eq!(with(&all).unwrap(), PathBuf::from("/c"));
        assert_eq!(with(&all[..2]).unwrap(), PathBuf::from("/x/chipgate"));
        assert_eq!(with(&all[..1]).unwrap(), PathBuf::from("/h/.cache/chipgate"));
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let variables = [("CHIPGATE_CACHE", ""), ("HOME", "/h")];
        assert_eq!(with(&variables).unwrap(), PathBuf::from("/h/.cache/chipgate"));
    }

    #[test]
    fn without_any_variable_the_error_says_which_to_set() {
        let message = with(&[]).unwrap_err().to_string();
        assert!(message.contains("CHIPGATE_CACHE"), "{message}");
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_names_there_are() {
        let message = model_path("no-such").unwrap_err().to_string();
        assert!(message.contains("centerface"), "{message}");
        let message = picture_path("no-such").unwrap_err().to_string();
        assert!(message.contains("obama"), "{message}");
    }
}
