//! The models: named, pinned, fetched, converted.
