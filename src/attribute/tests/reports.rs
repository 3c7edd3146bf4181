//! Quotations and reported speech.

use super::sentences;
use crate::attribute::attributions;
use crate::document::{Attribution, Manner};

fn found(text: &str) -> Vec<Attribution> {
    attributions(text, &sentences(text), &[], Some("en"))
}

/// Source, cue and content pieces of each attribution.
fn check(text: &str, expected: &[(&str, &str, &[&str])]) {
    let found = found(text);
    let shown: Vec<(&str, &str, Vec<&str>)> = found
        .iter()
        .map(|a| {
            let of = |span: Option<crate::document::Span>| span.map_or("", |span| span.of(text));
            (of(a.source), of(a.cue), a.content.iter().map(|piece| piece.of(text)).collect())
        })
        .collect();
    let shown: Vec<(&str, &str, &[&str])> =
        shown.iter().map(|(s, c, k)| (*s, *c, k.as_slice())).collect();
    assert_eq!(shown, expected, "in {text}");
}

#[test]
fn quotations_find_the_cue_before_or_behind() {
    check(
        "“The net stays open,” said Ada Okoro.",
        &[("Ada Okoro", "said", &["“The net stays open,”"])],
    );
    check("“The net stays open,” Okoro said.", &[("Okoro", "said", &["“The net stays open,”"])]);
    check("Okoro said: “The net stays open.”", &[("Okoro", "said", &["“The net stays open.”"])]);
    check(
        "The ministry warned, \"We will act.\"",
        &[("The ministry", "warned", &["\"We will act.\""])],
    );
    check(
        "“We agree,” said Mira Solheim, the envoy of Ruvania.",
        &[("Mira Solheim, the envoy of Ruvania", "said", &["“We agree,”"])],
    );
}

#[test]
fn a_split_quotation_is_one_content() {
    check(
        "“We agree,” Okoro said, “on the rules.”",
        &[("Okoro", "said", &["“We agree,”", "“on the rules.”"])],
    );
    check(
        "“We agree,” Okoro said. “It took three years.”",
        &[("Okoro", "said", &["“We agree,”", "“It took three years.”"])],
    );
}

#[test]
fn a_quotation_over_paragraphs_keeps_its_speaker() {
    check(
        "“We agree,” Okoro said. “It took long.\n\n“It was worth it.”",
        &[("Okoro", "said", &["“We agree,”", "“It took long.", "“It was worth it.”"])],
    );
    check("Okoro went on to say:\n\n“We agree.”", &[("Okoro", "went on to say", &["“We agree.”"])]);
}

#[test]
fn reported_clauses_are_found() {
    check(
        "Ruvania argues that each state should run its own network.",
        &[("Ruvania", "argues", &["that each state should run its own network"])],
    );
    check(
        "According to Tessaly, the treaty is dead.",
        &[("Tessaly", "According to", &["the treaty is dead"])],
    );
    check(
        "The treaty is dead, according to Tessaly.",
        &[("Tessaly", "according to", &["The treaty is dead"])],
    );
    check(
        "The treaty is dead, the ministry said.",
        &[("the ministry", "said", &["The treaty is dead"])],
    );
    check(
        "Ruvania pledged to open its network.",
        &[("Ruvania", "pledged", &["to open its network"])],
    );
    check(
        "Okoro told reporters that the talks had failed.",
        &[("Okoro", "told", &["that the talks had failed"])],
    );
    check(
        "Okoro rejected the plan and said it was late.",
        &[("Okoro", "rejected", &["the plan"]), ("Okoro", "said", &["it was late"])],
    );
}

#[test]
fn scare_quotes_titles_and_own_words_are_not_taken() {
    check("The so-called “open net” is slow.", &[]);
    check("We read “The Open Net” last year.", &[]);
    check("I believe that the net is open.", &[]);
    check("The claims were false, and the plans failed.", &[]);
    check("The treaty was signed in May.", &[]);
}

#[test]
fn manner_tells_quoted_words_from_reports() {
    let manners = |text: &str| found(text).iter().map(|a| a.manner).collect::<Vec<_>>();
    assert_eq!(manners("“Yes, we do,” said Okoro."), [Manner::Direct]);
    assert_eq!(manners("Okoro said that she agreed."), [Manner::Indirect]);
}

#[test]
fn holders_are_resolved_in_the_document() {
    let holders = |text: &str| {
        found(text).into_iter().map(|a| a.holder.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(
        holders(
            "Minister Ada Okoro came late. She said that the talks went well. “We agree,” Okoro added."
        ),
        ["Ada Okoro", "Ada Okoro"]
    );
    assert_eq!(
        holders(
            "The Ministry of Justice of Ruvania met on Monday. The ministry said that it would appeal."
        ),
        ["Ministry of Justice of Ruvania"]
    );
    assert_eq!(
        holders("Mr. Bo Harun left early. She said that it was late."),
        [""],
        "a woman is not Mr. Harun"
    );
    assert_eq!(holders("They think that it is late."), [""]);
}

#[test]
fn quotations_in_other_languages_find_their_speaker() {
    let text = "„Das Netz bleibt offen“, sagte Mira Solheim.";
    let german = attributions(text, &sentences(text), &[], Some("de"));
    assert_eq!(german.len(), 1);
    assert_eq!(german[0].source.unwrap().of(text), "Mira Solheim");
    let text = "« Le réseau reste ouvert », a déclaré Mira Solheim.";
    let french = attributions(text, &sentences(text), &[], Some("fr"));
    assert_eq!(french[0].source.unwrap().of(text), "Mira Solheim");
    let text = "王明表示：“网络应当开放。”";
    let chinese = attributions(text, &sentences(text), &[], Some("zh"));
    assert_eq!(chinese[0].source.unwrap().of(text), "王明");
}
