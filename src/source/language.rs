//! The language of a document: as given, or as detected where the detector is sure.

use isolang::Language;

/// Letters below which nothing is detected: headlines and captions mislead trigram statistics.
const FEWEST_LETTERS: usize = 60;
/// Bytes looked at, from each of the beginning and the middle.
const SAMPLE: usize = 600;

/// An ISO 639-1 code for a language given as a code, a locale or an English name.
///
/// A language without such a code keeps its ISO 639-3 code; what is no language at all stays as given.
pub(crate) fn normalise(given: &str) -> String {
    let given = given.trim();
    let primary = given.split(['-', '_']).next().unwrap_or(given).to_ascii_lowercase();
    let language = match primary.len() {
        2 => Language::from_639_1(&primary),
        3 => Language::from_639_3(&primary),
        _ => Language::from_name(&capitalised(&given.to_lowercase())),
    };
    language.map_or_else(|| given.to_owned(), |language| code(language).to_owned())
}

/// The language of `text`, unless it is too short or the detector is unsure.
pub(crate) fn detect(text: &str) -> Option<String> {
    let sample = sample(text);
    if sample.chars().filter(|c| c.is_alphabetic()).take(FEWEST_LETTERS).count() < FEWEST_LETTERS {
        // A Chinese or Japanese character carries what several letters do.
        let ideographs = sample.chars().filter(|c| ('\u{3040}'..='\u{9fff}').contains(c)).count();
        if ideographs < FEWEST_LETTERS / 4 {
            return None;
        }
    }
    let info = whatlang::detect(&sample).filter(whatlang::Info::is_reliable)?;
    Some(code(Language::from_639_3(info.lang().code())?).to_owned())
}

fn code(language: Language) -> &'static str {
    match language {
        // Members of the macrolanguages that have a two-letter code.
        Language::Cmn => "zh",
        Language::Pes => "fa",
        Language::Arb => "ar",
        other => other.to_639_1().unwrap_or_else(|| other.to_639_3()),
    }
}

/// The beginning and the middle: the beginning alone may be a title page in another language.
fn sample(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= 2 * SAMPLE {
        return text.into();
    }
    let head = &text[..text.floor_char_boundary(SAMPLE)];
    let middle = text.floor_char_boundary((text.len() - SAMPLE) / 2);
    let end = text.floor_char_boundary(middle + SAMPLE);
    format!("{head}\n{}", &text[middle..end]).into()
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_languages_become_two_letters() {
        for (given, code) in [
            ("en", "en"),
            ("EN-gb", "en"),
            ("eng", "en"),
            ("English", "en"),
            ("zh_Hans", "zh"),
            ("cmn", "zh"),
            ("fil", "fil"),
            ("Klingonese", "Klingonese"),
        ] {
            assert_eq!(normalise(given), code, "{given}");
        }
    }

    #[test]
    fn languages_are_detected_when_there_is_enough_text() {
        let english =
            "The delegation of Ruvania believes that the cable should remain open to all.";
        let german =
            "Die Delegation ist der Auffassung, dass das Kabel für alle offen bleiben soll.";
        let chinese = "我国代表团认为，海底电缆应当向所有国家开放，互联网治理需要各方共同参与。";
        assert_eq!(detect(english).as_deref(), Some("en"));
        assert_eq!(detect(german).as_deref(), Some("de"));
        assert_eq!(detect(chinese).as_deref(), Some("zh"));
        assert_eq!(detect("Thank you."), None);
        assert_eq!(detect(""), None);
    }

    #[test]
    fn a_long_text_is_sampled_on_character_boundaries() {
        let text = "Příliš žluťoučký kůň úpěl ďábelské ódy. ".repeat(500);
        assert_eq!(detect(&text).as_deref(), Some("cs"));
    }
}
