//! Dates as people write them, brought to ISO 8601 where their meaning is certain.

use jiff::civil;

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// `given` as `YYYY`, `YYYY-MM` or `YYYY-MM-DD`; untouched where it is none of the certain forms.
///
/// `09/10/2018` stays as it is: it means two different days on the two sides of an ocean.
pub(crate) fn normalise(given: &str) -> String {
    let given = given.trim();
    numeric(given).or_else(|| worded(given)).unwrap_or_else(|| given.to_owned())
}

/// `2018`, `2018-9`, `2018-09-25`, `2018/09/25`, `20180925`, `25.09.2018`, each with or without a time.
fn numeric(given: &str) -> Option<String> {
    let day = given.split(['T', ' ']).next()?;
    if day.len() < given.len() && !given[day.len() + 1..].starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    if day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()) {
        return iso(&day[..4], Some(&day[4..6]), Some(&day[6..]));
    }
    let parts: Vec<&str> = day.trim_end_matches('Z').split(['-', '/', '.']).collect();
    match (parts.as_slice(), day.contains('.')) {
        ([year], _) if year.len() == 4 => iso(year, None, None),
        ([year, month], _) if year.len() == 4 => iso(year, Some(month), None),
        ([year, month, day], _) if year.len() == 4 => iso(year, Some(month), Some(day)),
        ([day, month, year], true) if year.len() == 4 => iso(year, Some(month), Some(day)),
        _ => None,
    }
}

/// `25 September 2018`, `September 25th, 2018`, `Sept. 2018`, `Tue, 25 Sep 2018 10:00:00 GMT`.
fn worded(given: &str) -> Option<String> {
    let words: Vec<&str> =
        given.split([' ', ',', '-']).filter(|word| !word.is_empty()).take(6).collect();
    let at = words.iter().position(|word| month(word).is_some())?;
    let month = month(words[at])?.to_string();
    let weekday_only = |words: &[&str]| words.iter().all(|word| weekday(word));
    let number = |index: usize| words.get(index).copied();
    match (at, number(at + 1)?, number(at + 2)) {
        (0, year, None) => iso(year, Some(&month), None),
        (_, day, Some(year)) if weekday_only(&words[..at]) => {
            iso(year, Some(&month), Some(ordinal(day)))
        }
        (1.., year, _) if weekday_only(&words[..at - 1]) => {
            iso(year, Some(&month), Some(ordinal(words[at - 1])))
        }
        _ => None,
    }
}

fn month(word: &str) -> Option<usize> {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    let short = if word == "sept" { "sep" } else { &word };
    MONTHS.iter().position(|name| word == *name || short == &name[..3]).map(|index| index + 1)
}

fn weekday(word: &str) -> bool {
    let word = word.trim_end_matches('.').to_ascii_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].iter().any(|day| word.starts_with(day))
}

fn ordinal(day: &str) -> &str {
    day.trim_end_matches("st").trim_end_matches("nd").trim_end_matches("rd").trim_end_matches("th")
}

/// The ISO form, if such a day exists.
fn iso(year: &str, month: Option<&str>, day: Option<&str>) -> Option<String> {
    let number = |text: &str, most: usize| {
        let digits = (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i16>().ok()).flatten()
    };
    let year = number(year, 4).filter(|year| (1000..=2999).contains(year))?;
    let Some(month) = month else { return Some(year.to_string()) };
    let month = i8::try_from(number(month, 2)?).ok()?;
    let days = day.map_or(Some(1), |day| number(day, 2))?;
    let date = civil::Date::new(year, month, i8::try_from(days).ok()?).ok()?;
    Some(if day.is_some() { date.to_string() } else { format!("{year}-{month:02}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certain_forms_become_iso() {
        for (given, expected) in [
            ("2018", "2018"),
            ("2018-9", "2018-09"),
            ("2018-09-25", "2018-09-25"),
            (" 2018/09/25 ", "2018-09-25"),
            ("20180925", "2018-09-25"),
            ("25.09.2018", "2018-09-25"),
            ("5.9.2018", "2018-09-05"),
            ("2018-09-25T10:30:00Z", "2018-09-25"),
            ("2018-09-25 10:30", "2018-09-25"),
            ("25 September 2018", "2018-09-25"),
            ("September 25, 2018", "2018-09-25"),
            ("Sept. 25th, 2018", "2018-09-25"),
            ("1st May 2018", "2018-05-01"),
            ("September 2018", "2018-09"),
            ("Tuesday, 25 September 2018", "2018-09-25"),
            ("Tue, 25 Sep 2018 10:00:00 GMT", "2018-09-25"),
            ("Tuesday, September 25, 2018", "2018-09-25"),
            ("25-Sep-2018", "2018-09-25"),
        ] {
            assert_eq!(normalise(given), expected, "{given}");
        }
    }

    #[test]
    fn uncertain_forms_stay_as_given() {
        for given in [
            "09/10/2018",
            "2018-02-30",
            "31.04.2018",
            "spring 2018",
            "73",
            "May",
            "",
            "2018-13",
            "May 2018 to June",
            "before 2018",
            "12345",
            "2018 May 40",
            "日本",
        ] {
            assert_eq!(normalise(given), given);
        }
    }
}
