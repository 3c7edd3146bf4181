//! Speaker turns.

use super::document;
use crate::attribute::turns;
use crate::document::{Document, GivenTurn, Span, Turn};

/// Speaker (or role in brackets) and words of each turn; narration is shown as "-".
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = turns(&document(text, None));
    let shown: Vec<(String, &str)> =
        found.iter().map(|turn| (voice(turn), words(text, turn))).collect();
    let shown: Vec<(&str, &str)> =
        shown.iter().map(|(voice, words)| (voice.as_str(), *words)).collect();
    assert_eq!(shown, expected);
}

fn voice(turn: &Turn) -> String {
    match (&turn.speaker, &turn.role) {
        (Some(speaker), _) => speaker.clone(),
        (None, Some(role)) => format!("[{role}]"),
        (None, None) => "-".to_owned(),
    }
}

fn words<'t>(text: &'t str, turn: &Turn) -> &'t str {
    text[turn.label.map_or(turn.span.start, |label| label.end)..turn.span.end].trim()
}

#[test]
fn labels_of_many_forms_open_turns() {
    check(
        "Lake Hall, 3 May\n\nPresident of Ruvania Aru Telnik: Good morning. Let us begin.\n\n\
         MS. SOLHEIM (Tessaly): Thank you.\n\nTHE MODERATOR: The floor is open.\n\nQ: Who pays?\n\n\
         TELNIK: We all do.\n\n**Mira Solheim:** I agree.\n\nQuestion (retranslated): And when?",
        &[
            ("-", "Lake Hall, 3 May"),
            ("Aru Telnik", "Good morning. Let us begin."),
            ("Solheim", "Thank you."),
            ("[THE MODERATOR]", "The floor is open."),
            ("[Q]", "Who pays?"),
            ("Aru Telnik", "We all do."),
            ("Mira Solheim", "I agree."),
            ("[Question]", "And when?"),
        ],
    );
}

#[test]
fn verbatim_records_give_affiliations() {
    let text = "The President: I call on the representative of Ruvania.\n\n\
        Mr. Okoro (Ruvania) (interpretation from French): My delegation thanks you.\n\n\
        Mrs. de Amar (Tessaly): So does mine.\n\nThe PRESIDENT: The meeting is closed.";
    let found = turns(&document(text, None));
    let given: Vec<_> = found.iter().map(|turn| turn.affiliation.as_deref()).collect();
    assert_eq!(given, [None, Some("Ruvania"), Some("Tessaly"), None]);
    assert_eq!(found[2].speaker.as_deref(), Some("de Amar"));
    assert!(found.iter().all(|turn| turn.method == "label" && turn.confidence > 0.9));
}

#[test]
fn offices_are_kept_apart_from_names() {
    let text = "Deputy Prime Minister Ada Okoro: Good afternoon, colleagues.\n\n\
        Chairman of the Board of Directors of Vell Steel Bo Harun (retranslated): Thank you.\n\n\
        Emir of Oun Tamir bin Hadar Al Saar: Welcome, friends.\n\n\
        Lio Marek, reporter at Channel Six: A question, please.";
    let found = turns(&document(text, None));
    let shown: Vec<_> =
        found.iter().map(|t| (t.speaker.as_deref().unwrap(), t.role.as_deref().unwrap())).collect();
    assert_eq!(
        shown,
        [
            ("Ada Okoro", "Deputy Prime Minister"),
            ("Bo Harun", "Chairman of the Board of Directors of Vell Steel"),
            ("Tamir bin Hadar Al Saar", "Emir of Oun"),
            ("Lio Marek", "reporter at Channel Six"),
        ]
    );
    assert_eq!(found[2].affiliation.as_deref(), Some("Oun"));
}

#[test]
fn a_label_may_stand_alone_or_behind_marks() {
    check(
        ">> ADA OKORO:\nWelcome to the forum.\n\n[00:01:12] BO HARUN: Thank you, Ada.\n\n>> ADA OKORO: My pleasure.",
        &[
            ("Ada Okoro", "Welcome to the forum."),
            ("Bo Harun", "Thank you, Ada."),
            ("Ada Okoro", "My pleasure."),
        ],
    );
}

