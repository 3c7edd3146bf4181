//! Small helpers over the XML parser, shared by the readers of DOCX and TEI.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart};

use crate::error::{Error, ErrorKind};

/// A parser that forgives what does not matter here: mismatched end tags and lone ampersands.
pub(crate) fn reader(xml: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    reader
}

/// The value of the attribute `name`, written with its prefix (`xml:id`) or without (`val` for `w:val`).
pub(crate) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let mut attributes = tag.attributes();
    // Checking for duplicates takes quadratic time.
    let mut attributes = attributes.with_checks(false).flatten();
    let named = |key: quick_xml::name::QName<'_>| {
        key.as_ref() == name || (!name.contains(':') && key.local_name().as_ref() == name)
    };
    let found = attributes.find(|attribute| named(attribute.key))?;
    Some(
        found
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .map_or_else(|_| found.value.to_string(), std::borrow::Cow::into_owned),
    )
}

/// The characters that `&name;` stands for; entities that the file defines itself stand for nothing.
pub(crate) fn reference(reference: &BytesRef<'_>) -> String {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return character.to_string();
    }
    let name = reference.xml10_content();
    quick_xml::escape::resolve_predefined_entity(&name).unwrap_or_default().to_owned()
}

/// The error for XML that cannot be parsed.
pub(crate) fn syntax_error(error: quick_xml::Error, reader: &Reader<&[u8]>) -> Error {
    Error::new(ErrorKind::Input, "is broken XML")
        .at_byte(reader.error_position())
        .caused_by(error)
        .hint("was the file cut short? an XML editor shows the place")
}
