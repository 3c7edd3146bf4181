//! Countries as ISO 3166-1 alpha-3 codes.

use rust_iso3166::{ALL, from_alpha2, from_alpha3, iso3166_3};

/// Names in everyday use that differ from the short names of ISO 3166-1.
const EVERYDAY: [(&str, &str); 46] = [
    ("bolivia", "BOL"),
    ("britain", "GBR"),
    ("brunei", "BRN"),
    ("burma", "MMR"),
    ("cape verde", "CPV"),
    ("congo-brazzaville", "COG"),
    ("cote d'ivoire", "CIV"),
    ("czech republic", "CZE"),
    ("democratic people's republic of korea", "PRK"),
    ("democratic republic of the congo", "COD"),
    ("dr congo", "COD"),
    ("east timor", "TLS"),
    ("england", "GBR"),
    ("falkland islands", "FLK"),
    ("great britain", "GBR"),
    ("holy see", "VAT"),
    ("hong kong", "HKG"),
    ("iran", "IRN"),
    ("ivory coast", "CIV"),
    ("laos", "LAO"),
    ("macao", "MAC"),
    ("macau", "MAC"),
    ("macedonia", "MKD"),
    ("micronesia", "FSM"),
    ("moldova", "MDA"),
    ("netherlands", "NLD"),
    ("north korea", "PRK"),
    ("palestine", "PSE"),
    ("people's republic of china", "CHN"),
    ("republic of korea", "KOR"),
    ("republic of moldova", "MDA"),
    ("russia", "RUS"),
    ("south korea", "KOR"),
    ("state of palestine", "PSE"),
    ("swaziland", "SWZ"),
    ("syria", "SYR"),
    ("taiwan", "TWN"),
    ("tanzania", "TZA"),
    ("turkey", "TUR"),
    ("uk", "GBR"),
    ("united kingdom", "GBR"),
    ("united states", "USA"),
    ("usa", "USA"),
    ("vatican", "VAT"),
    ("venezuela", "VEN"),
    ("vietnam", "VNM"),
];

/// The alpha-3 code of a country given by code or by English name.
///
/// Besides the codes in force, those of former countries (ISO 3166-3: `YUG`, `SUN`, …) and the user-assigned
/// ones (`AAA`, `QMA`–`QZZ`, `XAA`–`XZZ`, `ZZZ`) are taken as they are.
pub(crate) fn alpha3(given: &str) -> Option<String> {
    let given = given.trim();
    let code = given.to_ascii_uppercase();
    match given.len() {
        2 => from_alpha2(&code).map(|country| country.alpha3.to_owned()).or_else(|| named(given)),
        3 if from_alpha3(&code).is_some() || is_former(&code) => Some(code),
        3 if is_user_assigned(given) => Some(given.to_owned()),
        _ => named(given),
    }
}

fn is_former(code: &str) -> bool {
    iso3166_3::ALL.iter().any(|country| country.former.alpha3 == code)
}

/// The codes that ISO 3166-1 leaves to its users, and will never assign.
fn is_user_assigned(code: &str) -> bool {
    matches!(
        code.as_bytes(),
        b"AAA" | b"ZZZ" | [b'Q', b'M'..=b'Z', b'A'..=b'Z'] | [b'X', b'A'..=b'Z', b'A'..=b'Z']
    )
}

fn named(given: &str) -> Option<String> {
    let name = plain(given);
    let everyday = EVERYDAY.iter().find(|(everyday, _)| *everyday == name).map(|(_, code)| *code);
    let official = || ALL.iter().find(|country| plain(country.name) == name);
    everyday.or_else(|| official().map(|country| country.alpha3)).map(str::to_owned)
}

/// Lower case, plain letters, no article and nothing in parentheses: `The Gambia` and `Gambia (the)` are one.
fn plain(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let name = name.split('(').next().unwrap_or(name).to_lowercase().replace('’', "'");
    let name = name.nfd().filter(|c| !('\u{300}'..='\u{36f}').contains(c)).collect::<String>();
    let name = name.trim().strip_prefix("the ").unwrap_or(name.trim());
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_names_become_alpha3() {
        for (given, code) in [
            ("KEN", "KEN"),
            ("ke", "KEN"),
            ("NA", "NAM"),
            ("Namibia", "NAM"),
            ("Türkiye", "TUR"),
            ("turkey", "TUR"),
            ("The Gambia", "GMB"),
            ("Iran (Islamic Republic of)", "IRN"),
            ("Russian Federation", "RUS"),
            ("Côte d’Ivoire", "CIV"),
            ("UK", "GBR"),
            ("United States of America", "USA"),
            ("YUG", "YUG"),
            ("SUN", "SUN"),
        ] {
            assert_eq!(alpha3(given).as_deref(), Some(code), "{given}");
        }
    }

    #[test]
    fn every_country_is_found_by_its_own_name_or_stays_unknown() {
        for country in ALL {
            let found = alpha3(country.name);
            let ambiguous = ["Congo", "Korea", "Virgin Islands", "Saint Martin"];
            let shared = ambiguous.iter().any(|name| country.name.starts_with(name));
            assert!(shared || found.as_deref() == Some(country.alpha3), "{}", country.name);
        }
    }

    #[test]
    fn user_assigned_codes_pass_and_unknown_ones_do_not() {
        for code in ["AAA", "QMA", "QZZ", "XKX", "ZZZ"] {
            assert_eq!(alpha3(code).as_deref(), Some(code));
        }
        for unknown in ["", "QLA", "EUX", "Ruvania", "XX", "日本"] {
            assert_eq!(alpha3(unknown), None, "{unknown}");
        }
    }
}
