//! Amharic, in the Ethiopic script: `።` ends a sentence, with or without white space after it.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[("am", include_str!("../../data/lexicons/segment/am.toml"))];
