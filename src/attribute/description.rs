//! What a text says a person is, beside the name: "Ruvania's foreign minister Aru Telnik", "Mira Solheim, the
//! envoy of Ruvania,", "Ada Okoro (Dovia)".

use super::words::{JOINERS, ROLES, holds};

/// Bytes before and behind a name that are read.
const REACH: usize = 120;
/// Words of the longest description.
const MOST_WORDS: usize = 12;

/// The office right before the name that starts at `at`, with the place it belongs to.
pub(super) fn before(text: &str, at: usize) -> Option<&str> {
    let floor = boundary(text, at.saturating_sub(REACH));
    let ahead = text[floor..at].trim_end_matches(|c: char| c.is_whitespace() || c == ',');
    let comma = text[floor..at].trim_end().ends_with(',');
    let mut start = ahead.len();
    let (mut has_role, mut ended) = (false, false);
    for (count, word) in ahead.rsplit(char::is_whitespace).enumerate() {
        let role = is_role(word);
        let name = word.starts_with(char::is_uppercase);
        // "minister of Dovia, Ada Okoro": the place may stand between the office and the name.
        let place = !ended && (name || is_joiner(word)) && (has_role || comma);
        if count >= MOST_WORDS || word.is_empty() || !(role || place) {
            break;
        }
        has_role |= role;
        // "Ruvania’s" is as far as it goes: what stands before belongs to something else.
        ended |= name && word.ends_with('s') && word.contains(['\'', '’']);
        start = start.min(offset(ahead, word));
    }
    let found = ahead[start..].trim_start_matches("the ").trim_start_matches("The ");
    (has_role && !found.is_empty()).then_some(found)
}

/// What follows the name that ends at `at`: an office between commas, a place in brackets or behind "of".
pub(super) fn behind(text: &str, at: usize) -> Option<&str> {
    let rest = &text[at..boundary(text, (at + REACH).min(text.len()))];
    if let Some(bracket) = rest.strip_prefix(" (") {
        let inner = &bracket[..bracket.find(')')?];
        return (inner.starts_with(char::is_uppercase) && inner.split(' ').count() < 6)
            .then_some(inner);
    }
    if let Some(place) = rest.strip_prefix(" of ").or_else(|| rest.strip_prefix(" from ")) {
        let place = place.strip_prefix("the ").unwrap_or(place);
        let words = place.split_inclusive(' ').take_while(|w| w.starts_with(char::is_uppercase));
        let length = words.map(str::len).sum::<usize>();
        let named = place[..length].trim_end_matches([' ', ',', '.', ';', ':']);
        let (start, end) = (offset(rest, place), offset(rest, place) + named.len());
        return (!named.is_empty()).then(|| rest[1..end.max(start)].trim());
    }
    let aside = rest.strip_prefix(", ")?;
    let end =
        aside.find([',', '.', ';', ':', '\n', '”', '"', '—', '–', '(']).unwrap_or(aside.len());
    let aside = aside[..end].trim();
    let words = || aside.split_whitespace();
    let first = words().next()?;
    let opens = matches!(first, "the" | "a" | "an")
        || is_role(first)
        || words().nth(1).is_some_and(is_role);
    let fits = opens && words().count() <= MOST_WORDS && words().any(is_role);
    fits.then(|| {
        aside.trim_start_matches("the ").trim_start_matches("an ").trim_start_matches("a ")
    })
}

fn is_role(word: &str) -> bool {
    holds(ROLES, &word.trim_end_matches(',').to_lowercase())
}

fn is_joiner(word: &str) -> bool {
    holds(JOINERS, word)
        || matches!(
            word,
            "top"
                | "chief"
                | "new"
                | "then"
                | "longtime"
                | "lead"
                | "current"
                | "cyber"
                | "digital"
                | "affairs"
                | "defence"
                | "defense"
                | "trade"
                | "'s"
                | "’s"
        )
}

/// Where `part`, a slice of `whole`, begins in it.
fn offset(whole: &str, part: &str) -> usize {
    part.as_ptr() as usize - whole.as_ptr() as usize
}

/// The next character boundary at or behind `at`.
fn boundary(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_office_is_read_on_either_side() {
        let check = |text: &str, name: &str, expected: [Option<&str>; 2]| {
            let at = text.find(name).unwrap();
            assert_eq!([before(text, at), behind(text, at + name.len())], expected, "{text}");
        };
        check(
            "Then Ruvania’s foreign minister Aru Telnik left.",
            "Aru Telnik",
            [Some("Ruvania’s foreign minister"), None],
        );
        check(
            "“Yes,” said Mira Solheim, the envoy of Ruvania.",
            "Mira Solheim",
            [None, Some("envoy of Ruvania")],
        );
        check("Ada Okoro, a Fennish MP, said no.", "Ada Okoro", [None, Some("Fennish MP")]);
        check("Ada Okoro (Dovia) said no.", "Ada Okoro", [None, Some("Dovia")]);
        check("Ada Okoro of Dovia said no.", "Ada Okoro", [None, Some("of Dovia")]);
        check("Ada Okoro, who was late, said no.", "Ada Okoro", [None, None]);
    }
}
