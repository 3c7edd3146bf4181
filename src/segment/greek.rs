//! Greek: the question mark is a semicolon, and informal text often starts sentences with a small letter.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[("el", include_str!("../../data/lexicons/segment/el.toml"))];
