//! Repairs of fonts that the extracting crate would give a whole page up for.

use std::collections::BTreeSet;

use pdf_extract::{Document, Object, ObjectId, Stream};

/// Tables from codes to characters that are larger than this are left as they are.
const LARGEST_TABLE: usize = 4 << 20;

/// Codes of one range that are written out; a byte has no more.
const LONGEST_RANGE: u32 = 256;

/// Mends the tables from codes to characters (`ToUnicode`), which hold UTF-16 in hexadecimal digits
/// (ISO 32000-1, 9.10.3).
///
/// TeX writes characters beyond the Basic Multilingual Plane as five digits, which no parser takes; and the
/// one in use takes no range that starts with several characters (a ligature).
pub(crate) fn repair_tables(document: &mut Document) {
    let dictionaries = document.objects.values().filter_map(|object| object.as_dict().ok());
    let tables =
        dictionaries.filter_map(|font| font.get(b"ToUnicode").and_then(Object::as_reference).ok());
    let tables: BTreeSet<ObjectId> = tables.collect();
    for id in tables {
        let table = document.get_object(id).and_then(Object::as_stream);
        let Ok(content) = table.and_then(Stream::decompressed_content) else { continue };
        if content.len() > LARGEST_TABLE {
            continue;
        }
        let whole = with_whole_strings(&content);
        let listed = with_listed_ranges(whole.as_deref().unwrap_or(&content));
        if let Some(repaired) = listed.or(whole) {
            let stream = Stream::new(pdf_extract::Dictionary::new(), repaired);
            document.objects.insert(id, Object::Stream(stream));
        }
    }
}

/// Drops embedded font programs: what to try when one of them cannot be parsed.
pub(crate) fn drop_programs(document: &mut Document) {
    for object in document.objects.values_mut() {
        if let Ok(dictionary) = object.as_dict_mut() {
            for key in [&b"FontFile"[..], b"FontFile2", b"FontFile3"] {
                dictionary.remove(key);
            }
        }
    }
}

/// `table` with an even number of digits in every string; `None` where that is so already.
fn with_whole_strings(table: &[u8]) -> Option<Vec<u8>> {
    let mut whole = Vec::with_capacity(table.len());
    let mut changed = false;
    for part in table.split_inclusive(|byte| *byte == b'>') {
        let digits = part.strip_suffix(b">").and_then(|part| {
            let start = memchr::memrchr(b'<', part)? + 1;
            Some(&part[start..])
        });
        let odd = digits
            .filter(|digits| digits.len() % 2 == 1 && digits.iter().all(u8::is_ascii_hexdigit));
        match odd.and_then(whole_string) {
            Some(mended) => {
                whole.extend_from_slice(&part[..part.len() - odd.map_or(0, <[u8]>::len) - 1]);
                whole.extend_from_slice(mended.as_bytes());
                whole.push(b'>');
                changed = true;
            }
            None => whole.extend_from_slice(part),
        }
    }
    changed.then_some(whole)
}

/// An odd number of digits as the UTF-16 of the character they number, or with a zero before them.
fn whole_string(digits: &[u8]) -> Option<String> {
    let digits = std::str::from_utf8(digits).ok()?;
    let number = u32::from_str_radix(digits, 16).ok();
    match number.filter(|number| *number > 0xffff).and_then(char::from_u32) {
        Some(character) => {
            let mut units = [0; 2];
            let units = character.encode_utf16(&mut units);
            Some(units.iter().map(|unit| format!("{unit:04x}")).collect::<Vec<_>>().concat())
        }
        None => Some(format!("0{digits}")),
    }
}

/// `table` with each range that starts with several characters, or half a one, as a list of strings; `None` where
/// there is none.
fn with_listed_ranges(table: &[u8]) -> Option<Vec<u8>> {
    let range = r"<([0-9A-Fa-f]{1,8})>\s*<([0-9A-Fa-f]{1,8})>\s*<([0-9A-Fa-f]+)>";
    let range = regex::bytes::Regex::new(range).expect("a constant expression");
    let mut changed = false;
    let mut rest = 0;
    let mut output = Vec::with_capacity(table.len());
    for start in memchr::memmem::find_iter(table, b"beginbfrange") {
        let end =
            memchr::memmem::find(&table[start..], b"endbfrange").map_or(table.len(), |n| start + n);
        if start < rest {
            continue;
        }
        output.extend_from_slice(&table[rest..start]);
        let section =
            range.replace_all(&table[start..end], |found: &regex::bytes::Captures<'_>| {
                let list = list_of_range(&found[1], &found[2], &found[3]);
                changed |= list.is_some();
                list.unwrap_or_else(|| found[0].to_vec())
            });
        output.extend_from_slice(&section);
        rest = end;
    }
    output.extend_from_slice(&table[rest..]);
    changed.then_some(output)
}

/// `<low> <high> [<first> <second> …]` for a range whose first string is not one or two units long.
fn list_of_range(low: &[u8], high: &[u8], first: &[u8]) -> Option<Vec<u8>> {
    if matches!(first.len(), 4 | 8) {
        return None;
    }
    let text = |digits| std::str::from_utf8(digits).ok();
    let number = |digits| u32::from_str_radix(text(digits)?, 16).ok();
    let count = number(high)?.checked_sub(number(low)?).filter(|n| *n < LONGEST_RANGE)? + 1;
    // What grows from code to code is the last unit.
    let (stem, last) = first.split_at(first.len().saturating_sub(4));
    let (stem, last) = (text(stem)?, number(last)?);
    let strings: Vec<String> =
        (last..last + count).map(|last| format!("<{stem}{last:04x}>")).collect();
    Some(format!("<{}> <{}> [{}]", text(low)?, text(high)?, strings.join(" ")).into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_of_odd_length_are_mended() {
        let table = b"1 beginbfchar\n<01> <1D465>\n<2> <0041>\nendbfchar <<>>";
        let expected = b"1 beginbfchar\n<01> <d835dc65>\n<02> <0041>\nendbfchar <<>>";
        assert_eq!(with_whole_strings(table).unwrap(), expected);
        assert_eq!(with_whole_strings(expected), None);
        assert_eq!(with_whole_strings(b"<zzz> a>b <"), None);
    }

    #[test]
    fn ranges_of_ligatures_are_listed() {
        let table = b"<00> <00> <66>\nbeginbfrange\n<1b> <1c> <00660066>\n<1e> <1f> <006600660069>\n<41> <41> <41>\n\
                      endbfrange <00> <00> <66>";
        let expected = b"<00> <00> <66>\nbeginbfrange\n<1b> <1c> <00660066>\n\
                         <1e> <1f> [<006600660069> <00660066006a>]\n<41> <41> [<0041>]\nendbfrange <00> <00> <66>";
        assert_eq!(with_listed_ranges(table).unwrap(), expected);
        assert_eq!(with_listed_ranges(expected), None);
    }
}
