//! Files made by other programs; see `tests/fixtures/source/README.md`.

use super::*;
use crate::document::MetaValue;

fn fixture(name: &str) -> PathBuf {
    // The crate that holds these sources may be built from elsewhere: the fixtures lie beside them.
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/source").join(name)
}

fn read(name: &str) -> Result<Document> {
    let sources = Sources::resolve(&[fixture(name)], &SourceOptions::default())?;
    sources.documents().next().unwrap()
}

/// The paragraphs of the communiqué.
fn paragraphs(document: &Document) -> Vec<&str> {
    document.text.split("\n\n").collect()
}

#[test]
fn a_pdf_gives_whole_sentences() {
    let document = read("communique.pdf").unwrap();
    let paragraphs = paragraphs(&document);
    assert_eq!(paragraphs[0], "Communiqué of the Straits Meeting");
    assert!(
        paragraphs[2]
            .starts_with("Ruvania recalled that every harbour has a harbour master, and concluded")
    );
    assert!(paragraphs[2].ends_with("under those who build and write."));
    let across_pages = "technical, that telecommunication had never cured a bad temper, and that the responsibilities";
    assert!(document.text.contains(across_pages), "{}", document.text);
    assert!(paragraphs.contains(
        &"• The register of names stays with the foundation that has kept it since 1998."
    ));
    assert!(!document.text.contains("Page 2") && !document.text.contains("Straits Meeting ·"));
    assert_eq!(document.notes, ["removed 3 running heads and feet", "removed 3 page numbers"]);
    assert_eq!(document.meta.title.as_deref(), Some("Communiqué of the Straits Meeting"));
    assert_eq!((document.meta.lang.as_deref(), document.meta.actor.as_deref()), (Some("en"), None));
}

#[test]
fn a_pdf_in_columns_is_read_column_by_column() {
    let document = read("two_columns.pdf").unwrap();
    let paragraphs = paragraphs(&document);
    assert_eq!(
        paragraphs,
        [
            "The harbour of Brant was closed for eleven days when the registry went dark. Nobody in the town \
             had known that the registry was kept by a cooperative of retired pilots. A cooperative, as the mayor \
             put it later, is what you have when nobody else wants the work.",
            "Ruvania has proposed since then that registries be run by ministries. The pilots of Brant have \
             answered with a proposal of their own: that ministries be run by pilots. The interconnection of both \
             proposals is not obvious, but each interconnection fee shows that somebody has to pay for both and \
             that nobody has asked the fishermen. They were heard in the end, on a wet Tuesday, between the item \
             on lamp oil and the item on harbour dues, for six minutes. They asked for a well-kept register, for a \
             telephone that somebody answers, and for less paper.",
            "The meeting found this hard to argue with. It was noted that a well-kept register is no small thing, \
             and that Brant had one for forty years. The delegate of Tessaly closed the session with the words \
             that what is not broken need not be governed.",
        ]
    );
    assert_eq!(document.meta.title.as_deref(), Some("Registries – a view from Brant"));
}

#[test]
fn encryption_matters_only_where_it_asks_for_a_password() {
    assert_eq!(read("open_to_read.pdf").unwrap().text, read("communique.pdf").unwrap().text);
    let error = read("password.pdf").unwrap_err();
    assert!(error.to_string().contains("is encrypted"), "{error}");
    assert!(error.remedy().unwrap().contains("password"));
    let error = read("pictures_only.pdf").unwrap_err();
    assert!(error.to_string().contains("has no text"), "{error}");
}

#[test]
fn a_docx_gives_the_same_sentences_as_the_pdf() {
    let document = read("communique.docx").unwrap();
    let pdf = read("communique.pdf").unwrap();
    let paragraphs = paragraphs(&document);
    assert_eq!(paragraphs[2], pdf.text.split("\n\n").nth(2).unwrap());
    assert_eq!(paragraphs.last(), pdf.text.split("\n\n").last().as_ref());
    assert!(
        !document.text.contains("protocol of the second meeting"),
        "a footnote stands in the text"
    );
    assert_eq!(document.meta.extra["creator"], MetaValue::Text("Odile Tarn".into()));
}

#[test]
fn a_parquet_table_of_another_writer_keeps_its_columns() {
    let sources = Sources::resolve(&[fixture("table.parquet")], &SourceOptions::default()).unwrap();
    let (documents, errors) = split(&sources);
    assert_eq!(ids(&documents), ["velm-1", "velm-2"]);
    assert_eq!((errors.len(), errors[0].location().record), (1, Some(3)));
    let meta = &documents[1].meta;
    assert_eq!(
        (meta.actor.as_deref(), meta.date.as_deref()),
        (Some("Tessaly"), Some("2021-04-03"))
    );
    assert_eq!(meta.extra["tags"], MetaValue::Text("cables; names".into()));
    assert_eq!(meta.extra["recorded"], MetaValue::Text("2021-04-03T10:30:00".into()));
    assert!(
        !meta.extra.contains_key("votes") && documents[0].meta.extra["votes"] == MetaValue::Int(3)
    );
}
