//! Small tests on words and characters that several rules share.

/// Characters that may stand between a terminator and the white space after it: they close something.
pub(super) fn is_closer(c: char) -> bool {
    matches!(
        c,
        '"' | '\'' | '”' | '’' | '»' | '›' | ')' | ']' | '}' | '」' | '』' | '】' | '》' | '〉' | '）'
            | '］' | '〕' | '*' | '_' | '~' | '`' | '´' | '“' | '‘' | '＂' | '\u{202a}'..='\u{202e}'
            | '\u{200e}' | '\u{200f}' | '\u{200b}' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' | '†' | '‡'
    )
}

/// Characters that may stand before the first word of a sentence: they open something.
pub(super) fn is_opener(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '‘'
            | '„'
            | '‚'
            | '«'
            | '‹'
            | '»'
            | '”'
            | '('
            | '['
            | '{'
            | '「'
            | '『'
            | '【'
            | '《'
            | '〈'
            | '（'
            | '［'
            | '〔'
            | '¿'
            | '¡'
            | '*'
            | '_'
            | '~'
            | '`'
            | '´'
            | '’'
            | '＂'
            | '\u{202a}'..='\u{202e}' | '\u{200e}' | '\u{200f}' | '\u{200b}' | '\u{feff}'
    )
}

/// Dashes that may open a turn of a dialogue or a list item.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '–' | '—' | '―' | '−')
}

/// Invisible marks of writing direction.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{200b}' | '\u{feff}')
}

/// Whether `word` is digits, with inner separators ("12", "1.000", "3,5").
pub(super) fn is_number(word: &str) -> bool {
    word.starts_with(|c: char| c.is_numeric())
        && word.chars().all(|c| c.is_numeric() || matches!(c, '.' | ',' | '\'' | '’'))
}

/// Whether `word` is a roman numeral in capitals, up to the thousands. The letter "I" alone counts.
pub(super) fn is_roman(word: &str) -> bool {
    !word.is_empty() && word.len() <= 8 && word.bytes().all(|b| b"IVXLCDM".contains(&b))
}

/// Whether `word` is letters with inner stops ("U.S", "e.g", "a.m"), each part at most two letters long.
pub(super) fn is_dotted(word: &str) -> bool {
    let mut parts = 0;
    for part in word.split('.') {
        let letters = part.chars().take(3).count();
        if letters == 0 || letters > 2 || !part.chars().all(char::is_alphabetic) {
            return false;
        }
        parts += 1;
    }
    parts >= 2
}

/// The only letter of `word`, if it has just one character and that is a letter.
pub(super) fn only_letter(word: &str) -> Option<char> {
    let mut chars = word.chars();
    let letter = chars.next().filter(|c| c.is_alphabetic())?;
    chars.next().is_none().then_some(letter)
}

/// Whether `c` can be part of the word before a stop.
pub(super) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(c, '.' | '-' | '\'' | '’' | '°' | 'º' | 'ª' | '&' | '@' | '_' | '%' | '/')
        || is_combining(c)
}

/// Vowel signs and other marks that belong to the letter before them.
pub(super) fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{900}'..='\u{903}' | '\u{93a}'..='\u{94f}' | '\u{64b}'..='\u{65f}' | '\u{1031}'..='\u{103e}')
}

/// The largest character boundary of `text` that is at most `index`.
pub(super) fn floor_boundary(text: &str, index: usize) -> usize {
    let mut index = index.min(text.len());
    while !text.is_char_boundary(index) {
        index -= 1;
    }
    index
}

/// At most the first `bytes` bytes of `text`, on a character boundary.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    &text[..floor_boundary(text, bytes)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_words_are_letters_with_stops() {
        for word in ["U.S", "e.g", "U.S.A", "т.д", "Ph.D"] {
            assert!(is_dotted(word), "{word}");
        }
        for word in ["US", "end.Then", "3.5", ".", "a..b", ""] {
            assert!(!is_dotted(word), "{word}");
        }
    }

    #[test]
    fn numbers_may_have_separators() {
        assert!(is_number("12") && is_number("1.000,5") && is_number("१२"));
        assert!(!is_number("12th") && !is_number("") && !is_number(",5"));
    }
}