#[test]
fn labels_in_other_scripts_are_read() {
    check(
        "主持人：欢迎各位。\n问：谁来决定？\n王明：各国一起决定。\n问：何时？\n王明：明年。",
        &[
            ("[主持人]", "欢迎各位。"),
            ("[问]", "谁来决定？"),
            ("王明", "各国一起决定。"),
            ("[问]", "何时？"),
            ("王明", "明年。"),
        ],
    );
}

#[test]
fn a_hover_card_glued_to_a_label_is_cut_off() {
    check(
        "Ada Okoro: How is the harvest?\n\nFarm Minister Bo Harun Harun BoMinister of Farming : It is good.\n\nAda Okoro: Fine.",
        &[
            ("Ada Okoro", "How is the harvest?"),
            ("Bo Harun", "It is good."),
            ("Ada Okoro", "Fine."),
        ],
    );
}

#[test]
fn two_bearers_of_a_surname_are_not_mixed_up() {
    let text = "ADA OKORO: Yes, we begin.\n\nBEN OKORO: Thank you.\n\nOKORO: I go on.\n\nADA OKORO: Stop there.\n\nOKORO: No.";
    let found = turns(&document(text, None));
    assert_eq!(found[2].speaker.as_deref(), Some("Okoro"));
}

#[test]
fn prose_with_colons_has_no_turns() {
    for text in [
        "We have three points: access, rights, trust.\n\nNote: this is a draft.\n\nTime: 10:00\n\nURL: https://example.org\n\nPlace: Lake Hall.",
        "Mr. President: I bring greetings.\n\nMr. President: our people hope for peace. They work hard.",
        "Dear friends:\n\nLadies and gentlemen: welcome.\n\nIn short: we agree.",
        "First: peace. There is none.\n\nSecond: bread. There is little.\n\nThird: hope. There is much of it.",
        "Data Protection: The law applies.\n\nHuman Rights: They apply online.\n\nCyber Security: It matters to all.",
        "Ada Okoro: the network must stay open\n\nThe minister spoke on Monday. She was brief.",
        "Chairman: Mr. Okoro\nSecretary: Ms. Solheim\nMinister of Defence: Bo Harun",
        "Ativo: qualquer coisa que tenha valor.\n\nAlerta: sinal validado.\n\nAtivo: outra coisa.",
        "Ruvania: 1,203.\nTessaly: 998.\nRuvania: 77.\nTessaly: 56.",
    ] {
        assert_eq!(turns(&document(text, None)), [], "in {text}");
    }
}

#[test]
fn one_stray_label_makes_no_transcript() {
    let prose = "The ministers met in the lake hall. They spoke for a long time. ".repeat(20);
    let text = format!("{prose}\n\nAda Okoro: a portrait of the minister, 1998.\n\n{prose}");
    assert_eq!(turns(&document(&text, None)), []);
}

#[test]
fn given_turns_win() {
    let text = "Intro.\n\nAda Okoro: One.\n\nBo: Two.";
    let given = |start, end, speaker: Option<&str>| GivenTurn {
        span: Span::new(start, end),
        speaker: speaker.map(str::to_owned),
    };
    let turns_given = vec![given(8, 25, Some("Ada Okoro")), given(25, text.len(), None)];
    let doc = Document { turns: turns_given, ..document(text, None) };
    let found = turns(&doc);
    let shown: Vec<_> =
        found.iter().map(|t| (t.method.as_str(), t.speaker.as_deref(), t.span.of(text))).collect();
    assert_eq!(
        shown,
        [
            ("narration", None, "Intro."),
            ("given", Some("Ada Okoro"), "Ada Okoro: One."),
            ("given", None, "Bo: Two.")
        ]
    );
    assert_eq!(found[1].label.unwrap().of(text), "Ada Okoro:");
}
