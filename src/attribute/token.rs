//! Tokens of a stretch of text: words with what the lexicon knows of them, marks, whole quotations.

use super::lexicon::{Lexicon, Word};
use super::quotation::Quotation;
use crate::document::Span;

/// Closed word classes, as bits.
pub(super) mod class {
    pub(crate) const AUX: u16 = 1;
    pub(crate) const ADVERB: u16 = 1 << 1;
    pub(crate) const PREP: u16 = 1 << 2;
    pub(crate) const DET: u16 = 1 << 3;
    pub(crate) const PRONOUN: u16 = 1 << 4;
    pub(crate) const CONJ: u16 = 1 << 5;
    pub(crate) const SUBORD: u16 = 1 << 6;
    pub(crate) const TIME: u16 = 1 << 7;
    pub(crate) const FIRST: u16 = 1 << 8;
    pub(crate) const CUE_NOUN: u16 = 1 << 9;
    pub(crate) const BE: u16 = 1 << 10;
    pub(crate) const OBJECT: u16 = 1 << 11;
    pub(crate) const VERB: u16 = 1 << 12;
    pub(crate) const RELATIVE: u16 = 1 << 13;
    /// Auxiliaries that are names, too.
    pub(crate) const NAME: u16 = 1 << 14;

    /// Small words that name nobody.
    pub(crate) const SMALL: u16 = AUX | ADVERB | PREP | DET | PRONOUN | CONJ | SUBORD | OBJECT;

    /// The words of each class.
    #[rustfmt::skip]
    pub(crate) const LISTS: &[(u16, &str)] = &[
        (AUX, "have has had is are was were be been being am will would can could may might must should shall do does did 'd ’d 'll ’ll 've ’ve 're ’re 'm ’m
            won't won’t can't can’t don't don’t doesn't doesn’t didn't didn’t hasn't hasn’t haven't haven’t hadn't hadn’t wouldn't wouldn’t couldn't couldn’t shouldn't shouldn’t cannot isn't isn’t wasn't wasn’t
            aren't aren’t weren't weren’t"),
        (BE, "is are was were be been being am isn't isn’t wasn't wasn’t aren't aren’t weren't weren’t 're ’re 'm ’m"),
        (ADVERB, "also later then further not never now once again often already still just only soon always ever even so too rather instead
            however meanwhile first long recently repeatedly reportedly apparently publicly clearly simply specifically previously initially eventually subsequently explicitly privately
            strongly firmly consistently frequently famously vigorously continually actually really certainly correctly wrongly sharply openly bluntly quietly merely"),
        (PREP, "of in on at by for with from to about over under after before during against between among through into across toward towards
            upon within without around near behind beyond despite amid per via including like unlike as than since until following"),
        (DET, "the a an this that these those some many most several all any each every both no another other his her its their our my your one two three four five six
            seven eight nine ten few more such certain various numerous half neither either"),
        (PRONOUN, "he she they it we i you who which that this these those some many most others several both one everyone everybody someone somebody anyone nobody all few another none each"),
        (OBJECT, "him her them us me it you himself herself itself themselves"),
        (FIRST, "i we me us my our myself ourselves"),
        (CONJ, "and but or nor yet so"),
        (RELATIVE, "who which"),
        (NAME, "may will might must"),
        (SUBORD, "that because when while if as after before since although though where whether unless until than whereas once whom whose which who what how why"),
        (TIME, "monday tuesday wednesday thursday friday saturday sunday today yesterday tonight tomorrow"),
        (VERB, "made makes make said came comes come went goes go took takes take got gets gave gives held won lost led met ran set put became began kept left brought told wrote
            used tried asked seemed seems appeared appears continued continues remained remains needs need needed let lets looked looks"),
    ];
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    Comma,
    /// A mark that ends a sentence.
    Stop,
    Colon,
    Semicolon,
    Dash,
    Open,
    Close,
    /// A whole quotation; the number counts into the list of quotations.
    Quote(u32),
    Other,
}

/// A token with what the lexicon knows of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'l> {
    pub(super) span: Span,
    pub(super) kind: Kind,
    pub(super) capital: bool,
    pub(super) word: Option<&'l Word>,
}

impl Token<'_> {
    /// Whether the token is a word of one of the classes in `bits`.
    pub(super) fn is(&self, bits: u16) -> bool {
        self.word.is_some_and(|word| word.class & bits != 0)
    }

    pub(super) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }
}

/// The tokens of `text[span]`, quotations as one token each. `next` is the first quotation not yet passed.
pub(super) fn tokens<'l>(
    text: &str,
    span: Span,
    quotations: &[Quotation],
    next: &mut usize,
    lexicon: &'l Lexicon,
    out: &mut Vec<Token<'l>>,
) {
    out.clear();
    let mut at = span.start;
    let mut folded = String::new();
    while quotations.get(*next).is_some_and(|quotation| quotation.span.end <= at) {
        *next += 1;
    }
    while at < span.end {
        if let Some(quotation) =
            quotations.get(*next).filter(|quotation| quotation.span.start <= at)
        {
            let end = quotation.span.end.max(at + 1).min(text.len());
            let number = u32::try_from(*next).expect("a text holds fewer than 2^32 quotations");
            out.push(Token {
                span: Span::new(at, end),
                kind: Kind::Quote(number),
                capital: false,
                word: None,
            });
            *next += 1;
            at = end;
            continue;
        }
        let limit =
            quotations.get(*next).map_or(span.end, |quotation| quotation.span.start.min(span.end));
        at = token(text, at, limit, lexicon, &mut folded, out);
    }
}

/// Reads one token at `at`, or skips white space; returns where it ends.
fn token<'l>(
    text: &str,
    at: usize,
    limit: usize,
    lexicon: &'l Lexicon,
    folded: &mut String,
    out: &mut Vec<Token<'l>>,
) -> usize {
    let byte = text.as_bytes()[at];
    if byte == b' ' || byte == b'\n' {
        return at + 1;
    }
    let c = text[at..].chars().next().expect("a character stands before the limit");
    let mut end = at + c.len_utf8();
    if c.is_alphanumeric() || is_clitic(text, at, limit) {
        end = plain_word_end(text, at, limit).unwrap_or_else(|| word_end(text, at, limit));
        let word = (end - at <= lexicon.longest).then(|| {
            fold(&text[at..end], folded);
            lexicon.words.get(folded.as_str())
        });
        let (span, word) = (Span::new(at, end), word.flatten());
        out.push(Token { span, kind: Kind::Word, capital: c.is_uppercase(), word });
        return end;
    }
    if c.is_whitespace() {
        return end;
    }
    let kind = match c {
        ',' | '，' | '、' => Kind::Comma,
        '.' | '!' | '?' | '…' | '。' | '！' | '？' => Kind::Stop,
        ':' | '：' => Kind::Colon,
        ';' | '；' => Kind::Semicolon,
        '—' | '–' | '―' => Kind::Dash,
        '-' if text[..at].ends_with(char::is_whitespace) => Kind::Dash,
        '(' | '[' => Kind::Open,
        ')' | ']' => Kind::Close,
        _ => Kind::Other,
    };
    out.push(Token { span: Span::new(at, end), kind, capital: false, word: None });
    end
}

