//! The grammar of speaker labels: reads what stands before the colon at the start of a line.
//!
//! The grammar only says what *form* a label has. Whether the text is a transcript at all, and which weak
//! forms count in it, is decided on the evidence of the whole document (`transcript`).

use super::office::{
    ends_a_sentence, is_prose, is_verb_like, office, opens_like_prose, place_of_office,
};
use super::person;
use super::words::{BOUND_NAMES, HEADINGS, JOINERS, PARTICLES, ROLES, TITLES, VOICES, holds};
use crate::document::Span;

/// No label is longer; a bound keeps the scan linear on texts with one endless line.
const LONGEST_LABEL: usize = 260;
/// Words of the longest label.
const MOST_WORDS: usize = 26;

/// What a label looks like, from the surest to the vaguest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A form of address before a name: "MR. OKORO (Ruvania):".
    Titled,
    /// An office with a name: "President of Ruvania Aru Telnik:".
    Office,
    /// A question, an answer, a call from the floor: "Q:".
    Voice,
    /// An office alone: "THE MODERATOR:".
    Role,
    /// Two or more words in capitals: "MIRA SOLHEIM:".
    Capitals,
    /// Two to five capitalised words: "Mira Solheim:".
    Name,
    /// One capitalised word: "Solheim:".
    Single,
}

/// A label as the grammar reads it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Label {
    /// Where its line starts, before indentation, list marks and time stamps.
    pub(super) line: usize,
    /// From the first letter of the label through the colon and any closing markup.
    pub(super) span: Span,
    pub(super) form: Form,
    /// The person, without titles, capitals and spacing mended.
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) affiliation: Option<String>,
}

/// The words of a label, read without their place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) form: Form,
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) affiliation: Option<String>,
}

/// All labels that open a line of `text`, in order.
pub(super) fn scan(text: &str) -> Vec<Label> {
    let mut labels = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end =
            memchr::memchr(b'\n', &text.as_bytes()[start..]).map_or(text.len(), |n| start + n);
        labels.extend(label_of_line(text, start, end));
        start = end + 1;
    }
    labels
}

/// The label that opens the line `start..end`.
fn label_of_line(text: &str, start: usize, end: usize) -> Option<Label> {
    let line_start = start;
    let start = start + prefix_length(&text[start..end]);
    let line = head(&text[start..end]);
    let colon = outer_colon(line)?;
    let after = &line[colon.end..];
    let markup = after.len() - after.trim_start_matches(['*', '_']).len();
    let wide = colon.len() > 1;
    if !wide
        && !after[markup..].chars().next().is_none_or(|c| c.is_whitespace() || c.is_uppercase())
    {
        return None;
    }
    let body = line[..colon.start].trim_end_matches(['*', '_', ' ', '\u{a0}']);
    let reading = read(body)?;
    let tight = after[markup..].starts_with(char::is_uppercase);
    if tight && !matches!(reading.form, Form::Titled | Form::Office | Form::Name | Form::Voice) {
        return None;
    }
    let span = Span::new(start, start + colon.end + markup);
    let Reading { form, name, role, affiliation } = reading;
    Some(Label { line: line_start, span, form, name, role, affiliation })
}

/// The part of a line a label can stand in.
fn head(line: &str) -> &str {
    let mut end = line.len().min(LONGEST_LABEL);
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

/// Bytes before the label: indentation, quote and list marks, markdown, time stamps.
fn prefix_length(line: &str) -> usize {
    let line = head(line);
    let is_mark = |c: char| c.is_whitespace() || "*_#>-–—•\u{feff}".contains(c);
    let rest = line.trim_start_matches(is_mark);
    let stamp = time_stamp(rest);
    let rest = rest[stamp..].trim_start_matches(is_mark);
    let rest = rest[paragraph_number(rest)..].trim_start_matches(is_mark);
    line.len() - rest.len()
}

/// The length of a paragraph number, "12. ", as in records of meetings.
fn paragraph_number(line: &str) -> usize {
    let digits = line.len() - line.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if (1..=3).contains(&digits) && line[digits..].starts_with(". ") { digits + 2 } else { 0 }
}

/// The length of a time stamp such as `[00:12:30]` or `12:30` at the start of `line`, else 0.
fn time_stamp(line: &str) -> usize {
    let is_stamp = |c: char| c.is_ascii_digit() || ":.,[]()".contains(c);
    let length = line.len() - line.trim_start_matches(is_stamp).len();
    let stamp = &line[..length];
    let follows_space = line[length..].starts_with(char::is_whitespace);
    if follows_space && stamp.contains(':') && stamp.starts_with(['[', '(', '0', '1', '2']) {
        length
    } else {
        0
    }
}

/// The first colon outside brackets, ASCII or full-width.
fn outer_colon(line: &str) -> Option<std::ops::Range<usize>> {
    let mut depth = 0usize;
    for (at, c) in line.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ':' | '：' if depth == 0 => return Some(at..at + c.len_utf8()),
            '!' | '?' | ';' | '|' | '{' | '=' | '@' | '%' | '$' | '"' | '“' | '«' => {
                return None;
            }
            _ => {}
        }
    }
    None
}

