use super::super::tests::page_of_lines;
use super::*;

fn check(pages: &[Page], expected: &[&str]) {
    let (text, _) = text(pages);
    assert_eq!(text.split("\n\n").collect::<Vec<_>>(), expected);
}

/// A page whose lines are all full, so that nothing but its words tells where paragraphs end.
fn full(texts: &[&str]) -> Page {
    let mut page = page_of_lines(texts, 100.0);
    for line in &mut page {
        line.right = 500.0;
    }
    page
}

#[test]
fn wrapped_lines_become_one_paragraph() {
    let page =
        full(&["The envoy of Ruvania said that", "cables belong to all. He asked", "for a vote."]);
    check(&[page], &["The envoy of Ruvania said that cables belong to all. He asked for a vote."]);
}

#[test]
fn a_gap_an_indent_or_a_short_last_line_starts_a_paragraph() {
    let mut page = full(&["One ends here.", "Two ends here.", "Three ends.", "Four."]);
    page[1].y += 14.0;
    page[2].y += 14.0;
    page[3].y += 14.0;
    page[2].left += 12.0;
    page[2].right = 200.0;
    check(&[page], &["One ends here.", "Two ends here.", "Three ends.", "Four."]);
}

#[test]
fn headings_stand_alone() {
    let mut page =
        full(&["A large title", "Some text that is long", "Short heading", "Next text goes on"]);
    page[0].size = 18.0;
    page[2].right = 150.0;
    page[1].right = 300.0;
    check(
        &[page],
        &["A large title", "Some text that is long", "Short heading", "Next text goes on"],
    );
}

#[test]
fn sentences_go_on_across_pages() {
    let pages = [full(&["The vote was put off until"]), full(&["the next week. Nobody spoke."])];
    check(&pages, &["The vote was put off until the next week. Nobody spoke."]);
    let pages = [full(&["The vote was put off."]), full(&["The next week nobody spoke."])];
    check(&pages, &["The vote was put off.", "The next week nobody spoke."]);
}

#[test]
fn hyphens_go_where_the_document_shows_the_word_without() {
    let page = full(&[
        "The govern-",
        "ance of a well-",
        "known net. Its govern-",
        "ance is well-known in Asia-",
        "Pacific states.",
    ]);
    check(
        &[page],
        &[
            "The governance of a well-known net. Its governance is well-known in Asia-Pacific states.",
        ],
    );
    let page = full(&["They make a decision. The making of a decision-", "making body."]);
    check(&[page], &["They make a decision. The making of a decision-making body."]);
}

#[test]
fn items_start_paragraphs() {
    let page = full(&[
        "The states agree on:",
        "(a) open cables;",
        "(b) closed doors that",
        "nobody opens.",
        "• The end",
    ]);
    check(
        &[page],
        &[
            "The states agree on:",
            "(a) open cables;",
            "(b) closed doors that nobody opens.",
            "• The end",
        ],
    );
    assert!(!is_item("a few words") && !is_item("1998 was a year") && !is_item("I agree"));
}

#[test]
fn chinese_lines_are_joined_without_a_space() {
    check(&[full(&["各国应当共同参与互联", "网治理。"])], &["各国应当共同参与互联网治理。"]);
}

#[test]
fn no_page_gives_no_text() {
    assert_eq!(text(&[]), (String::new(), Vec::new()));
    assert_eq!(text(&[Page::new()]), (String::new(), Vec::new()));
}
