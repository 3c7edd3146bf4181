//! The registry of actors.

use std::io::Write;

use crate::attribute::{ActorContext, ActorRegistry, NamePlace};
use crate::document::{Actor, Metadata};

fn resolve(name: &str) -> Option<Actor> {
    ActorRegistry::built_in().resolve(name, &ActorContext::default())
}

fn id(name: &str) -> String {
    resolve(name).map_or_else(|| "-".to_owned(), |actor| actor.actor_id)
}

#[test]
fn the_table_holds_all_member_states_once() {
    let registry = ActorRegistry::built_in();
    let states: Vec<&str> = registry
        .entries
        .iter()
        .filter(|e| e.actor_type.as_deref() == Some("state"))
        .map(|e| e.actor_id.as_str())
        .collect();
    let mut unique = states.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(states.len(), unique.len());
    assert!(states.len() >= 195, "193 members and two observers, found {}", states.len());
    assert!(
        registry
            .entries
            .iter()
            .all(|e| e.actor_type.as_deref().is_some_and(|kind| !kind.is_empty()))
    );
}

/// Codes of ISO 3166-1 that are no members of the United Nations: two observers, territories, Taiwan.
#[rustfmt::skip]
const NO_MEMBERS: &[&str] = &[
    "ABW", "AIA", "ALA", "ASM", "ATA", "ATF", "BES", "BLM", "BMU", "BVT", "CCK", "COK", "CUW", "CXR", "CYM",
    "ESH", "FLK", "FRO", "GGY", "GIB", "GLP", "GRL", "GUF", "GUM", "HKG", "HMD", "IMN", "IOT", "JEY", "MAC",
    "MAF", "MNP", "MSR", "MTQ", "MYT", "NCL", "NFK", "NIU", "PCN", "PRI", "PSE", "PYF", "REU", "SGS", "SHN",
    "SJM", "SPM", "SXM", "TCA", "TKL", "TWN", "UMI", "VAT", "VGB", "VIR", "WLF",
];

#[test]
fn every_member_of_the_united_nations_is_there_under_its_iso_name() {
    let registry = ActorRegistry::built_in();
    let members: Vec<_> = rust_iso3166::ALL
        .iter()
        .filter(|country| NO_MEMBERS.binary_search(&country.alpha3).is_err())
        .collect();
    assert_eq!(members.len(), 193);
    for country in &members {
        let state = registry.get(country.alpha3);
        let state = state.unwrap_or_else(|| panic!("{} is missing", country.name));
        assert_eq!(state.actor_type.as_deref(), Some("state"), "{}", country.name);
        assert_eq!(state.country_iso.as_deref(), Some(country.alpha3));
    }
    let strange = |country: &&&rust_iso3166::CountryCode| id(country.name) != country.alpha3;
    let strange: Vec<&str> = members.iter().filter(strange).map(|country| country.name).collect();
    assert_eq!(strange, ["Congo"], "two states bear that name");
    for observer in ["PSE", "VAT"] {
        assert!(registry.get(observer).is_some());
    }
}

#[test]
fn organs_capitals_and_officers_stand_for_their_actor() {
    for (name, expected) in [
        ("the Kremlin", "RUS"),
        ("Downing Street", "GBR"),
        ("the Élysée", "FRA"),
        ("the Elysee Palace", "FRA"),
        ("the Cyberspace Administration of China", "CHN"),
        ("the Commerce Department", "USA"),
        ("the President of the European Commission", "eu-commission"),
        ("the EU High Representative", "eeas"),
        ("the Group of 77 and China", "g77"),
        ("G77 and China", "g77"),
        ("the Shanghai Cooperation Organisation", "sco"),
        ("the Freedom Online Coalition", "foc"),
        ("RIPE NCC", "ripe-ncc"),
        ("the Internet Society", "isoc"),
    ] {
        assert_eq!(id(name), expected, "{name}");
    }
    assert!(resolve("Congress").unwrap().ambiguous, "many states have one");
}

#[test]
fn names_meet_whatever_their_spelling() {
    for name in
        ["China", "the People’s Republic of China", "PRC", "CHINA", "Beijing", "Chinese", "China's"]
    {
        assert_eq!(id(name), "CHN", "{name}");
    }
    assert_eq!(id("Turkey"), id("Turkiye"));
    assert_eq!(id("Cote d'Ivoire"), "CIV");
    assert_eq!(id("U.S."), "USA");
    assert_eq!(id("us"), "-", "a pronoun");
    assert_eq!(id("who"), "-", "a pronoun");
    assert_eq!(id("WHO"), "who");
    assert_eq!(id("the European Commission"), "eu-commission");
    assert_eq!(id("Internet Engineering Task Force"), "ietf");
}

#[test]
fn organs_speak_for_their_state() {
    for name in [
        "the State Department",
        "the US government",
        "the Department of Justice of the United States",
        "the delegation of the United States",
        "American officials",
        "the American ambassador",
    ] {
        assert_eq!(id(name), "USA", "{name}");
    }
    assert_eq!(id("Russia's foreign ministry"), "RUS");
    assert_eq!(id("the Ministry of Foreign Affairs of Saudi Arabia"), "SAU");
    assert_eq!(id("the ministry"), "-");
}

