//! Languages in the Arabic script: no capitals, their own question mark, Urdu also its own full stop.
//!
//! Headlines run into their text behind a colon; marks of writing direction are looked through.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[
    ("ar", include_str!("../../data/lexicons/segment/ar.toml")),
    ("fa", include_str!("../../data/lexicons/segment/fa.toml")),
    ("ur", include_str!("../../data/lexicons/segment/ur.toml")),
];
