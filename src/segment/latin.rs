//! Languages in the Latin alphabet.
//!
//! What sets them apart is data: whether "12." may be an ordinal (German, Czech, Danish, Finnish, …), which
//! words open sentences, which abbreviations stand last.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[
    ("cs", include_str!("../../data/lexicons/segment/cs.toml")),
    ("da", include_str!("../../data/lexicons/segment/da.toml")),
    ("de", include_str!("../../data/lexicons/segment/de.toml")),
    ("en", include_str!("../../data/lexicons/segment/en.toml")),
    ("es", include_str!("../../data/lexicons/segment/es.toml")),
    ("fi", include_str!("../../data/lexicons/segment/fi.toml")),
    ("fr", include_str!("../../data/lexicons/segment/fr.toml")),
    ("hr", include_str!("../../data/lexicons/segment/hr.toml")),
    ("hu", include_str!("../../data/lexicons/segment/hu.toml")),
    ("it", include_str!("../../data/lexicons/segment/it.toml")),
    ("nb", include_str!("../../data/lexicons/segment/nb.toml")),
    ("nl", include_str!("../../data/lexicons/segment/nl.toml")),
    ("pl", include_str!("../../data/lexicons/segment/pl.toml")),
    ("pt", include_str!("../../data/lexicons/segment/pt.toml")),
    ("ro", include_str!("../../data/lexicons/segment/ro.toml")),
    ("sk", include_str!("../../data/lexicons/segment/sk.toml")),
    ("sv", include_str!("../../data/lexicons/segment/sv.toml")),
    ("tr", include_str!("../../data/lexicons/segment/tr.toml")),
];
