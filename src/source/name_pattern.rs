//! Metadata out of file names: `{country_iso}_{un_session}_{year}` reads `KEN_73_2018.txt`.

use std::sync::Arc;

use regex::Regex;

use crate::document::MetaValue;
use crate::error::{Error, ErrorKind, Result};

use super::format::without_extensions;
use super::record::Columns;

/// A compiled file-name pattern.
///
/// `{name}` takes what stands at its place into the column `name`, `{}` and `*` take anything and drop it. The
/// pattern is held against the whole file name without its extension, or against as many folders before it as
/// the pattern has slashes.
#[derive(Clone, Debug)]
pub(crate) struct NamePattern {
    regex: Regex,
    names: Arc<[String]>,
    slashes: usize,
}

impl NamePattern {
    /// Compiles `pattern`.
    ///
    /// # Errors
    ///
    /// When braces do not match, when a name is no plain word or stands twice, and when nothing is named.
    pub(crate) fn parse(pattern: &str) -> Result<Self> {
        let mut names: Vec<String> = Vec::new();
        let mut regex = String::from("^");
        let mut rest = pattern;
        while let Some(at) = rest.find(['{', '}', '*']) {
            regex.push_str(&regex::escape(&rest[..at]));
            let position = pattern.len() - rest.len() + at;
            rest = &rest[at..];
            if let Some(after) = rest.strip_prefix('*') {
                regex.push_str("[^/]*?");
                rest = after;
                continue;
            }
            let part = rest.strip_prefix('{').and_then(|inner| inner.split_once('}'));
            let Some((name, after)) = part else {
                return Err(bad(pattern, &format!("unmatched brace at character {position}")));
            };
            regex.push_str(&part_regex(name, &names).map_err(|cause| bad(pattern, &cause))?);
            names.extend((!name.is_empty()).then(|| name.to_owned()));
            rest = after;
        }
        regex.push_str(&regex::escape(rest));
        regex.push('$');
        if names.is_empty() {
            return Err(bad(pattern, "it has no named part"));
        }
        let regex = Regex::new(&regex).map_err(|error| bad(pattern, "").caused_by(error))?;
        Ok(Self { regex, names: names.into(), slashes: pattern.matches('/').count() })
    }

    /// The columns that `name`, a path below the input folder, holds; `None` where it does not fit the pattern.
    pub(crate) fn columns(&self, name: &str) -> Option<Columns> {
        let name = without_extensions(name);
        let start = name.rmatch_indices('/').nth(self.slashes).map_or(0, |(at, _)| at + 1);
        let found = self.regex.captures(&name[start..])?;
        let column = |name: &String| {
            let value = found.name(name).map_or("", |part| part.as_str());
            (name.clone(), MetaValue::Text(value.to_owned()))
        };
        Some(self.names.iter().map(column).collect())
    }
}

/// The expression for one part; some names tell what their values look like.
fn part_regex(name: &str, earlier: &[String]) -> Result<String, String> {
    if name.is_empty() {
        return Ok("[^/]*?".to_owned());
    }
    let word = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !word || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(format!("\"{name}\" is no name: use letters, digits and _ only"));
    }
    if earlier.iter().any(|other| other == name) {
        return Err(format!("\"{name}\" stands in it twice"));
    }
    let value = match name {
        "year" => r"[0-9]{4}",
        "month" | "day" => r"[0-9]{1,2}",
        "date" => r"[0-9]{4}(?:-?[0-9]{2}(?:-?[0-9]{2})?)?",
        // The Union speaks in the General Debate, too.
        "country_iso" => r"[A-Za-z]{3}|EU",
        "iso3" => r"[A-Za-z]{3}",
        "iso2" => r"[A-Za-z]{2}",
        "lang" => r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*",
        _ => r"[^/]+?",
    };
    Ok(format!("(?P<{name}>{value})"))
}

fn bad(pattern: &str, cause: &str) -> Error {
    let message = format!("bad file-name pattern \"{pattern}\": {cause}");
    Error::new(ErrorKind::Config, message)
        .hint("write it like {country_iso}_{un_session}_{year}, with * for what does not matter")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pattern: &str, name: &str) -> Option<Vec<(String, String)>> {
        let columns = NamePattern::parse(pattern).unwrap().columns(name)?;
        Some(columns.into_iter().map(|(name, value)| (name, value.to_string())).collect())
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn named_parts_are_read() {
        let pattern = "{country_iso}_{un_session}_{year}";
        let expected =
            Some(pairs(&[("country_iso", "KEN"), ("un_session", "73"), ("year", "2018")]));
        assert_eq!(read(pattern, "KEN_73_2018.txt"), expected);
        assert_eq!(read(pattern, "some/folder/KEN_73_2018.txt.gz"), expected);
        assert_eq!(read(pattern, "GD_KEN_73_2018.txt"), None);
        assert_eq!(read("*{country_iso}_{un_session}_{year}", "GD_KEN_73_2018.txt"), expected);
    }

    #[test]
    fn folders_count_where_the_pattern_has_slashes() {
        let expected = Some(pairs(&[("event", "plenary"), ("speaker", "tarn")]));
        assert_eq!(read("{event}/{speaker}", "2018/plenary/tarn.md"), expected);
        assert_eq!(read("{event}/{speaker}", "tarn.md"), None);
    }

    #[test]
    fn what_is_special_to_regular_expressions_is_literal() {
        let expected = Some(pairs(&[("speaker", "a")]));
        assert_eq!(read("x.(1+)[{speaker}]", "x.(1+)[a]"), expected);
        assert_eq!(read("x.{speaker}", "xya"), None);
    }

    #[test]
    fn mistakes_are_explained() {
        for (pattern, cause) in [
            ("{year", "unmatched brace at character 0"),
            ("a}b{year}", "unmatched brace at character 1"),
            ("{the year}", "is no name"),
            ("{1st}", "is no name"),
            ("{year}{year}", "twice"),
            ("speech", "no named part"),
        ] {
            let message = NamePattern::parse(pattern).unwrap_err().to_string();
            assert!(message.contains(cause), "{pattern}: {message}");
        }
    }
}
