//! Names of the people that a TEI `who` points to.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use quick_xml::events::Event;

use super::xml;

/// Names by `xml:id`.
pub(crate) type Names = HashMap<String, String>;

/// Lists of people that lie beside the transcripts of a corpus, each read once.
///
/// ParlaMint keeps them in `ParlaMint-XX-listPerson.xml`, in the folder of the transcript or the one above.
#[derive(Debug, Default)]
pub(crate) struct People {
    folders: Mutex<HashMap<PathBuf, Arc<Names>>>,
}

/// A longer list of people is no list of people.
const LONGEST_LIST: u64 = 256 << 20;

impl People {
    /// The people listed beside the file at `path`.
    pub(crate) fn beside(&self, path: &Path) -> Arc<Names> {
        let Some(folder) = path.parent() else { return Arc::default() };
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        let names = folders.entry(folder.to_owned()).or_insert_with(|| {
            let above = folder.parent().filter(|above| !above.as_os_str().is_empty());
            let lists = above.into_iter().chain([folder]).flat_map(lists_in);
            Arc::new(
                lists
                    .filter_map(|list| fs_err::read_to_string(list).ok())
                    .flat_map(|xml| names(&xml))
                    .collect(),
            )
        });
        Arc::clone(names)
    }
}

/// The files in `folder` that list people.
fn lists_in(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs_err::read_dir(folder) else { return Vec::new() };
    let is_list = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.contains("listPerson") && name.ends_with(".xml")
    };
    let small =
        |path: &PathBuf| fs_err::metadata(path).is_ok_and(|facts| facts.len() < LONGEST_LIST);
    let mut lists: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(is_list).filter(small).collect();
    lists.sort();
    lists
}

/// All `<person xml:id>` of `xml` with their first `<persName>`. Stops silently where the XML breaks.
pub(crate) fn names(xml: &str) -> Names {
    let mut reader = xml::reader(xml);
    let mut names = Names::new();
    let mut person: Option<String> = None;
    // Inside the first name of a person: its parts so far.
    let mut parts: Option<Vec<String>> = None;
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) => match tag.local_name().as_ref() {
                "person" => person = xml::attribute(&tag, "xml:id"),
                "persName" if person.is_some() => parts = Some(Vec::new()),
                _ => {}
            },
            Event::Text(text) => {
                if let Some(parts) = &mut parts {
                    parts.push(text.xml10_content().into_owned());
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(parts) = &mut parts {
                    parts.push(xml::reference(&reference));
                }
            }
            Event::End(tag) if tag.local_name().as_ref() == "persName" => {
                let name = parts.take().map(|parts| words(&parts.join(" "))).unwrap_or_default();
                if let Some(id) = person.take().filter(|_| !name.is_empty()) {
                    names.entry(id).or_insert(name);
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    names
}

/// The name behind a `who`: from the list, or the identifier made readable (`#TarnOdile` is `Tarn Odile`).
pub(crate) fn name_of(who: &str, lists: &[&Names]) -> Option<String> {
    let first = who.split_whitespace().next()?;
    let id = first.rsplit('#').next().filter(|id| !id.is_empty())?;
    let listed = lists.iter().find_map(|names| names.get(id).cloned());
    listed.or_else(|| Some(readable(id))).filter(|name| !name.is_empty())
}

fn readable(id: &str) -> String {
    let id = id.strip_prefix("spk").or_else(|| id.strip_prefix("person")).unwrap_or(id);
    let mut name = String::new();
    let mut after_small = false;
    for c in id.chars() {
        if after_small && c.is_uppercase() {
            name.push(' ');
        }
        after_small = c.is_lowercase();
        name.push(if matches!(c, '_' | '.' | ':') { ' ' } else { c });
    }
    words(&name)
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "<listPerson><person xml:id='TarnOdile'>\
        <persName><forename>Odile</forename> <surname>Tarn</surname></persName>\
        <persName from='2020'><surname>Other</surname></persName></person>\
        <person xml:id='x'><persName> Ana &amp; Bo </persName></person><person xml:id='y'/></listPerson>";

    #[test]
    fn names_are_put_together_from_their_parts() {
        let names = names(LIST);
        assert_eq!(names["TarnOdile"], "Odile Tarn");
        assert_eq!(names["x"], "Ana & Bo");
        assert_eq!(names.len(), 2);
    }

    #[test]
    fn identifiers_become_names() {
        let names = names(LIST);
        let name = |who: &str| name_of(who, &[&names]);
        assert_eq!(name("#TarnOdile").as_deref(), Some("Odile Tarn"));
        assert_eq!(name("people.xml#TarnOdile #x").as_deref(), Some("Odile Tarn"));
        assert_eq!(name("#ŠarnMarja").as_deref(), Some("Šarn Marja"));
        assert_eq!(name("spk_Ada_Bell").as_deref(), Some("Ada Bell"));
        assert_eq!(name("#"), None);
        assert_eq!(name(""), None);
    }

    #[test]
    fn lists_beside_and_above_are_found() {
        let root = tempfile::tempdir().unwrap();
        let year = root.path().join("2020");
        fs_err::create_dir(&year).unwrap();
        fs_err::write(root.path().join("Test-listPerson.xml"), LIST).unwrap();
        let people = People::default();
        assert_eq!(people.beside(&year.join("session.xml"))["TarnOdile"], "Odile Tarn");
    }
}
