//! Claims of a tagger, joined with quotations. Marks in the texts: `[` source `]`, `<` cue `>`, `{` content `}`.

use super::sentences;
use crate::attribute::{RuleAttributor, quoted};
use crate::document::{Attribution, Claim, Manner, Span};

/// The text without its marks, and the claims; one claim ends where the next one's first mark follows a `|`.
fn marked(text: &str) -> (String, Vec<Claim>) {
    let mut plain = String::new();
    let mut claims = Vec::new();
    for part in text.split('|') {
        let (mut source, mut cue, mut content) = (None, None, Vec::new());
        let mut open = Vec::new();
        for c in part.chars() {
            match c {
                '[' | '<' | '{' => open.push(plain.len()),
                ']' => source = open.pop().map(|start| Span::new(start, plain.len())),
                '>' => cue = open.pop().map(|start| Span::new(start, plain.len())),
                '}' => content.extend(open.pop().map(|start| Span::new(start, plain.len()))),
                other => plain.push(other),
            }
        }
        claims.extend(cue.map(|cue| Claim { cue, source, content, confidence: 0.8 }));
    }
    (plain, claims)
}

fn complete(text: &str) -> (String, Vec<Attribution>) {
    let (plain, claims) = marked(text);
    let found = RuleAttributor::new().complete(&plain, &sentences(&plain), &[], &claims);
    (plain, found)
}

/// Holder, manner and contents of each attribution.
fn shown(text: &str) -> Vec<(Option<String>, Manner, Vec<String>)> {
    let (plain, found) = complete(text);
    let show = |one: Attribution| {
        let content = one.content.iter().map(|piece| piece.of(&plain).to_owned()).collect();
        (one.holder, one.manner, content)
    };
    found.into_iter().map(show).collect()
}

fn one(text: &str) -> (Option<String>, Manner, Vec<String>) {
    let mut found = shown(text);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_report_stays_as_the_tagger_found_it() {
    let found = one("[Mira Solheim] <said> {that the cable was cut}.");
    let content = vec!["that the cable was cut".to_owned()];
    assert_eq!(found, (Some("Mira Solheim".into()), Manner::Indirect, content));
}

#[test]
fn a_quotation_over_sentences_is_one_content() {
    let found = one("“The lake is frozen. {The boats are in,”} <said> [Mira Solheim].");
    let content = vec!["“The lake is frozen. The boats are in,”".to_owned()];
    assert_eq!(found, (Some("Mira Solheim".into()), Manner::Direct, content));
    let found = one("[Mira Solheim] <said>: {“The lake is frozen.} The boats are in.”");
    assert_eq!(found.2, ["“The lake is frozen. The boats are in.”"]);
}

#[test]
fn a_part_of_a_quotation_does_not_become_the_whole() {
    let found = shown("“The lake is frozen and [the mayor] <thinks> {it will stay so}. We wait.”");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].2, ["it will stay so"]);
}

#[test]
fn a_quotation_that_goes_on_belongs_to_whom_the_one_before_did() {
    let found =
        one("{“The lake is frozen,”} <said> [Mira Solheim]. “The boats stay in until March.”");
    assert_eq!(found.2, ["“The lake is frozen,”", "“The boats stay in until March.”"]);
}

#[test]
fn a_quotation_that_the_tagger_left_alone_is_attributed_by_rule() {
    let (plain, found) = complete("“The boats stay in until March,” said Aru Telnik.");
    assert_eq!(quoted(&plain).len(), 1);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].holder.as_deref(), found[0].method.as_str()),
        (Some("Aru Telnik"), "quotation")
    );
}

#[test]
fn the_text_itself_is_nobody_else() {
    let (_, manner, _) = one("[We] <believe> {that the lake is open}.");
    assert_eq!(manner, Manner::Own);
    let quoted = shown("“[I] <believe> {in open lakes},” he added.");
    assert!(quoted.iter().all(|(_, manner, _)| *manner != Manner::Own), "{quoted:?}");
}

#[test]
fn contents_that_overlap_become_one() {
    let found = one("“One. {Two.”} {And “three} four”, <said> [Mira Solheim].");
    assert!(found.2.iter().all(|piece| !piece.is_empty()));
}