/// Reads the words of a label: those of a speaker, or `None`.
pub(super) fn read(body: &str) -> Option<Reading> {
    let (core, notes) = split_brackets(body)?;
    let words: Vec<&str> = core.split_whitespace().collect();
    if words.is_empty() || words.len() > MOST_WORDS {
        return None;
    }
    if words.iter().any(|word| is_verb_like(word)) {
        return None;
    }
    let words = without_hover_card(&words);
    let mut reading =
        voice(words).or_else(|| titled(words)).or_else(|| office(words)).or_else(|| bare(words))?;
    if let Some(place) = notes.iter().find(|note| is_affiliation(note)) {
        reading.affiliation = Some((*place).to_owned());
    }
    Some(reading)
}

/// The words outside brackets, and the contents of the brackets.
fn split_brackets(body: &str) -> Option<(String, Vec<&str>)> {
    let mut core = String::new();
    let mut notes = Vec::new();
    let mut rest = body;
    while let Some(open) = rest.find(['(', '[']) {
        let close = open + rest[open..].find([')', ']'])?;
        core.push_str(&rest[..open]);
        notes.push(rest[open + 1..close].trim());
        rest = &rest[close + 1..];
        if !rest.trim().is_empty() {
            core.truncate(core.trim_end().len());
            core.push(',');
        }
    }
    core.push_str(rest);
    Some((core, notes))
}

/// Whether a bracket beside a name holds a state or a body rather than a remark on the delivery.
fn is_affiliation(note: &str) -> bool {
    const REMARKS: [&str; 9] = [
        "spoke",
        "interpretation",
        "translat",
        "continu",
        "video",
        "audio",
        "mic",
        "speak",
        "original",
    ];
    let lower = note.to_lowercase();
    note.starts_with(char::is_uppercase) && !REMARKS.iter().any(|remark| lower.contains(remark))
}

/// Cuts the hover card that web pages glue behind a linked name: `Ada Okoro Okoro AdaMinister` → `Ada Okoro`.
fn without_hover_card<'w, 'a>(words: &'w [&'a str]) -> &'w [&'a str] {
    let met =
        |until: usize, word: &str| words[..until].iter().any(|other| lower(other) == lower(word));
    let opens_card = |at: &usize| {
        let Some(given) = words.get(at + 1) else { return false };
        let given = &given[..glued(given).unwrap_or(given.len())];
        let doubled = lower(words[*at]) == lower(words[at - 1]);
        let is_glued = given.len() < words[at + 1].len();
        (doubled || is_glued)
            && is_name_word(words[*at])
            && (doubled && is_glued || met(*at, given))
    };
    (1..words.len()).find(opens_card).map_or(words, |at| &words[..at])
}

/// Where a capital follows a small letter inside a word: `Ada|Minister`, but not `Mc|Kay`.
fn glued(word: &str) -> Option<usize> {
    let mut before = None;
    word.char_indices().find_map(|(at, c)| {
        let joint = c.is_uppercase() && before.is_some_and(char::is_lowercase) && at > 1;
        before = Some(c);
        joint.then_some(at)
    })
}

pub(super) fn lower(word: &str) -> String {
    word.trim_end_matches([',', '.']).replace('’', "'").to_lowercase()
}

/// "Q", "Question 3", "Unidentified speaker", "From the audience", "Speaker 2".
fn voice(words: &[&str]) -> Option<Reading> {
    let numbered =
        words.len() > 1 && words[words.len() - 1].trim_start_matches('#').parse::<u32>().is_ok();
    let core = if numbered { &words[..words.len() - 1] } else { words };
    let known =
        |word: &&str| holds(VOICES, &lower(word)) || lower(word) == "the" || lower(word) == "an";
    if core.len() > 6 || !core.iter().all(known) || words[0].starts_with(char::is_lowercase) {
        return None;
    }
    let small = ["from", "in", "of", "and", "the", "an", "&"];
    if core.iter().all(|word| small.contains(&lower(word).as_str())) {
        return None;
    }
    Some(Reading { form: Form::Voice, name: None, role: Some(words.join(" ")), affiliation: None })
}