#[test]
fn persons_are_themselves_with_their_country() {
    let actor = resolve("President of France Lio Marek").unwrap();
    assert_eq!(
        (actor.actor_id.as_str(), actor.country_iso.as_deref()),
        ("person-lio-marek", Some("FRA"))
    );
    let actor = resolve("Japanese Prime Minister Ken Ito").unwrap();
    assert_eq!(
        (actor.actor_id.as_str(), actor.country_iso.as_deref()),
        ("person-ken-ito", Some("JPN"))
    );
    let context = ActorContext {
        affiliation: Some("Kenya"),
        place: NamePlace::Label,
        ..ActorContext::default()
    };
    let actor = ActorRegistry::built_in().resolve("Okoro", &context).unwrap();
    assert_eq!(
        (actor.actor_id.as_str(), actor.country_iso.as_deref()),
        ("person-okoro", Some("KEN"))
    );
    assert_eq!(actor.actor_type.as_deref(), Some("person"));
}

#[test]
fn ambiguity_is_flagged_and_settled_by_context_only() {
    let congo = resolve("Congo").unwrap();
    assert!(congo.ambiguous && congo.country_iso.is_none());
    assert!(resolve("Georgia").unwrap().ambiguous);
    assert!(!resolve("South Korea").unwrap().ambiguous);
    let context = ActorContext { country_iso: Some("COD"), ..ActorContext::default() };
    let congo = ActorRegistry::built_in().resolve("Congo", &context).unwrap();
    assert_eq!((congo.actor_id.as_str(), congo.ambiguous), ("COD", false));
}

#[test]
fn pronouns_groups_and_unknown_words_are_nobody() {
    for name in [
        "he",
        "They",
        "officials",
        "most panelists",
        "experts and former officials",
        "the company",
        "Velt",
        "",
    ] {
        assert_eq!(id(name), "-", "{name}");
    }
}

#[test]
fn an_actor_is_known_only_in_its_time() {
    let registry = ActorRegistry::built_in();
    let at = |date| {
        registry
            .resolve("Soviet Union", &ActorContext { date: Some(date), ..ActorContext::default() })
    };
    assert_eq!(at("1960").unwrap().actor_id, "SUN");
    assert!(at("2001-05").is_none_or(|actor| actor.actor_id != "SUN"));
}

#[test]
fn the_actor_of_the_metadata_is_taken_as_it_is() {
    let meta = |actor: &str, kind: &str, iso: Option<&str>| Metadata {
        actor: Some(actor.to_owned()),
        actor_type: Some(kind.to_owned()),
        country_iso: iso.map(str::to_owned),
        ..Metadata::default()
    };
    let registry = ActorRegistry::built_in();
    let id = |meta: &Metadata| registry.document_actor(meta).unwrap().actor_id;
    assert_eq!(id(&meta("China", "government", Some("CHN"))), "CHN");
    assert_eq!(id(&meta("Ruvania", "state", Some("QRU"))), "QRU");
    assert_eq!(id(&meta("White House (Lio Marek's staff)", "government", None)), "USA");
    assert_eq!(id(&meta("Aru Telnik", "author", None)), "person-aru-telnik");
    assert_eq!(id(&meta("League of Lakes", "intergovernmental", None)), "league-of-lakes");
    assert_eq!(registry.document_actor(&Metadata::default()), None);
    let country = |code: &str| Metadata { country_iso: Some(code.into()), ..Metadata::default() };
    let state = registry.document_actor(&country("KEN")).unwrap();
    assert_eq!((state.actor_id.as_str(), state.ambiguous), ("KEN", true));
    assert_eq!(registry.document_actor(&country("XZZ")), None, "a code that nobody has named");
}

#[test]
fn a_table_of_the_user_adds_and_overrides() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"actor_id,name,aliases,type,country_iso\nQRU,Ruvania,Republic of Ruvania|+Ruvanian|~Velt,state,QRU\ntessaly,Beijing,,civil society,\n").unwrap();
    let registry = ActorRegistry::built_in().with_csv(file.path()).unwrap();
    let id = |name: &str| registry.resolve(name, &ActorContext::default()).unwrap().actor_id;
    assert_eq!(id("Velt"), "QRU");
    assert_eq!(id("the Ruvanian government"), "QRU");
    assert_eq!(id("Beijing"), "tessaly");
}

#[test]
fn a_broken_table_names_its_line() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"actor_id,name\nQRU,Ruvania\n,Nobody\n").unwrap();
    let error = ActorRegistry::built_in().with_csv(file.path()).unwrap_err();
    assert_eq!(error.location().line, Some(3));
    assert!(error.remedy().is_some());
    let missing =
        ActorRegistry::built_in().with_csv(std::path::Path::new("no such file.csv")).unwrap_err();
    assert!(missing.to_string().contains("no such file.csv"));
}
