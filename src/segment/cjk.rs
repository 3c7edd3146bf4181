//! Chinese, Japanese and Burmese: sentences end without white space after them.
//!
//! Quotations and titles in marks that are part of a larger sentence stay together.

use super::Family;

/// Code and lexicon of each language.
pub(super) const LEXICONS: Family = &[
    ("ja", include_str!("../../data/lexicons/segment/ja.toml")),
    ("my", include_str!("../../data/lexicons/segment/my.toml")),
    ("zh", include_str!("../../data/lexicons/segment/zh.toml")),
];
