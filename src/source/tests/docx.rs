use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::*;

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn document(body: &str) -> String {
    format!("<?xml version='1.0'?><w:document xmlns:w='w'><w:body>{body}</w:body></w:document>")
}

fn text(body: &str) -> String {
    let bytes = archive(&[("word/document.xml", &document(body))]);
    read(bytes, Limits::default()).unwrap().text
}

#[test]
fn runs_are_joined_and_paragraphs_kept_apart() {
    let body = "<w:p><w:pPr><w:tabs><w:tab w:val='left'/></w:tabs></w:pPr>\
                <w:r><w:t xml:space='preserve'>Cables &amp; </w:t></w:r><w:r><w:t>states</w:t></w:r></w:p>\
                <w:p/><w:p><w:r><w:t>A</w:t><w:tab/><w:t>B</w:t><w:br/><w:t>C</w:t></w:r></w:p>";
    assert_eq!(text(body), "Cables & states\n\nA\tB\nC");
}

#[test]
fn what_the_reader_does_not_see_stays_out() {
    let body = "<w:p><w:r><w:t>Kept</w:t></w:r><w:del><w:r><w:delText>gone</w:delText><w:t>gone</w:t></w:r></w:del>\
                <w:r><w:instrText>PAGE</w:instrText></w:r><w:r><w:footnoteReference w:id='2'/></w:r></w:p>\
                <w:p><w:pPr><w:pStyle w:val='TOC1'/></w:pPr><w:r><w:t>Contents 3</w:t></w:r></w:p>\
                <w:p><w:r><w:t>Box </w:t></w:r><w:r><w:Choice><w:txbxContent><w:p><w:r><w:t>inside</w:t></w:r></w:p>\
                </w:txbxContent></w:Choice><w:Fallback><w:p><w:r><w:t>copy</w:t></w:r></w:p></w:Fallback></w:r></w:p>";
    assert_eq!(text(body), "Kept\n\ninside\n\nBox");
}

#[test]
fn cells_of_tables_are_paragraphs() {
    let cell = |text: &str| format!("<w:tc><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:tc>");
    let table = format!("<w:tbl><w:tr>{}{}</w:tr></w:tbl>", cell("North"), cell("12"));
    assert_eq!(text(&table), "North\n\n12");
}

#[test]
fn core_properties_and_relations_are_read() {
    let relations = "<Relationships><Relationship Type='x/officeDocument' Target='/word/document2.xml'/></Relationships>";
    let core = "<cp:coreProperties><dc:title>On &lt;cables&gt;</dc:title><dc:creator>o.tarn</dc:creator>\
                <dc:subject></dc:subject></cp:coreProperties>";
    let body = document("<w:p><w:r><w:t>Text.</w:t></w:r></w:p>");
    let parts =
        [("_rels/.rels", relations), ("word/document2.xml", &body), ("docProps/core.xml", core)];
    let record = read(archive(&parts), Limits::default()).unwrap();
    assert_eq!(record.text, "Text.");
    let found: Vec<_> =
        record.properties.iter().map(|(n, v)| (n.as_str(), v.to_string())).collect();
    assert_eq!(found, [("title", "On <cables>".to_owned()), ("creator", "o.tarn".to_owned())]);
}

#[test]
fn a_bomb_is_refused() {
    let limits = Limits { free_inflation: 1 << 20, ..Limits::default() };
    let bomb = archive(&[("word/document.xml", &" ".repeat(8 << 20))]);
    let error = read(bomb, limits).unwrap_err();
    assert!(error.to_string().contains("inflates beyond all measure"), "{error}");
}

#[test]
fn what_is_no_docx_is_named() {
    let refused = |bytes: &[u8]| read(bytes.to_vec(), Limits::default()).unwrap_err();
    assert!(refused(b"%PDF-1.7").remedy().unwrap().contains("a PDF"));
    assert!(refused(b"\xd0\xcf\x11\xe0\xa1").to_string().contains("old Word"));
    assert!(refused(b"PK\x03\x04").to_string().contains("broken DOCX"));
    assert!(refused(&archive(&[("content.xml", "<a/>")])).to_string().contains("no part"));
    let mut cut = archive(&[("word/document.xml", &document("<w:p/>"))]);
    cut.truncate(cut.len() / 2);
    assert!(refused(&cut).to_string().contains("broken"));
}
