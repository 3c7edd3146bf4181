//! The forms in which texts tell words of others, one golden example each: press releases, signed quotations,
//! lists of holders, pronouns, and what goes wrong with them. All states and people are invented.

use std::path::Path;

use super::{document, sentences};
use crate::attribute::{
    ActorRegistry, Attributor, RuleAttributor, StatementDraft, statements, turns,
};
use crate::document::{Document, Metadata};

const STATES: &[u8] = b"actor_id,name,aliases,type,country_iso
RUV,Ruvania,+Ruvanian|~Velt,state,RUV
TES,Tessaly,+Tessalian|~Orm,state,TES
DOV,Dovia,+Dovian,state,DOV
FEN,Fennmark,+Fennish,state,FEN
lakesoft,Lakesoft,,business,RUV
";

fn registry() -> ActorRegistry {
    ActorRegistry::built_in().with_table(STATES, Path::new("states.csv")).unwrap()
}

fn drafts(doc: &Document) -> Vec<(StatementDraft, String)> {
    let registry = registry();
    let (sentences, turns) = (sentences(&doc.text), turns(doc));
    let rules = RuleAttributor::with_actors(registry.clone());
    let attributions = rules.attributions(&doc.text, &sentences, &turns, Some("en"));
    let words = |draft: &StatementDraft| match draft.attribution {
        Some(at) => attributions[at]
            .content
            .iter()
            .map(|span| span.of(&doc.text))
            .collect::<Vec<_>>()
            .join(" … "),
        None => String::new(),
    };
    let drafts = statements(doc, &sentences, &turns, &attributions, &registry);
    drafts.into_iter().map(|draft| (draft.clone(), words(&draft))).collect()
}

/// Holder, actor with its country, and the words told, of each statement of somebody else; a holder and words
/// over several sentences once.
fn check(text: &str, expected: &[(&str, &str, &str)]) {
    check_document(&document(text, None), expected);
}

fn check_document(doc: &Document, expected: &[(&str, &str, &str)]) {
    let mut shown: Vec<(String, String, String)> = Vec::new();
    for (draft, words) in drafts(doc) {
        let actor = draft.actor.map_or_else(
            || "-".to_owned(),
            |actor| {
                let country = actor.country_iso.map(|iso| format!(" {iso}")).unwrap_or_default();
                format!("{}{country}{}", actor.actor_id, if actor.ambiguous { "?" } else { "" })
            },
        );
        let row = (draft.holder, actor, words);
        if draft.attribution.is_some() && !shown.contains(&row) {
            shown.push(row);
        }
    }
    let shown: Vec<(&str, &str, &str)> =
        shown.iter().map(|(a, b, c)| (a.as_str(), b.as_str(), c.as_str())).collect();
    assert_eq!(shown, expected, "in {}", doc.text);
}

#[test]
fn a_quotation_with_a_name_behind_a_dash() {
    check(
        "“We will keep the network open.” – Commissioner Mira Solheim",
        &[("Mira Solheim", "person-mira-solheim", "“We will keep the network open.”")],
    );
}

#[test]
fn a_block_quotation_signed_with_role_place_and_date() {
    let words = "“We will keep the network open. All of it.”";
    for signature in [
        "— Mira Solheim, envoy of Ruvania, Velt, 3 May 2019",
        "MIRA SOLHEIM, envoy of Ruvania, Velt, 3 May 2019",
        "Mira Solheim, envoy of Ruvania, Velt, 3 May 2019",
    ] {
        let text = format!("A word from the talks.\n\n{words}\n\n{signature}\n\nThe talks go on.");
        let mut statements =
            drafts(&document(&text, None)).into_iter().filter(|(d, _)| d.attribution.is_some());
        let (draft, told) = statements.next().unwrap_or_else(|| panic!("nothing in {text}"));
        let actor = draft.actor.unwrap();
        assert_eq!(
            (actor.actor_id.as_str(), actor.country_iso.as_deref()),
            ("person-mira-solheim", Some("RUV")),
            "{text}"
        );
        assert_eq!(told, words);
    }
    check("A word.\n\n“We will keep the network open.”\n\nThe lake froze early.", &[]);
}

