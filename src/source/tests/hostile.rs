//! No bytes make a reader panic, hang or loop: arbitrary ones, and damaged copies of good files.

use proptest::prelude::*;

use super::*;

/// Every format, with a good file to damage.
fn good() -> Vec<(&'static str, Vec<u8>)> {
    let fixture = |name: &str| {
        fs_err::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/source").join(name))
            .unwrap()
    };
    let tei = "<?xml version='1.0'?><TEI><teiHeader><titleStmt><title>T</title></titleStmt></teiHeader><text><body>\
               <u who='#Tarn'><seg><s><w join='right'>We</w><pc>.</pc></s></seg><note>n</note></u></body></text></TEI>";
    let html = "<!DOCTYPE html><html lang=en><head><title>T</title><meta name=date content='2021-04-03'></head><body>\
                <nav><a href=/>Home</a></nav><main><p>We &amp; you<sup><a href=#1>1</a></sup>.<br>Yes.</main></html>";
    let json = "{\"doc_id\": \"a\", \"text\": \"Zoë said: \\\"no\\\".\", \"turns\": [{\"start\": 2, \"speaker\": \"Z\"}]}\n";
    vec![
        ("a.txt", "---\ntitle: T\n---\nZoë spoke. “Yes.”\n".as_bytes().to_vec()),
        ("a.txt", "\u{feff}Zoë".encode_utf16().flat_map(u16::to_le_bytes).collect()),
        ("a.html", html.as_bytes().to_vec()),
        ("a.xml", tei.as_bytes().to_vec()),
        ("a.csv", "doc_id,text,date\na,\"One, \"\"two\"\"\",2021\nb,Zoë,\n".as_bytes().to_vec()),
        ("a.tsv", b"id\ttext\n1\tOne\n".to_vec()),
        ("a.jsonl", json.repeat(3).into_bytes()),
        ("a.json", format!("[{json},{json}]").into_bytes()),
        ("a.jsonl.zst", zstd::encode_all(json.as_bytes(), 3).unwrap()),
        ("a.docx", fixture("communique.docx")),
        ("a.pdf", fixture("two_columns.pdf")),
        ("a.pdf", fixture("open_to_read.pdf")),
        ("a.parquet", fixture("table.parquet")),
    ]
}

/// Reads `bytes` as a file called `name`; what must hold whatever they are.
fn check(name: &str, bytes: &[u8]) {
    let folder = Folder::with(&[(name, bytes)]);
    let (documents, errors) = folder.read(&SourceOptions::default());
    for document in &documents {
        assert!(!document.text.trim().is_empty() && !document.text.contains('\0'));
        let mut last = 0;
        for turn in &document.turns {
            assert!(turn.span.start >= last && document.text.get(turn.span.range()).is_some());
            last = turn.span.end;
        }
    }
    for error in &errors {
        assert!(error.location().file.is_some() && !error.cause().is_empty());
    }
}

fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), format in 0..13_usize) {
        let (name, _) = good().swap_remove(format);
        check(name, &bytes);
    }

    #[test]
    fn arbitrary_text_never_panics(text in "[\\PC\n]{0,200}", format in 0..13_usize) {
        let (name, _) = good().swap_remove(format);
        check(name, text.as_bytes());
    }

    #[test]
    fn markup_soup_never_panics(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..60),
        format in prop::sample::select(vec!["a.html", "a.xml", "a.json", "a.csv", "a.txt"]),
    ) {
        check(format, pieces.concat().as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(
        format in 0..13_usize,
        changes in damage(),
        cut in any::<prop::sample::Index>(),
        shorten in any::<bool>(),
    ) {
        let (name, mut bytes) = good().swap_remove(format);
        for (place, value) in changes {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if shorten {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(name, &bytes);
    }
}

const PIECES: [&str; 40] = [
    "<p>",
    "</p>",
    "<nav>",
    "</nav>",
    "<main>",
    "</main>",
    "<sup>",
    "</sup>",
    "<br>",
    "<pre>",
    "</pre>",
    "<script>",
    "</script>",
    "<TEI>",
    "</TEI>",
    "<text>",
    "<u who='#a'>",
    "</u>",
    "<seg>",
    "</seg>",
    "<w join='right'>",
    "</w>",
    "<note>",
    "</note>",
    "<teiHeader>",
    "</teiHeader>",
    "<title>",
    "</title>",
    "&amp;",
    "&#0;",
    "&x;",
    "<!--",
    "-->",
    "{\"text\": \"a\"}",
    "[",
    "]",
    "text,id\n",
    "---\n",
    "\"",
    "Zoë. ",
];
