//! YAML front matter: the block between `---` lines that opens a text or Markdown file.

use serde_norway::Value;

use crate::document::MetaValue;

use super::json_values;
use super::record::Columns;

/// Front matter beyond this is taken for text: a ruler at the top of a long essay.
const LONGEST: usize = 64 << 10;

/// Front matter and where the text behind it starts.
#[derive(Debug, PartialEq)]
pub(crate) struct FrontMatter {
    pub(crate) columns: Columns,
    /// First byte of the text.
    pub(crate) body: usize,
}

/// Finds front matter at the start of `text`.
///
/// `Ok(None)` where there is none. `Err` says why a block that looks like front matter cannot be read as such;
/// the text is then kept whole.
pub(crate) fn split(text: &str) -> Result<Option<FrontMatter>, String> {
    let Some((block, body)) = block(text) else { return Ok(None) };
    let value: Value = serde_norway::from_str(block).map_err(|error| error.to_string())?;
    let Value::Mapping(mapping) = value else { return Ok(None) };
    let column = |(name, value): (Value, Value)| Some((scalar(&name)?.to_string(), flat(value)?));
    let columns = mapping.into_iter().filter_map(column).collect();
    Ok(Some(FrontMatter { columns, body }))
}

/// The YAML between the fences and the start of what follows them and its blank lines.
fn block(text: &str) -> Option<(&str, usize)> {
    let mut lines = text.split_inclusive('\n');
    let opening = lines.next().filter(|line| line.trim_end() == "---")?;
    let mut end = opening.len();
    for line in lines {
        if matches!(line.trim_end(), "---" | "...") {
            let rest = &text[end + line.len()..];
            let blank = rest.len() - rest.trim_start_matches(['\n', '\r']).len();
            return Some((&text[opening.len()..end], end + line.len() + blank));
        }
        end += line.len();
        if end > LONGEST {
            return None;
        }
    }
    None
}

fn scalar(value: &Value) -> Option<MetaValue> {
    match value {
        Value::String(text) => Some(MetaValue::Text(text.clone())),
        Value::Bool(flag) => Some(MetaValue::Bool(*flag)),
        Value::Number(number) => {
            let float = || number.as_f64().map(MetaValue::Float);
            number.as_i64().map(MetaValue::Int).or_else(float)
        }
        Value::Tagged(tagged) => scalar(&tagged.value),
        _ => None,
    }
}

/// Lists and mappings become JSON text: a column holds one value.
fn flat(value: Value) -> Option<MetaValue> {
    match value {
        Value::Sequence(_) | Value::Mapping(_) => {
            serde_json::to_value(value).ok().and_then(json_values::flat)
        }
        other => scalar(&other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> MetaValue {
        MetaValue::Text(value.to_owned())
    }

    #[test]
    fn front_matter_is_read_and_cut() {
        let file = "---\ntitle: On cables\nyear: 2018\ntags: [a, b]\nempty:\n---\n\nFirst words.\n";
        let front = split(file).unwrap().unwrap();
        assert_eq!(
            front.columns,
            [
                ("title".to_owned(), text("On cables")),
                ("year".to_owned(), MetaValue::Int(2018)),
                ("tags".to_owned(), text("[\"a\",\"b\"]")),
            ]
        );
        assert_eq!(&file[front.body..], "First words.\n");
    }

    #[test]
    fn windows_line_ends_and_dots_close_the_block() {
        let file = "---\r\ntitle: A\r\n...\r\nText";
        let front = split(file).unwrap().unwrap();
        assert_eq!(front.columns, [("title".to_owned(), text("A"))]);
        assert_eq!(&file[front.body..], "Text");
    }

    #[test]
    fn a_ruler_is_no_front_matter() {
        assert_eq!(split("--- \nThis is a letter.\n---\nText"), Ok(None));
        assert_eq!(split("---\ntitle: never closed\n"), Ok(None));
        assert_eq!(split("Text\n---\ntitle: A\n---\n"), Ok(None));
        assert_eq!(split(""), Ok(None));
    }

    #[test]
    fn broken_yaml_is_reported() {
        assert!(split("---\ntitle: [a\n---\nText").is_err());
        let bomb = format!("---\na: {}\n---\n", "[".repeat(10_000));
        assert!(split(&bomb).is_err());
    }
}
