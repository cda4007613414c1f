//! The demo's pictures: public-domain portraits out of a package, pinned like the models.

use serde::Deserialize;

use crate::catalogue::parse;
use crate::{Client, ModelsError, Source, SourceKind};

/// A picture for the demo.
#[derive(Debug, Clone)]
pub struct Picture {
    /// The name it is called by here.
    pub name: String,
    /// Its file's name in the cache.
    pub file: String,
    /// Who is on it.
    pub person: String,
    /// Its licence.
    pub licence: String,
    /// Who made it.
    pub origin: String,
    /// The package it comes from. The file is not converted: its hash is the same in the cache.
    pub source: Source,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PicturesFile {
    package: Package,
    picture: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Package {
    client: Client,
    name: String,
    version: String,
    kind: SourceKind,
    archive_sha256: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    file: String,
    sha256: String,
    person: String,
    licence: String,
    origin: String,
    member: String,
}

/// All pictures of `models/manifests/pictures.toml`.
pub fn pictures() -> Result<Vec<Picture>, ModelsError> {
    let file: PicturesFile = parse("pictures.toml", include_str!("../manifests/pictures.toml"))?;
    Ok(file
        .picture
        .into_iter()
        .map(|entry| entry.in_package(&file.package))
        .collect())
}

impl Entry {
    fn in_package(self, package: &Package) -> Picture {
        Picture {
            name: self.name,
            file: self.file,
            person: self.person,
            licence: self.licence,
            origin: self.origin,
            source: Source {
                client: package.client,
                package: package.name.clone(),
                version: package.version.clone(),
                kind: package.kind,
                archive_sha256: package.archive_sha256.clone(),
                member: self.member,
                member_sha256: self.sha256,
                beside: None,
                beside_sha256: None,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_two_pictures_of_one_person_and_one_of_another() {
        let pictures = pictures().unwrap();
        let people: Vec<_> = pictures.iter().map(|picture| picture.person.as_str()).collect();
        assert_eq!(people, ["Barack Obama", "Barack Obama", "Joseph R. Biden"]);
    }
}