#[test]
fn a_press_release_announces_who_follows() {
    for words in ["“The council will act.”", "The council will act."] {
        check(
            &format!("And from Chairwoman Ada Okoro:\n\n{words}"),
            &[("Ada Okoro", "person-ada-okoro", words)],
        );
    }
    check(
        "The minister of Dovia, Ada Okoro, said: The council will act. It rained.",
        &[("Ada Okoro", "person-ada-okoro DOV", "The council will act")],
    );
}

#[test]
fn a_letterhead_names_the_speaker_of_the_text() {
    let text = "From the desk of Mira Solheim, envoy of Ruvania\n\nWe will keep the network open. Tessaly argues that each state should close its own.";
    let all = drafts(&document(text, None));
    let own = all.iter().filter(|(draft, _)| draft.attribution.is_none());
    let speakers: Vec<_> = own
        .map(|(d, _)| d.actor.as_ref().map(|a| (a.actor_id.clone(), a.country_iso.clone())))
        .collect();
    let solheim = Some(("person-mira-solheim".to_owned(), Some("RUV".to_owned())));
    assert_eq!(speakers, [solheim.clone(), solheim.clone(), solheim]);
    assert!(all.iter().any(|(draft, _)| draft.holder == "Tessaly"));
}

#[test]
fn an_apposition_between_name_and_verb() {
    let words = "the plan was dead";
    for text in [
        "Ada Okoro, a Fennish MP, said the plan was dead.",
        "Ada Okoro, a Fennish MP said the plan was dead.",
    ] {
        check(text, &[("Ada Okoro", "person-ada-okoro FEN", words)]);
    }
    check(
        "Ruvania's top envoy, Mira Solheim, said the plan was dead.",
        &[("Mira Solheim", "person-mira-solheim RUV", words)],
    );
}

#[test]
fn quotations_that_go_on_over_paragraphs() {
    check(
        "“We agree.\n\n“It took long,” Ada Okoro said. “It was worth it.”",
        &[("Ada Okoro", "person-ada-okoro", "“It took long,” … “It was worth it.”")],
    );
    check(
        "Ada Okoro spoke first: \"We agree.\n\nIt took long,\" she said.",
        &[("Ada Okoro", "person-ada-okoro", "It took long,\"")],
    );
}

#[test]
fn surnames_that_are_words() {
    check("“We agree,” said Bo Law.", &[("Bo Law", "person-bo-law", "“We agree,”")]);
    check(
        "Minister Mira May came late. May said that the plan was dead.",
        &[("Mira May", "person-mira-may", "that the plan was dead")],
    );
    check(
        "Envoy Bo Price spoke. Price warned that the plan was dead.",
        &[("Bo Price", "person-bo-price", "that the plan was dead")],
    );
}

#[test]
fn two_people_of_one_name_are_told_apart_or_flagged() {
    let start = "Mr. Aru Telnik and Ms. Mira Telnik met. ";
    check(
        &format!("{start}Ms. Telnik said that the plan was dead."),
        &[("Mira Telnik", "person-mira-telnik", "that the plan was dead")],
    );
    check(
        &format!("{start}Telnik said that the plan was dead."),
        &[("Telnik", "person-telnik?", "that the plan was dead")],
    );
    check(
        "President Aru Telnik met Senator Mira Telnik. President Telnik said that the plan was dead.",
        &[("Aru Telnik", "person-aru-telnik", "that the plan was dead")],
    );
}

#[test]
fn one_person_under_many_names_is_one_actor() {
    let telnik = "person-aru-telnik TES";
    check(
        "President Aru Telnik of Tessaly came to Velt. Telnik said that the talks went well. “It took long,” he added. President Telnik warned that the lake was deep. The president promised to return.",
        &[
            ("Aru Telnik", telnik, "that the talks went well"),
            ("Aru Telnik", telnik, "“It took long,”"),
            ("Aru Telnik", telnik, "that the lake was deep"),
            ("Aru Telnik", telnik, "to return"),
        ],
    );
    let meta = Metadata {
        actor: Some("Aru Telnik".to_owned()),
        actor_type: Some("person".to_owned()),
        country_iso: Some("TES".to_owned()),
        ..Metadata::default()
    };
    let doc = Document { meta, ..document("Telnik said that the talks went well.", None) };
    check_document(&doc, &[]); // whose text it is anyway
}

