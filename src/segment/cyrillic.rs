//! Languages in the Cyrillic alphabet.
//!
//! Units with a stop ("г.", "руб.") abound: after a number they may end a sentence, before a name they do not.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[
    ("bg", include_str!("../../data/lexicons/segment/bg.toml")),
    ("kk", include_str!("../../data/lexicons/segment/kk.toml")),
    ("ru", include_str!("../../data/lexicons/segment/ru.toml")),
    ("sr", include_str!("../../data/lexicons/segment/sr.toml")),
    ("uk", include_str!("../../data/lexicons/segment/uk.toml")),
];
