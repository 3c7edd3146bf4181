//! The `teiHeader`: title, date, meeting and country of a transcript.

use quick_xml::events::BytesStart;

use super::record::{Columns, text_column};
use super::xml;

/// What has been read of a header.
#[derive(Debug, Default)]
pub(crate) struct Header {
    path: Vec<String>,
    title: String,
    titled: bool,
    meetings: Vec<String>,
    /// Dates of the setting, of the source, and of publication.
    dates: [Option<String>; 3],
    country: Option<String>,
}

impl Header {
    pub(crate) fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name();
        match name.as_ref() {
            "date" => self.date(tag),
            "meeting" => self.meetings.push(String::new()),
            "name" if xml::attribute(tag, "type").as_deref() == Some("country") => {
                self.country = self.country.take().or_else(|| xml::attribute(tag, "key"));
            }
            _ => {}
        }
        self.path.push(name.as_ref().to_owned());
    }

    pub(crate) fn end(&mut self, name: &str) {
        // End tags may be missing or misplaced in broken files; the path then ends at the nearest match.
        if let Some(at) = self.path.iter().rposition(|open| open == name) {
            self.titled |=
                name == "title" && self.within("titleStmt") && !self.title.trim().is_empty();
            self.path.truncate(at);
        }
    }

    pub(crate) fn push(&mut self, text: &str) {
        match self.path.last().map(String::as_str) {
            Some("title") if !self.titled && self.within("titleStmt") => self.title.push_str(text),
            Some("meeting") => {
                if let Some(name) = self.meetings.last_mut() {
                    name.push_str(text);
                }
            }
            _ => {}
        }
    }

    /// The header as columns.
    pub(crate) fn properties(&self) -> Columns {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let meetings: Vec<String> =
            self.meetings.iter().map(|name| words(name)).filter(|name| !name.is_empty()).collect();
        let date = self.dates.iter().flatten().next().cloned();
        let found = [
            ("title", Some(words(&self.title))),
            ("date", date),
            ("event", Some(meetings.join("; "))),
            ("country_iso", self.country.clone()),
        ];
        found.into_iter().filter_map(|(name, value)| text_column(name, value?)).collect()
    }

    fn date(&mut self, tag: &BytesStart<'_>) {
        let rank = match () {
            () if self.within("setting") => 0,
            () if self.within("sourceDesc") => 1,
            () if self.within("publicationStmt") => 2,
            () => return,
        };
        let when = ["when", "from", "notBefore"].iter().find_map(|key| xml::attribute(tag, key));
        self.dates[rank] = self.dates[rank].take().or(when);
    }

    fn within(&self, name: &str) -> bool {
        self.path.iter().any(|open| open == name)
    }
}