#[test]
fn several_holders_get_a_statement_each() {
    let words = "that the plan was dead";
    check(
        "Ruvania and Tessaly said that the plan was dead.",
        &[("Ruvania", "RUV RUV", words), ("Tessaly", "TES TES", words)],
    );
    check(
        "Ruvania, Tessaly and Dovia said that the plan was dead.",
        &[
            ("Ruvania", "RUV RUV", words),
            ("Tessaly", "TES TES", words),
            ("Dovia", "DOV DOV", words),
        ],
    );
    check(
        "The Ministry of Trade and Industry said that the plan was dead.",
        &[("The Ministry of Trade and Industry", "ministry-of-trade-and-industry", words)],
    );
    check(
        "Talks between Ruvania and Tessaly failed. The two countries said that the plan was dead.",
        &[("Ruvania", "RUV RUV", words), ("Tessaly", "TES TES", words)],
    );
    check(
        "Aru Telnik met Mira Solheim and Ada Okoro. Both said that the plan was dead.",
        &[("Mira Solheim", "person-mira-solheim", words), ("Ada Okoro", "person-ada-okoro", words)],
    );
}

#[test]
fn pronouns_and_definite_nouns_mean_the_last_fitting_actor() {
    check(
        "Lakesoft met officials of Ruvania. The company said that the plan was dead.",
        &[("Lakesoft", "lakesoft RUV", "that the plan was dead")],
    );
    check(
        "The Lake Council met Mira Solheim. It said that the plan was dead. She agreed that it was late.",
        &[
            ("Lake Council", "lake-council", "that the plan was dead"),
            ("Mira Solheim", "person-mira-solheim", "that it was late"),
        ],
    );
    check("Dovia therefore said that it was late.", &[("Dovia", "DOV DOV", "that it was late")]);
    check(
        "When we asked Guo in Velt, he replied that the plan was dead.",
        &[("Guo", "person-guo", "that the plan was dead")],
    );
}

#[test]
fn words_that_name_nobody_hold_nothing() {
    for text in [
        "They told us that the plan was dead.",
        "All said that the plan was dead.",
        "Some believe that the plan was dead.",
        "The second says that the plan was dead.",
    ] {
        check(text, &[]);
    }
}

#[test]
fn interjections_and_the_chair_break_no_turn() {
    let text = "Mr Okoro (Dovia): We must act now.\n\n(Interruption)\n\nThe Chair: Order. Mr Okoro has the floor.\n\nMr Okoro (Dovia): We must act now, I say.\n\n[A member: Shame!]\n\nThe lake is ours.";
    let speakers: Vec<_> = drafts(&document(text, None))
        .into_iter()
        .map(|(draft, _)| (draft.actor.map(|actor| actor.actor_id), draft.own_words))
        .collect();
    let okoro = || Some("person-okoro".to_owned());
    assert_eq!(
        speakers,
        [
            (okoro(), true),
            (okoro(), false),
            (None, true),
            (None, true),
            (okoro(), true),
            (okoro(), false),
            (okoro(), true)
        ]
    );
}

#[test]
fn unbalanced_marks_cost_one_paragraph_at_most() {
    check(
        "The lake froze, \"early.\n\n\"We agree,\" said Ada Okoro.",
        &[("Ada Okoro", "person-ada-okoro", "\"We agree,\"")],
    );
    check(
        "Ada Okoro said, \"We will act.\n\nThe lake froze early.",
        &[("Ada Okoro", "person-ada-okoro", "\"We will act.")],
    );
    check("We will act,” said Ada Okoro.", &[("Ada Okoro", "person-ada-okoro", "We will act,”")]);
}
