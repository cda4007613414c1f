//! The sections of a linked program: ELF32, little-endian (System V ABI, "Object Files").

use std::{fs, path::Path};

use crate::command::Failure;

/// What a program takes in flash and in RAM, in bytes.
#[derive(Clone, Copy, Default)]
pub(crate) struct Sections {
    /// Instructions.
    pub(crate) code: u32,
    /// Vector table, constants, and the first values of variables.
    pub(crate) constants: u32,
}

impl Sections {
    /// What stands in flash.
    pub(crate) const fn text(self) -> u32 {
        self.code + self.constants
    }
}

/// Fields of the file's header and of a section's header, by their offset.
const SECTION_HEADERS: usize = 32;
const SECTION_HEADER_SIZE: usize = 46;
const SECTION_COUNT: usize = 48;
const TYPE: usize = 4;
const FLAGS: usize = 8;
const SIZE: usize = 20;
/// `SHT_NOBITS`: what is only in RAM.
const NO_BITS: u32 = 8;
/// `SHF_ALLOC` and `SHF_EXECINSTR`.
const LOADED: u32 = 2;
const INSTRUCTIONS: u32 = 4;

/// The sizes of all sections that are loaded.
pub(crate) fn sections(program: &Path) -> Result<Sections, Failure> {
    let unreadable = |why: String| Failure(format!("{} can't be measured: {why}", program.display()));
    let bytes = fs::read(program).map_err(|error| unreadable(error.to_string()))?;
    read(&bytes).ok_or_else(|| unreadable("it is no 32-bit ELF file".to_owned()))
}

fn read(bytes: &[u8]) -> Option<Sections> {
    if !bytes.starts_with(b"\x7FELF\x01\x01") {
        return None;
    }
    let first = word(bytes, SECTION_HEADERS)? as usize;
    let size = half(bytes, SECTION_HEADER_SIZE)?;
    let mut sections = Sections::default();
    for index in 0..half(bytes, SECTION_COUNT)? {
        let header = bytes.get(first + index * size..)?;
        let (kind, flags, length) = (word(header, TYPE)?, word(header, FLAGS)?, word(header, SIZE)?);
        if flags & LOADED == 0 || kind == NO_BITS {
            continue;
        }
        if flags & INSTRUCTIONS == 0 {
            sections.constants += length;
        } else {
            sections.code += length;
        }
    }
    Some(sections)
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|bytes| u32::from_le_bytes(*bytes))
}

fn half(bytes: &[u8], at: usize) -> Option<usize> {
    bytes
        .get(at..)?
        .first_chunk()
        .map(|bytes| u16::from_le_bytes(*bytes).into())
}