/// "Mr. Okoro", "Dr. Mira Solheim, envoy of Ruvania". A title before an office alone is a salutation.
fn titled(words: &[&str]) -> Option<Reading> {
    let titles = words
        .iter()
        .take_while(|word| holds(TITLES, &lower(word)) && is_title_shaped(word))
        .count();
    let (name, rest) = split_at_comma(&words[titles..]);
    if titles == 0 || name.is_empty() {
        return None;
    }
    let offices = name.iter().take_while(|word| holds(ROLES, &lower(word))).count();
    let name = &name[offices..];
    if !is_name(name, 6) || name.iter().any(|word| holds(ROLES, &lower(word))) {
        return None;
    }
    if rest.len() > 14 || rest.iter().any(|word| is_prose(word)) {
        return None;
    }
    let role = (!rest.is_empty()).then(|| rest.join(" "));
    let affiliation = role.as_deref().and_then(place_of_office);
    Some(Reading { form: Form::Titled, name: Some(person::tidy(name)), role, affiliation })
}

fn is_title_shaped(word: &str) -> bool {
    word.starts_with(char::is_uppercase) || word.ends_with('.')
}

/// The words before the first comma, and those after it.
pub(super) fn split_at_comma<'w, 'a>(words: &'w [&'a str]) -> (&'w [&'a str], &'w [&'a str]) {
    match words.iter().position(|word| word.ends_with(',')) {
        Some(at) => (&words[..=at], &words[at + 1..]),
        None => (words, &[]),
    }
}

/// "MIRA SOLHEIM", "Mira Solheim", "Solheim", with what follows a comma as the affiliation.
fn bare(words: &[&str]) -> Option<Reading> {
    let (name, behind) = split_at_comma(words);
    let is_other = |word: &str| holds(HEADINGS, word) || holds(ROLES, word) || holds(TITLES, word);
    let heading = words.iter().any(|word| is_other(&lower(word)) || is_prose(word));
    if heading || opens_like_prose(words[0]) || !is_name(name, 5) || behind.len() > 6 {
        return None;
    }
    let proper = |word: &&str| word.starts_with(char::is_uppercase) || holds(JOINERS, &lower(word));
    if !behind.iter().all(proper) || (!behind.is_empty() && name.len() == 1) {
        return None;
    }
    let capitals =
        name.iter().all(|word| is_capitals(word)) && name.iter().any(|word| word.len() > 2);
    let form = match name.len() {
        1 => Form::Single,
        _ if capitals => Form::Capitals,
        _ => Form::Name,
    };
    let affiliation = (!behind.is_empty()).then(|| behind.join(" "));
    Some(Reading { form, name: Some(person::tidy(name)), role: None, affiliation })
}

/// Whether the words can be a person's name of at most `most` words.
pub(super) fn is_name(words: &[&str], most: usize) -> bool {
    let proper = words.iter().filter(|word| is_name_word(word)).count();
    let allowed = |word: &&str| is_name_word(word) || holds(PARTICLES, &lower(word));
    proper > 0
        && words.len() <= most
        && words.iter().all(allowed)
        && is_name_word_or_particle(words[0])
}

fn is_name_word_or_particle(word: &str) -> bool {
    is_name_word(word) || holds(PARTICLES, &lower(word))
}

/// A capitalised word of letters, hyphens, apostrophes and stops: "Okoro", "O'Dell", "el-Amin", "J.".
pub(super) fn is_name_word(word: &str) -> bool {
    let word = word.trim_end_matches(',');
    let bound = word.split_once('-').is_some_and(|(first, rest)| {
        holds(PARTICLES, first) && rest.starts_with(char::is_uppercase)
    });
    let elided = word
        .split_once(['\'', '’'])
        .is_some_and(|(first, rest)| first.len() == 1 && rest.starts_with(char::is_uppercase));
    let letters = word
        .chars()
        .all(|c| c.is_alphabetic() || "-'’.\u{2010}\u{2011}\u{ad}".contains(c) || is_mark(c));
    let cased =
        word.starts_with(|c: char| c.is_uppercase() || (c.is_alphabetic() && !c.is_lowercase()));
    let possessive = word.ends_with("'s") || word.ends_with("’s");
    letters && (cased || bound || elided) && !possessive && !ends_a_sentence(word)
}

/// A combining mark: decomposed text writes "é" as two characters.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn is_capitals(word: &str) -> bool {
    let small = |c: char| c.is_lowercase();
    let gaelic = word.strip_prefix("Mc").or_else(|| word.strip_prefix("Mac"));
    let word = gaelic.unwrap_or(word);
    !word.contains(small) && word.contains(char::is_uppercase) || holds(PARTICLES, word)
}

/// Whether a word of a name binds to the one before it.
pub(super) fn is_bound(word: &str) -> bool {
    holds(PARTICLES, &lower(word)) || holds(BOUND_NAMES, &lower(word))
}
