//! HTML pages: the content as paragraphs, title, author and date as metadata.
//!
//! Works on the tokens of a WHATWG tokenizer and builds no tree. Tree construction is what makes HTML
//! parsers slow on hostile pages (it copies unclosed formatting elements into every paragraph); telling content
//! from navigation needs only to know which few elements are open.

use html5gum::emitters::default::{DefaultEmitter, StartTag, Token};
use html5gum::{HtmlString, Tokenizer};

use crate::error::Result;

use super::encoding;
use super::html_blocks::{Blocks, Region};
use super::record::{Columns, Record, text_column};

/// Elements that are never content.
const SKIPPED: [&str; 22] = [
    "nav", "header", "footer", "script", "style", "aside", "form", "noscript", "template", "svg",
    "math", "iframe", "object", "select", "button", "textarea", "canvas", "audio", "video",
    "dialog", "menu", "noembed",
];
/// Elements that start and end a paragraph.
const BLOCKS: [&str; 41] = [
    "address",
    "article",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "hgroup",
    "hr",
    "html",
    "legend",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];
/// Elements whose `class`, `id` or `role` is asked whether they are content; all of them need an end tag.
const ASKED: [&str; 7] = ["div", "section", "ul", "ol", "table", "dl", "figure"];
/// Words of `class` and `id` that mark what is not content.
const NOISE: [&str; 34] = [
    "ad",
    "ads",
    "advert",
    "advertisement",
    "banner",
    "breadcrumb",
    "breadcrumbs",
    "comments",
    "cookie",
    "cookies",
    "cookie-banner",
    "footer",
    "header",
    "menu",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "pagination",
    "promo",
    "related",
    "related-posts",
    "share",
    "sharing",
    "sidebar",
    "site-footer",
    "site-header",
    "skip-link",
    "social",
    "social-share",
    "subscribe",
    "toc",
    "toolbar",
    "widget",
];
const NOISE_ROLES: [&str; 8] =
    ["navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu", "menubar"];
