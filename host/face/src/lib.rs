//! Portraits in, scores out: decode, detect, align, embed, compare.
