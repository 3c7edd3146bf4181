use super::*;

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let mark = mark.then_some(0xfeff_u16);
    let units = mark.into_iter().chain(text.encode_utf16());
    units
        .flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() })
        .collect()
}

fn check(bytes: &[u8], text: &str, note: Option<&str>) {
    let (decoded, notes) = decode(bytes.to_vec(), None).unwrap();
    assert_eq!(decoded, text);
    assert_eq!(notes.first().map(String::as_str), note);
    let reader = utf8_reader(Box::new(io::Cursor::new(bytes.to_vec()))).unwrap().unwrap();
    let mut streamed = Vec::new();
    { reader.0 }.read_to_end(&mut streamed).unwrap();
    assert_eq!(String::from_utf8_lossy(&streamed), text);
}

#[test]
fn utf8_with_and_without_mark() {
    check("Zoë spoke.".as_bytes(), "Zoë spoke.", None);
    check(b"\xef\xbb\xbfplain", "plain", Some("removed the byte-order mark"));
}

#[test]
fn utf16_in_four_ways() {
    for text in ["Ruvania objects to the draft.\n", "Рувания возражает против проекта. Да.\n"]
    {
        for (big, name) in [(false, "utf-16le"), (true, "utf-16be")] {
            check(&utf16(text, big, true), text, Some(&format!("decoded from {name}")));
            let detected = format!("decoded from {name} (detected)");
            check(&utf16(text, big, false), text, Some(&detected));
        }
    }
}

#[test]
fn legacy_encodings_are_detected() {
    let western = "Le délégué déclare que la souveraineté numérique — « la nôtre » — est menacée.";
    let (bytes, ..) = encoding_rs::WINDOWS_1252.encode(western);
    check(&bytes, western, Some("decoded from windows-1252 (detected)"));
    let russian =
        "Уважаемый председатель, наша делегация поддерживает предложенный проект резолюции.";
    let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(russian);
    check(&bytes, russian, Some("decoded from windows-1251 (detected)"));
    let japanese =
        "議長、わが国の代表団はこの決議案を支持します。インターネットは開かれたものです。";
    let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(japanese);
    check(&bytes, japanese, Some("decoded from shift_jis (detected)"));
}

#[test]
fn a_declared_encoding_is_believed_unless_the_bytes_are_utf8() {
    let text = "Příliš žluťoučký kůň";
    let (bytes, ..) = encoding_rs::ISO_8859_2.encode(text);
    let (decoded, notes) = decode(bytes.into_owned(), Some("iso-8859-2")).unwrap();
    assert_eq!((decoded.as_str(), notes[0].as_str()), (text, "decoded from iso-8859-2"));
    let (decoded, notes) = decode(text.as_bytes().to_vec(), Some("iso-8859-2")).unwrap();
    assert_eq!((decoded.as_str(), notes.len()), (text, 0));
}

#[test]
fn a_broken_byte_in_utf8_is_replaced_and_noted() {
    let mut bytes =
        "déjà vu, très élégant, naïve façade, café, ça va, à bientôt".as_bytes().to_vec();
    bytes.insert(10, 0xff);
    let (text, notes) = decode(bytes, None).unwrap();
    assert!(text.contains('\u{fffd}'));
    assert_eq!(notes, ["invalid UTF-8 replaced by U+FFFD, first at byte 10"]);
}

#[test]
fn binary_data_is_refused_with_a_guess_at_what_it_is() {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend((0..=255).cycle().take(2000));
    let error = decode(png, None).unwrap_err();
    assert!(error.to_string().contains("is not text"), "{error}");
    assert!(error.remedy().unwrap().contains("PNG"), "{:?}", error.remedy());
    assert!(decode(vec![1; 100], None).is_err());
    assert!(decode(vec![1, 0, 0], None).is_err());
    assert!(decode(b"\xff\xfe\0\0a\0\0\0".to_vec(), None).is_err());
}
