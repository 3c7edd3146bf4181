use std::fmt::Write;

use super::*;

/// A PDF of one page per content stream, with a Helvetica named F1.
fn pdf(contents: &[&str], extra: &str) -> Vec<u8> {
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        String::new(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        extra.to_owned(),
    ];
    let mut kids = String::new();
    for content in contents {
        let stream = objects.len() + 1;
        objects.push(with_stream("", content));
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 600]/Contents {stream} 0 R\
             /Resources<</Font<</F1 3 0 R>>/XObject<</X 4 0 R>>>>>>"
        ));
        write!(kids, "{} 0 R ", stream + 1).unwrap();
    }
    objects[1] = format!("<</Type/Pages/Kids[{kids}]/Count {}>>", contents.len());
    assemble(&objects)
}

fn with_stream(dictionary: &str, content: &str) -> String {
    let length = content.len();
    format!("<<{dictionary}/Length {length}>>\nstream\n{content}\nendstream")
}

/// A form that draws `content`.
fn form(dictionary: &str, content: &str) -> String {
    with_stream(&format!("/Type/XObject/Subtype/Form/BBox[0 0 9 9]{dictionary}"), content)
}

fn assemble(objects: &[String]) -> Vec<u8> {
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        write!(file, "{} 0 obj\n{object}\nendobj\n", index + 1).unwrap();
    }
    let start = file.len();
    write!(file, "xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).unwrap();
    for offset in offsets {
        writeln!(file, "{offset:010} 00000 n ").unwrap();
    }
    let size = objects.len() + 1;
    write!(file, "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n").unwrap();
    file.into_bytes()
}

fn text(contents: &[&str], extra: &str) -> Result<String> {
    read(&pdf(contents, extra), Limits::default()).map(|record| record.text)
}

#[test]
fn all_four_operators_show_text() {
    let content =
        "BT /F1 12 Tf 14 TL 50 500 Td (One) Tj T* [(tw) -20 (o)] TJ (three) ' 0 0 (four) \" ET";
    assert_eq!(text(&[content], "null").unwrap(), "One two three four");
}

#[test]
fn forms_are_read_where_they_are_drawn() {
    let form = form("/Matrix[1 0 0 1 0 -14]", "BT /F1 12 Tf 50 500 Td (in a form) Tj ET");
    let page = "BT /F1 12 Tf 50 500 Td (Text) Tj ET /X Do";
    assert_eq!(text(&[page], &form).unwrap(), "Text in a form");
}

#[test]
fn forms_that_draw_themselves_come_to_an_end() {
    let form = form("/Resources<</XObject<</X 4 0 R>>>>", "/X Do /X Do /X Do");
    let page = "BT /F1 12 Tf 50 500 Td (Text) Tj ET /X Do";
    assert_eq!(text(&[page], &form).unwrap(), "Text");
}

#[test]
fn content_drawn_over_and_over_is_refused() {
    let form = form("/Resources<</XObject<</X 4 0 R>>>>", &"/X Do ".repeat(50));
    let bytes = pdf(&["BT /F1 12 Tf 50 500 Td (Text) Tj ET /X Do"], &form);
    let limits = Limits { max_document_bytes: 1 << 20, ..Limits::default() };
    let error = read(&bytes, limits).unwrap_err();
    assert!(error.to_string().contains("beyond all measure"), "{error}");
}

#[test]
fn artifacts_of_tagged_files_stay_out() {
    let content = "/Artifact <</Type/Pagination>> BDC BT /F1 12 Tf 50 580 Td (Head) Tj ET EMC \
                   /P BMC BT /F1 12 Tf 50 500 Td (Text) Tj ET EMC";
    assert_eq!(text(&[content], "null").unwrap(), "Text");
}

#[test]
fn nonsense_in_a_page_is_passed_over() {
    let content =
        "/Cs7 cs /None gs BT 50 500 Td (No font) Tj /F9 12 Tf (x) Tm 1 Td 0 -14 Td (Text) Tj ET";
    assert_eq!(text(&[content], "null").unwrap(), "No font Text");
}

#[test]
fn a_file_without_text_and_a_broken_file_are_errors() {
    assert!(text(&["0 0 m 9 9 l S"], "null").unwrap_err().remedy().unwrap().contains("OCR"));
    assert!(text(&[], "null").unwrap_err().to_string().contains("has no text"));
    let refused = |bytes: &[u8]| read(bytes, Limits::default()).unwrap_err().to_string();
    assert!(refused(b"%PDF-1.7 and nothing more").contains("broken PDF"));
    assert!(refused(b"PK\x03\x04").contains("not a PDF"));
}

#[test]
fn page_trees_that_bite_their_tail_come_to_an_end() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/Parent 2 0 R>>",
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>",
        &with_stream("", "BT /F1 12 Tf 50 500 Td (Text) Tj ET"),
    ];
    let bytes = assemble(&objects.map(str::to_owned));
    assert_eq!(read(&bytes, Limits::default()).unwrap().text, "Text");
}

#[test]
fn strings_are_decoded() {
    let string = |bytes: &[u8]| decoded(&Object::string_literal(bytes.to_vec())).unwrap();
    assert_eq!(string(b"2022\x852027 caf\xe9\x9e"), "2022–2027 caféž");
    assert_eq!(string(b"\xfe\xff\0A\0B"), "AB");
}