const AUTHOR: [&str; 6] =
    ["author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "byl"];
const DATE: [&str; 9] = [
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dcterms.date",
    "dcterms.created",
    "pubdate",
    "publish-date",
    "parsely-pub-date",
];

/// The record of an HTML page.
pub(crate) fn read(bytes: Vec<u8>) -> Result<Record> {
    let declared = declared_encoding(&bytes);
    let (html, notes) = encoding::decode(bytes, declared.as_deref())?;
    let mut page = Page::read(&html, true);
    if page.skip.is_some() {
        // A navigation that never ends would swallow the page: take everything then.
        page = Page::read(&html, false);
    }
    let properties = page.properties();
    Ok(Record { text: page.blocks.into_text(), properties, notes, ..Record::default() })
}

/// An element that is being skipped, and how many of its name are open.
struct Skip {
    name: HtmlString,
    depth: usize,
}

/// What has been gathered so far.
struct Page {
    choosy: bool,
    blocks: Blocks,
    skip: Option<Skip>,
    mains: usize,
    articles: usize,
    title: Option<String>,
    in_title: bool,
    superscript: Option<usize>,
    meta: Vec<(String, String)>,
    lang: Option<String>,
    time: Option<String>,
}

impl Page {
    fn read(html: &str, choosy: bool) -> Self {
        let mut page = Self {
            choosy,
            blocks: Blocks::default(),
            skip: None,
            mains: 0,
            articles: 0,
            title: None,
            in_title: false,
            superscript: None,
            meta: Vec::new(),
            lang: None,
            time: None,
        };
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(html, emitter) {
            page.take(&token);
        }
        page
    }

    fn take(&mut self, token: &Token) {
        match token {
            Token::StartTag(tag) => self.start(tag),
            Token::EndTag(tag) => self.end(&tag.name),
            Token::String(text) if self.skip.is_none() => {
                let text = String::from_utf8_lossy(text);
                if self.in_title {
                    self.title.get_or_insert_default().push_str(&text);
                } else {
                    self.blocks.push(&text);
                }
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: &StartTag<()>) {
        if let Some(skip) = &mut self.skip {
            skip.depth += usize::from(skip.name == tag.name);
            return;
        }
        let name = std::str::from_utf8(&tag.name).unwrap_or_default();
        if self.is_noise(name, tag) {
            self.skip = Some(Skip { name: tag.name.clone(), depth: 1 });
            return;
        }
        if BLOCKS.contains(&name) {
            self.blocks.end();
        }
        match name {
            "title" => self.in_title = self.title.is_none(),
            "br" => self.blocks.line_break(),
            "a" => self.blocks.in_link = attribute(tag, "href").is_some(),
            "pre" => self.blocks.preformatted = true,
            "q" => self.blocks.push("“"),
            "sup" => self.superscript = Some(self.blocks.position()),
            "main" => self.mains += 1,
            "article" => self.articles += 1,
            "html" => self.lang = self.lang.take().or_else(|| attribute(tag, "lang")),
            "time" => self.time = self.time.take().or_else(|| attribute(tag, "datetime")),
            "meta" | "link" => self.remember(tag),
            _ => {}
        }
        self.locate();
    }

    fn end(&mut self, tag: &HtmlString) {
        if let Some(skip) = &mut self.skip {
            skip.depth -= usize::from(skip.name == *tag);
            if skip.depth == 0 {
                self.skip = None;
                self.blocks.push(" ");
            }
            return;
        }
        let name = std::str::from_utf8(tag).unwrap_or_default();
        if BLOCKS.contains(&name) {
            self.blocks.end();
        }
        match name {
            "title" => self.in_title = false,
            "a" => self.blocks.in_link = false,
            "pre" => self.blocks.preformatted = false,
            "q" => self.blocks.push("”"),
            "sup" => {
                if let Some(start) = self.superscript.take() {
                    self.blocks.cut_reference(start);
                }
            }
            "main" => self.mains = self.mains.saturating_sub(1),
            "article" => self.articles = self.articles.saturating_sub(1),
            _ => {}
        }
        self.locate();
    }

    fn locate(&mut self) {
        self.blocks.region = match (self.mains, self.articles) {
            (1.., _) => Region::Main,
            (0, 1..) => Region::Article,
            (0, 0) => Region::Body,
        };
    }

    fn is_noise(&self, name: &str, tag: &StartTag<()>) -> bool {
        if tag.self_closing && name != "script" {
            return false;
        }
        let raw = matches!(name, "script" | "style" | "textarea" | "noscript" | "iframe");
        if SKIPPED.contains(&name) {
            return self.choosy || raw;
        }
        if !self.choosy || !ASKED.contains(&name) {
            return false;
        }
        let listed = |key: &str, list: &[&str]| {
            attribute(tag, key).is_some_and(|value| {
                value
                    .split_ascii_whitespace()
                    .any(|word| list.contains(&word.to_ascii_lowercase().as_str()))
            })
        };
        let hidden = attribute(tag, "hidden").is_some()
            || attribute(tag, "aria-hidden").is_some_and(|value| value == "true");
        hidden || listed("class", &NOISE) || listed("id", &NOISE) || listed("role", &NOISE_ROLES)
    }

    fn remember(&mut self, tag: &StartTag<()>) {
        let key =
            ["name", "property", "itemprop", "rel"].iter().find_map(|key| attribute(tag, key));
        let value = attribute(tag, "content").or_else(|| attribute(tag, "href"));
        if let (Some(key), Some(value)) = (key, value) {
            self.meta.push((key.to_ascii_lowercase(), value));
        }
    }

    fn properties(&self) -> Columns {
        let meta = |names: &[&str]| {
            let named =
                |name: &&str| self.meta.iter().find(|(key, _)| key == name).map(|(_, v)| v.clone());
            names.iter().find_map(named)
        };
        let author = meta(&AUTHOR).filter(|author| !author.starts_with("http"));
        let title = meta(&["og:title", "dc.title", "dcterms.title"]).or_else(|| self.title.clone());
        let title = title.map(|title| title.split_whitespace().collect::<Vec<_>>().join(" "));
        let found = [
            ("title", title),
            ("author", author),
            ("date", meta(&DATE).or_else(|| self.time.clone())),
            ("lang", self.lang.clone()),
            ("url", meta(&["canonical", "og:url"])),
        ];
        found.into_iter().filter_map(|(name, value)| text_column(name, value?)).collect()
    }
}

fn attribute(tag: &StartTag<()>, name: &str) -> Option<String> {
    let value = tag.attributes.get(name.as_bytes())?;
    Some(String::from_utf8_lossy(value).into_owned())
}

/// The label behind `charset=` or `encoding=` near the start of the file.
pub(crate) fn declared_encoding(bytes: &[u8]) -> Option<String> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]).to_ascii_lowercase();
    let after = |key: &str| head.find(key).map(|at| &head[at + key.len()..]);
    let rest = after("encoding=").filter(|_| head.trim_start().starts_with("<?xml"));
    let rest = rest.or_else(|| after("charset="))?.trim_start_matches(['"', '\'', ' ']);
    let label = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    let end = rest.find(|c| !label(c)).unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

#[cfg(test)]
#[path = "tests/html.rs"]
mod tests;
