use super::*;

/// A small valid codebook, with the lines of tests in mind: line 1 is `id = "taxes"`.
const TAXES: &str = include_str!("../../../tests/fixtures/codebook/taxes.toml");

/// Parses [`TAXES`] with `from` replaced by `to` and returns what went wrong.
fn check(from: &str, to: &str) -> (Option<u64>, String, Option<String>) {
    assert!(TAXES.contains(from), "the test replaces something that is not there");
    let error = Codebook::parse(&TAXES.replacen(from, to, 1), "t.toml").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Codebook);
    assert_eq!(error.location().file.as_deref(), Some(Path::new("t.toml")));
    (error.location().line, error.cause(), error.remedy().map(String::from))
}

#[test]
fn the_built_in_codebook_has_the_axes_of_the_contract() {
    let codebook = Codebook::built_in();
    let poles: Vec<_> = codebook.poles().map(|(axis, pole)| (&*axis.id, &*pole.id)).collect();
    assert_eq!(
        poles,
        [
            ("control", "sovereignty"),
            ("control", "openness"),
            ("governance", "multilateral"),
            ("governance", "multistakeholder")
        ]
    );
    for (_, pole) in codebook.poles() {
        assert!(pole.examples.len() >= 5, "{} has few examples", pole.id);
        assert!(!pole.clarification.is_empty() && !pole.negative_clarification.is_empty());
    }
}

#[test]
fn the_hash_is_of_the_content_not_of_the_file() {
    let codebook = Codebook::parse(TAXES, "t").unwrap();
    let spaced = TAXES.replace("title = ", "# a comment\ntitle    =  ");
    assert_eq!(Codebook::parse(&spaced, "t").unwrap().sha256(), codebook.sha256());
    let changed = TAXES.replace("Cut them.", "Raise them.");
    assert_ne!(Codebook::parse(&changed, "t").unwrap().sha256(), codebook.sha256());
    assert_eq!(codebook.sha256().len(), 64);
}

#[test]
fn a_hypothesis_is_about_the_holder_and_no_part_of_the_hash() {
    let with = |line: &str| TAXES.replacen("examples =", &format!("{line}\nexamples ="), 1);
    let codebook = Codebook::parse(TAXES, "t").unwrap();
    let asked = Codebook::parse(&with("hypothesis = \"{holder} likes it  cheap.\""), "t").unwrap();
    assert_eq!(asked.axes[0].poles[0].hypothesis.as_deref(), Some("{holder} likes it cheap."));
    assert_eq!(asked.sha256(), codebook.sha256());
    assert_ne!(asked, codebook);
    for (line, words) in [
        ("hypothesis = \"Taxes are low.\"", "does not say {holder}"),
        ("hypothesis = \"{holder} and {actor} agree.\"", "a brace that is no {holder}"),
        ("hypothesis = \"\"", "is empty"),
        ("hypothesis = 3", "is integer, not a string"),
    ] {
        let error = Codebook::parse(&with(line), "t").unwrap_err();
        assert!(error.cause().contains(words), "{error}");
        assert!(error.location().line.is_some());
    }
}

#[test]
fn hypotheses_leave_the_heads_of_the_built_in_codebook_valid() {
    // What models/default/heads.json was stamped with before there were hypotheses.
    let heads = include_str!("../../../models/default/heads.json");
    assert!(heads.contains(&Codebook::built_in().sha256()));
}

#[test]
fn a_third_axis_needs_only_the_file() {
    let axis = TAXES[TAXES.find("[[axes]]").unwrap()..].replace("rate", "scope");
    let axis = axis.replace("lower", "narrow").replace("higher", "wide");
    let codebook = Codebook::parse(&format!("{TAXES}\n{axis}"), "t").unwrap();
    assert_eq!(codebook.axes.len(), 2);
    assert_eq!(codebook.axis("scope").unwrap().poles[1].id, "wide");
}

#[test]
fn syntax_errors_name_the_line() {
    let (line, cause, _) = check("name = \"Rate\"", "name = \"Rate");
    assert_eq!(line, Some(7));
    assert!(cause.contains("is not valid TOML"), "{cause}");
}

#[test]
fn unknown_keys_get_a_suggestion() {
    let (line, cause, hint) = check("definition = \"Wants lower", "defintion = \"Wants lower");
    assert_eq!(line, Some(13));
    assert_eq!(cause, "unknown key `defintion` in pole");
    assert_eq!(hint.as_deref(), Some("did you mean `definition`?"));
    let (_, _, hint) = check("title = ", "zzz = 1\ntitle = ");
    assert!(hint.unwrap().starts_with("known keys are"));
}

#[test]
fn missing_and_mistyped_keys_are_errors() {
    let (line, cause, _) = check("definition = \"Wants higher taxes.\"\n", "");
    assert_eq!((line, &*cause), (Some(16), "pole has no `definition`"));
    let (line, cause, _) = check("version = \"1\"", "version = 1");
    assert_eq!((line, &*cause), (Some(2), "`version` of the codebook is integer, not a string"));
    let (_, cause, _) = check("\"How high?\"", "\"  \"");
    assert_eq!(cause, "`description` of axis is empty");
    let (line, cause, _) = check("[\"Cut them.\"]", "[\"Cut them.\", 3]");
    assert_eq!((line, &*cause), (Some(14), "`examples` of pole is integer, not a string"));
    let (_, cause, _) = check("[\"Cut them.\"]", "\"Cut them.\"");
    assert_eq!(cause, "`examples` of pole is string, not an array");
}

#[test]
fn ids_are_checked() {
    let (line, cause, hint) = check("\"rate\"", "\"Tax Rate\"");
    assert_eq!((line, &*cause), (Some(6), "`Tax Rate` cannot be the id of an axis"));
    assert!(hint.unwrap().contains("a-z"));
    let (line, cause, _) = check("\"higher\"", "\"lower\"");
    assert_eq!((line, &*cause), (Some(17), "the id `lower` is given to a second pole"));
    let (_, cause, _) = check("\"higher\"", "\"none\"");
    assert_eq!(cause, "`none` cannot be the id of a pole: it is a lean");
}

#[test]
fn an_axis_has_two_poles() {
    let second = &TAXES[TAXES.rfind("[[axes.poles]]").unwrap()..];
    let (line, cause, _) = check(second, "");
    assert_eq!((line, &*cause), (Some(5), "axis `rate` has 1 pole, not two"));
    let third = format!("{second}\n{}", second.replace("higher", "highest"));
    assert!(check(second, &third).1.contains("has 3 poles"));
    let no_axis = &TAXES[TAXES.find("[[axes]]").unwrap()..];
    assert_eq!(check(no_axis, "").1, "a codebook needs at least one axis");
}

proptest::proptest! {
    #[test]
    fn any_text_parses_or_fails_with_a_codebook_error(text in "[a-z\\[\\]=\"\n .#0-9]{0,200}", cut in 0usize..400) {
        let head: String = TAXES.chars().take(cut).collect();
        if let Err(error) = Codebook::parse(&(head + &text), "t.toml") {
            proptest::prop_assert!(error.location().line.is_some());
        }
    }
}
