//! Folders, names, joins and errors, on files made for each test.

use std::io::Write;

use super::*;
use crate::document::MetaValue;
use crate::error::ErrorKind;

fn options(change: impl FnOnce(&mut SourceOptions)) -> SourceOptions {
    let mut options = SourceOptions::default();
    change(&mut options);
    options
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn folders_are_read_in_order_of_names_and_named_below_their_root() {
    let folder = Folder::with(&[
        ("b.txt", b"B."),
        ("a/z.md", b"Z."),
        ("a/y.txt.gz", &gzip(b"Y.")),
        (".hidden.txt", b"H."),
        ("~$lock.docx", b"L."),
        ("picture.png", b"P."),
    ]);
    let sources = folder.sources(&SourceOptions::default()).unwrap();
    let names: Vec<_> = sources.files().iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["a/y.txt.gz", "a/z.md", "b.txt"]);
    assert_eq!(ids(&split(&sources).0), ["a/y", "a/z", "b"]);
    assert_eq!(sources.warnings(), ["1 files of unknown type left out: picture.png"]);
}

#[test]
fn globs_choose_files_by_name_and_by_path() {
    let files: [(&str, &[u8]); 4] =
        [("a.txt", b"A."), ("b.md", b"B."), ("old/a.txt", b"C."), ("old/b.txt", b"D.")];
    let folder = Folder::with(&files);
    let read = |include: &[&str], exclude: &[&str]| {
        let globs = |list: &[&str]| list.iter().map(|glob| (*glob).to_owned()).collect();
        let (include, exclude) = (globs(include), globs(exclude));
        let options = SourceOptions { include, exclude, ..SourceOptions::default() };
        ids(&folder.read(&options).0).join(" ")
    };
    assert_eq!(read(&["*.txt"], &[]), "a old/a old/b");
    assert_eq!(read(&["*.txt"], &["old/"]), "a");
    assert_eq!(read(&[], &["a.*"]), "b old/b");
    assert_eq!(read(&["old/*.txt"], &["**/b.txt"]), "old/a");
    let error = folder.sources(&options(|o| o.include = vec!["[".into()])).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[test]
fn metadata_is_joined_and_what_does_not_match_is_reported() {
    let folder = Folder::with(&[
        ("speeches/KEN_73_2018.txt", b"---\ntitle: From the file\nplace: Velm\n---\nText one."),
        ("speeches/NOR_73_2018.txt", b"Text two."),
        (
            "metadata.csv",
            b"filename,doc_id,title,actor\nKEN_73_2018.txt,K73,From the table,Kenya\nX.txt,X,T,A\n",
        ),
    ]);
    let options = options(|o| {
        o.metadata = Some(folder.path("metadata.csv"));
        o.name_pattern = Some("{country_iso}_{un_session}_{year}".into());
    });
    let sources = folder.sources(&options).unwrap();
    let (documents, errors) = split(&sources);
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(ids(&documents), ["K73", "speeches/NOR_73_2018"]);
    let [one, two] = &documents[..] else { panic!("{documents:?}") };
    assert_eq!(one.meta.title.as_deref(), Some("From the table"));
    assert_eq!(
        (one.meta.actor.as_deref(), one.meta.country_iso.as_deref()),
        (Some("Kenya"), Some("KEN"))
    );
    assert_eq!(one.meta.date.as_deref(), Some("2018"));
    let kept: Vec<_> = one.meta.extra.keys().map(String::as_str).collect();
    assert_eq!(kept, ["filename", "place", "un_session", "year"]);
    assert_eq!(two.notes, ["no row in the metadata file"]);
    let warning =
        format!("{}: 1 rows match no document (lines 3)", folder.path("metadata.csv").display());
    assert_eq!(sources.warnings(), [warning]);
}

#[test]
fn records_of_tables_get_numbers_and_share_the_row_of_their_file() {
    let folder = Folder::with(&[
        ("a.csv", b"text,lang\nOne.,en\nTwo.,fr\n"),
        ("m.tsv", b"file\tevent\na.csv\tStraits Meeting\n"),
    ]);
    let options = options(|o| o.metadata = Some(folder.path("m.tsv")));
    let (documents, _) = folder.read(&options);
    assert_eq!(ids(&documents), ["a.1", "a.2"]);
    assert!(documents.iter().all(|d| d.meta.event.as_deref() == Some("Straits Meeting")));
    assert!(documents[1].path.ends_with("a.csv#2"));
    assert_eq!(documents[1].meta.lang.as_deref(), Some("fr"));
}

#[test]
fn one_bad_file_does_not_stop_the_others_and_says_what_is_wrong() {
    let mut cut = gzip(&b"A sentence that goes on and on. ".repeat(1000));
    cut.truncate(cut.len() / 2);
    let folder = Folder::with(&[
        ("a_empty.txt", b""),
        ("b_blank.txt", b" \n\t\n"),
        ("c_binary.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0"),
        ("d_cut.txt.gz", &cut),
        ("e_columns.csv", b"title\na\n"),
        ("f_old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        ("g_fake.pdf", b"not a PDF at all"),
        ("h_fake.parquet", b"PAR1PAR1"),
        ("i_fake.xml", b"<rss></rss>"),
        ("j_good.txt", b"Still read."),
    ]);
    let (documents, errors) = folder.read(&SourceOptions::default());
    assert_eq!(ids(&documents), ["j_good"]);
    assert_eq!(errors.len(), 9);
    for error in &errors {
        let file = error.location().file.as_ref().unwrap();
        assert!(file.starts_with(folder.root()), "{error}");
        assert!(
            error.kind() == ErrorKind::Input
                && (error.remedy().is_some() || error.cause() == "is empty"),
            "{error:?}"
        );
    }
    assert!(errors[3].cause().contains("ends in the middle"), "{}", errors[3].cause());
    assert!(errors[2].remedy().unwrap().contains("PNG"));
}

#[test]
fn a_cut_stream_gives_its_whole_records_first() {
    let mut lines = Vec::new();
    for n in 0..5000 {
        writeln!(lines, "{{\"doc_id\": \"d{n}\", \"text\": \"Words {n}.\"}}").unwrap();
    }
    let mut packed = gzip(&lines);
    packed.truncate(packed.len() * 2 / 3);
    let folder = Folder::with(&[("a.jsonl.gz", &packed), ("b.txt", b"Next file.")]);
    let (documents, errors) = folder.read(&SourceOptions::default());
    assert!(documents.len() > 1000 && documents.last().unwrap().doc_id == "b");
    assert_eq!(errors.len(), 1);
    assert!(errors[0].location().record.is_some(), "{}", errors[0]);
}

#[test]
fn inputs_that_cannot_be_used_are_refused_at_once() {
    let folder = Folder::with(&[("x.png", b"P")]);
    let refused = |inputs: &[PathBuf], options: &SourceOptions| {
        Sources::resolve(inputs, options).unwrap_err()
    };
    let plain = SourceOptions::default();
    assert_eq!(refused(&[], &plain).kind(), ErrorKind::Config);
    assert!(refused(&[folder.path("no.txt")], &plain).remedy().unwrap().contains("no such file"));
    let error = refused(&[folder.root().to_owned()], &plain);
    assert!(error.to_string().contains("found nothing"), "{error}");
    assert!(error.remedy().unwrap().contains("x.png"));
    folder.write("a.txt", b"A.");
    let bad = options(|o| o.name_pattern = Some("{".into()));
    assert_eq!(refused(&[folder.root().to_owned()], &bad).kind(), ErrorKind::Config);
    let bad = options(|o| o.metadata = Some(folder.path("none.csv")));
    assert_eq!(refused(&[folder.root().to_owned()], &bad).kind(), ErrorKind::Metadata);
}

#[test]
fn a_file_named_twice_is_read_once_and_any_extension_is_sniffed() {
    let folder = Folder::with(&[
        ("speech.v2", b"{\"text\": \"A.\"}\n{\"text\": \"B.\"}\n"),
        ("plain", b"C."),
    ]);
    let inputs = [folder.path("speech.v2"), folder.path("speech.v2"), folder.path("plain")];
    let sources = Sources::resolve(&inputs, &SourceOptions::default()).unwrap();
    assert_eq!(ids(&split(&sources).0), ["speech.v2.1", "speech.v2.2", "plain"]);
}

#[test]
fn digests_are_those_of_the_files_whether_read_or_not() {
    let folder = Folder::with(&[("a.txt", b"abc"), ("b.jsonl.gz", &gzip(b"{\"text\": \"A.\"}\n"))]);
    let before = folder.sources(&SourceOptions::default()).unwrap();
    let after = folder.sources(&SourceOptions::default()).unwrap();
    split(&after);
    for index in 0..2 {
        assert_eq!(before.file_sha256(index).unwrap(), after.file_sha256(index).unwrap());
    }
    assert!(before.file_sha256(0).unwrap().starts_with("ba7816bf"));
}

#[test]
fn a_hundred_megabytes_in_one_line_are_one_document() {
    let folder = Folder::with(&[("a.txt", &b"word ".repeat(20 << 20)), ("b.txt", b"B.")]);
    let (documents, errors) = folder.read(&SourceOptions::default());
    assert_eq!(
        (documents[0].text.len(), ids(&documents), errors.len()),
        (100 << 20, vec!["a", "b"], 0)
    );
    let small = options(|o| o.limits.max_document_bytes = 1 << 20);
    let (documents, errors) = folder.read(&small);
    assert_eq!((ids(&documents), errors.len()), (vec!["b"], 1));
    assert!(errors[0].cause().contains("larger than 1 MiB"), "{}", errors[0].cause());
}

#[test]
fn zero_bytes_do_not_reach_the_output() {
    let folder = Folder::with(&[(
        "a.jsonl",
        b"{\"text\": \"A\\u0000B.\", \"turns\": [{\"start\": 2, \"speaker\": \"X\"}]}\n",
    )]);
    let (documents, _) = folder.read(&SourceOptions::default());
    assert_eq!(documents[0].text, "A\u{fffd}B.");
    assert_eq!(documents[0].turns[0].span.of(&documents[0].text), "B.");
}

#[test]
fn extra_columns_keep_their_values() {
    let folder =
        Folder::with(&[("a.jsonl", b"{\"id\": 5, \"text\": \"A.\", \"n\": 1, \"path\": \"p\"}\n")]);
    let (documents, _) = folder.read(&SourceOptions::default());
    assert_eq!(documents[0].doc_id, "5");
    assert_eq!(documents[0].meta.extra["n"], MetaValue::Int(1));
    assert_eq!(documents[0].meta.extra["input_path"], MetaValue::Text("p".into()));
}

#[test]
fn a_hundred_thousand_columns_take_no_quadratic_time() {
    let mut line = b"{\"text\": \"A.\"".to_vec();
    for n in 0..100_000 {
        write!(line, ", \"c{n}\": {n}").unwrap();
    }
    line.extend(b"}\n");
    let folder = Folder::with(&[("a.jsonl", &line)]);
    let started = std::time::Instant::now();
    assert_eq!(folder.read(&SourceOptions::default()).0[0].meta.extra.len(), 100_000);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn links_in_a_circle_are_reported_and_the_rest_is_read() {
        let folder = Folder::with(&[("a/b.txt", b"B."), ("z.txt", b"Z.")]);
        symlink(folder.root(), folder.path("a/up")).unwrap();
        symlink(folder.path("nowhere"), folder.path("dangling.txt")).unwrap();
        let (documents, errors) = folder.read(&SourceOptions::default());
        assert_eq!(ids(&documents), ["a/b", "z"]);
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert!(errors.iter().any(|error| error.cause().contains("link to a folder around it")));
    }

    #[test]
    fn names_that_are_no_unicode_are_read() {
        let folder = Folder::with(&[]);
        let name = OsStr::from_bytes(b"caf\xe9.txt");
        fs_err::write(folder.root().join(name), "Text.").unwrap();
        let (documents, errors) = folder.read(&SourceOptions::default());
        assert_eq!((ids(&documents), errors.len()), (vec!["caf\u{fffd}"], 0));
    }

    #[test]
    fn files_without_permission_are_reported() {
        let folder = Folder::with(&[("a.txt", b"A."), ("b.txt", b"B.")]);
        fs_err::set_permissions(folder.path("a.txt"), PermissionsExt::from_mode(0o000)).unwrap();
        if fs_err::read(folder.path("a.txt")).is_ok() {
            eprintln!("skipped: permissions mean nothing to this user");
            return;
        }
        let (documents, errors) = folder.read(&SourceOptions::default());
        assert_eq!((ids(&documents), errors.len()), (vec!["b"], 1));
        assert!(errors[0].remedy().unwrap().contains("permissions"));
    }
}
