//! Armenian: sentences end with a verjaket (`։`, often typed as a colon); the full stop is a lighter pause.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[("hy", include_str!("../../data/lexicons/segment/hy.toml"))];