/// Whether a clitic such as "’s" or "’ve" starts here; the word before it is a token of its own.
fn is_clitic(text: &str, at: usize, limit: usize) -> bool {
    let attached = text[..at].chars().next_back().is_some_and(char::is_alphanumeric);
    attached && clitic_length(&text[at..limit]) > 0
}

fn clitic_length(rest: &str) -> usize {
    let Some(mark) = rest.chars().next().filter(|c| matches!(c, '\'' | '’')) else { return 0 };
    let tail = &rest[mark.len_utf8()..];
    let letters = tail.bytes().take_while(u8::is_ascii_alphabetic).count();
    let known = matches!(&tail[..letters], "s" | "d" | "ll" | "ve" | "re" | "m" | "S");
    if known { mark.len_utf8() + letters } else { 0 }
}

/// The end of a word of ASCII letters that a space or a comma follows: most words.
fn plain_word_end(text: &str, at: usize, limit: usize) -> Option<usize> {
    let rest = &text.as_bytes()[at..limit];
    let length = rest.iter().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let plain = rest.get(length).is_none_or(|byte| matches!(byte, b' ' | b',' | b'\n' | b';'));
    (length > 0 && plain).then_some(at + length)
}

/// The end of a word: letters and digits, inner hyphens and apostrophes, the stops of initials.
fn word_end(text: &str, at: usize, limit: usize) -> usize {
    let rest = &text[at..limit];
    if clitic_length(rest) > 0 {
        return at + clitic_length(rest);
    }
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((offset, c)) = chars.next() {
        let inner = matches!(
            c,
            '-' | '\'' | '’' | '&' | '@' | '/' | '.' | '\u{ad}' | '\u{2010}' | '\u{2011}'
        );
        let followed = chars.peek().is_some_and(|(_, next)| next.is_alphanumeric());
        if c.is_alphanumeric()
            || (c > '\u{2ff}' && unicode_normalization::char::is_combining_mark(c))
        {
            end = offset + c.len_utf8();
        } else if !inner || !followed || clitic_length(&rest[offset..]) > 0 {
            break;
        }
    }
    let dotted = rest[end..].starts_with('.') && is_abbreviation(&rest[..end]);
    at + end + usize::from(dotted)
}

/// Whether a stop behind `word` belongs to it: initials, titles, "U.S".
fn is_abbreviation(word: &str) -> bool {
    const TITLES: [&str; 24] = [
        "Mr", "Mrs", "Ms", "Dr", "Sen", "Rep", "Gov", "Gen", "Prof", "St", "Jr", "Sr", "Lt", "Col",
        "Rev", "Sgt", "Capt", "Hon", "Amb", "Reps", "Sens", "No", "vs", "Maj",
    ];
    let initial = word.chars().count() == 1 && word.starts_with(char::is_uppercase);
    initial
        || TITLES.contains(&word)
        || (word.contains('.') && word.split('.').all(|part| part.chars().count() < 3))
}

/// Lower case, without allocating for ASCII.
fn fold(word: &str, folded: &mut String) {
    folded.clear();
    if word.is_ascii() {
        folded.push_str(word);
        folded.make_ascii_lowercase();
    } else {
        folded.extend(word.chars().flat_map(char::to_lowercase));
    }
}
