//! From named columns to [`Metadata`]: which names are known, and what becomes of the others.

use std::collections::HashSet;

use crate::document::{MetaValue, Metadata};

use super::record::Columns;
use super::{country, dates, language};

/// Columns that hold the text, in order of preference.
const TEXT: [&str; 8] =
    ["text", "body", "content", "speech", "full_text", "fulltext", "speechtext", "transcript"];
/// Columns that identify a document, in order of preference.
const ID: [&str; 2] = ["doc_id", "id"];
const ACTOR: [&str; 3] = ["actor", "speaker", "author"];
const DATE: [&str; 4] = ["date", "speech_date", "publication_date", "published"];
const LANG: [&str; 2] = ["lang", "language"];
/// Columns that tell the country, the most explicit first.
const COUNTRY: [&str; 9] =
    ["country_iso", "iso3", "iso_3", "iso3c", "country_code", "iso2", "iso_2", "iso2c", "country"];
/// Columns of the output that the input's columns of the same name end up in.
const OWN: [&str; 8] =
    ["doc_id", "title", "actor", "actor_type", "country_iso", "date", "event", "lang"];
/// Columns of the output that are computed: the input's columns of that name are kept as `input_<name>`.
const COMPUTED: [&str; 5] = ["path", "actor_id", "n_chars", "n_sentences", "sha256"];

/// Whether `name` is one of the usual names of the text column.
pub(crate) fn is_text_name(name: &str) -> bool {
    TEXT.contains(&folded(name).as_str())
}

/// The position of the text column: the one asked for, or the first of the usual names.
pub(crate) fn text_position<'a>(
    mut names: impl Iterator<Item = &'a str> + Clone,
    asked: Option<&str>,
) -> Option<usize> {
    match asked {
        Some(asked) => names.position(|name| name == asked),
        None => TEXT.iter().find_map(|text| names.clone().position(|name| folded(name) == *text)),
    }
}

/// The document's identifier among `columns`: the column asked for, or the first of the usual names.
pub(crate) fn identifier(columns: &Columns, asked: Option<&str>) -> Option<String> {
    let value = match asked {
        Some(asked) => columns.iter().find(|(name, _)| name == asked).map(|(_, value)| value),
        None => ID.iter().find_map(|id| find(columns, id)),
    };
    value.map(|value| value.to_string().trim().to_owned()).filter(|id| !id.is_empty())
}

/// The value of the column that is `name` but for case and separators.
pub(crate) fn find<'a>(columns: &'a Columns, name: &str) -> Option<&'a MetaValue> {
    columns.iter().find(|(column, _)| folded(column) == name).map(|(_, value)| value)
}

/// Sorts `columns` into the named fields and the rest. Where a name is given twice, the first one counts.
pub(crate) fn metadata(columns: &Columns, notes: &mut Vec<String>) -> Metadata {
    let first = |names: &[&str]| names.iter().find_map(|name| present(columns, name));
    Metadata {
        title: first(&["title"]),
        actor: first(&ACTOR),
        actor_type: first(&["actor_type"]),
        country_iso: country_iso(columns, notes),
        date: first(&DATE).map(|date| dates::normalise(&date)).or_else(|| date_of_parts(columns)),
        event: first(&["event"]),
        lang: first(&LANG).map(|lang| language::normalise(&lang)),
        extra: extra(columns),
    }
}

fn extra(columns: &Columns) -> indexmap::IndexMap<String, MetaValue> {
    let mut extra = indexmap::IndexMap::new();
    let mut own = HashSet::new();
    for (name, value) in columns {
        let folded = folded(name);
        if OWN.contains(&folded.as_str()) && own.insert(folded.clone()) {
            if folded == "country_iso" && country::alpha3(&value.to_string()).is_none() {
                extra.insert("input_country_iso".to_owned(), value.clone());
            }
            continue;
        }
        let clashes = COMPUTED.contains(&name.as_str()) || OWN.contains(&name.as_str());
        let key = if clashes { format!("input_{name}") } else { name.clone() };
        extra.entry(key).or_insert_with(|| value.clone());
    }
    extra
}

fn country_iso(columns: &Columns, notes: &mut Vec<String>) -> Option<String> {
    let given = COUNTRY.iter().filter_map(|name| Some((name, find(columns, name)?.to_string())));
    let mut unknown = None;
    for (name, value) in given {
        if let Some(code) = country::alpha3(&value) {
            return Some(code);
        }
        if !is_missing(&value) && *name != "country" {
            unknown.get_or_insert((name, value));
        }
    }
    let (name, value) = unknown?;
    notes.push(format!("{name} \"{value}\" is no ISO 3166-1 code: country_iso left empty"));
    None
}

