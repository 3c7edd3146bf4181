//! Languages in the Devanagari script: the danda ends a sentence in Hindi, the full stop in Marathi.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[
    ("hi", include_str!("../../data/lexicons/segment/hi.toml")),
    ("mr", include_str!("../../data/lexicons/segment/mr.toml")),
];