/// `year`, with `month` and `day` where they are given.
fn date_of_parts(columns: &Columns) -> Option<String> {
    let number = |name| find(columns, name)?.to_string().trim().parse::<i16>().ok();
    let year = number("year").filter(|year| (1000..=2999).contains(year))?;
    let month = number("month").filter(|month| (1..=12).contains(month));
    let day = number("day").filter(|day| (1..=31).contains(day));
    let given = match (month, day) {
        (Some(month), Some(day)) => format!("{year:04}-{month:02}-{day:02}"),
        (Some(month), None) => format!("{year:04}-{month:02}"),
        (None, _) => format!("{year:04}"),
    };
    Some(dates::normalise(&given))
}

fn present(columns: &Columns, name: &str) -> Option<String> {
    let value = find(columns, name)?.to_string();
    (!is_missing(&value)).then(|| value.trim().to_owned())
}

/// What statistics programs write for a missing value.
fn is_missing(value: &str) -> bool {
    matches!(value.trim(), "" | "NA" | "N/A" | "NaN" | "nan" | "None" | "null" | "NULL")
}

/// The name in lower case with `_` for spaces, dots and hyphens: `Actor Type` is `actor_type`.
fn folded(name: &str) -> String {
    let fold = |c: char| if matches!(c, ' ' | '.' | '-') { '_' } else { c.to_ascii_lowercase() };
    name.trim().chars().map(fold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(pairs: &[(&str, &str)]) -> Columns {
        let value = |text: &str| MetaValue::Text(text.to_owned());
        pairs.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect()
    }

    #[test]
    fn known_columns_become_fields_and_all_others_are_kept() {
        let mut notes = Vec::new();
        let input = columns(&[
            ("doc_id", "a"),
            ("Title", "On cables"),
            ("speaker", "Ms. Odile Tarn"),
            ("country", "Kenya"),
            ("date", "25 September 2018"),
            ("language", "English"),
            ("session", "73"),
            ("sha256", "abc"),
        ]);
        let meta = metadata(&input, &mut notes);
        assert_eq!(meta.title.as_deref(), Some("On cables"));
        assert_eq!(meta.actor.as_deref(), Some("Ms. Odile Tarn"));
        assert_eq!(meta.country_iso.as_deref(), Some("KEN"));
        assert_eq!(meta.date.as_deref(), Some("2018-09-25"));
        assert_eq!(meta.lang.as_deref(), Some("en"));
        let kept: Vec<&str> = meta.extra.keys().map(String::as_str).collect();
        assert_eq!(kept, ["speaker", "country", "language", "session", "input_sha256"]);
        assert!(notes.is_empty());
    }

    #[test]
    fn an_actor_wins_over_a_speaker_and_the_first_of_two_over_the_second() {
        let mut notes = Vec::new();
        let input = columns(&[("speaker", "Tarn"), ("actor", "Ruvania"), ("Actor", "Other")]);
        let meta = metadata(&input, &mut notes);
        assert_eq!(meta.actor.as_deref(), Some("Ruvania"));
        assert_eq!(meta.extra["Actor"], MetaValue::Text("Other".into()));
    }

    #[test]
    fn dates_are_put_together_from_their_parts() {
        let date = |pairs: &[(&str, &str)]| metadata(&columns(pairs), &mut Vec::new()).date;
        assert_eq!(date(&[("year", "2018")]).as_deref(), Some("2018"));
        assert_eq!(date(&[("year", "2018"), ("month", "9")]).as_deref(), Some("2018-09"));
        let full = [("year", "2018"), ("month", "9"), ("day", "5")];
        assert_eq!(date(&full).as_deref(), Some("2018-09-05"));
        assert_eq!(date(&[("year", "73")]), None);
        assert_eq!(date(&[("date", "NA"), ("year", "2018")]).as_deref(), Some("2018"));
    }

    #[test]
    fn an_unknown_country_code_is_kept_aside_and_noted() {
        let mut notes = Vec::new();
        let meta = metadata(&columns(&[("country_iso", "Atlantis")]), &mut notes);
        assert_eq!(meta.country_iso, None);
        assert_eq!(meta.extra["input_country_iso"], MetaValue::Text("Atlantis".into()));
        assert_eq!(notes.len(), 1);
    }

    #[test]
    fn identifiers_and_text_columns_are_found() {
        let table = columns(&[("id", "7"), ("doc_id", "d7"), ("code", "x")]);
        assert_eq!(identifier(&table, None).as_deref(), Some("d7"));
        assert_eq!(identifier(&table, Some("code")).as_deref(), Some("x"));
        assert_eq!(identifier(&table, Some("none")), None);
        let names = ["id", "Speech", "text"];
        assert_eq!(text_position(names.into_iter(), None), Some(2));
        assert_eq!(text_position(names.into_iter(), Some("Speech")), Some(1));
        assert_eq!(text_position(["a"].into_iter(), None), None);
    }
}
