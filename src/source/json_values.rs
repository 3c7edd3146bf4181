//! JSON values as metadata, and the `turns` of a record.

use serde_json::Value;

use crate::document::{GivenTurn, MetaValue, Span, byte_offset};

/// A value for a metadata column; lists and objects become JSON text, `null` is no value.
pub(crate) fn flat(value: Value) -> Option<MetaValue> {
    match value {
        Value::Null => None,
        Value::Bool(flag) => Some(MetaValue::Bool(flag)),
        Value::Number(number) => {
            let float = || number.as_f64().map(MetaValue::Float);
            number.as_i64().map(MetaValue::Int).or_else(float)
        }
        Value::String(text) => Some(MetaValue::Text(text)),
        Value::Array(_) | Value::Object(_) => Some(MetaValue::Text(value.to_string())),
    }
}

/// Reads `turns`: objects with `start` (code points), `speaker`, and `end` where a turn does not reach the next.
///
/// # Errors
///
/// A sentence on the first thing that is wrong, for the document's notes.
pub(crate) fn turns(value: &Value, text: &str) -> Result<Vec<GivenTurn>, String> {
    let Value::Array(list) = value else { return Err("turns is no list".to_owned()) };
    let mut bytes = Bytes { text, chars: 0, byte: 0 };
    let mut turns: Vec<GivenTurn> = Vec::new();
    let mut open = false;
    for (number, turn) in (1..).zip(list) {
        let whole = |key: &str| turn.get(key)?.as_u64().and_then(|n| usize::try_from(n).ok());
        let start = whole("start").ok_or_else(|| format!("turn {number} has no start"))?;
        let wrong = || format!("turn {number} starts before the last one ends or behind the text");
        let start = bytes.at(start).ok_or_else(wrong)?;
        if open && let Some(last) = turns.last_mut() {
            last.span.end = start;
        }
        let end = whole("end").and_then(|end| bytes.at(end));
        open = end.is_none();
        let span = Span::new(start, end.unwrap_or(text.len()));
        let speaker = turn.get("speaker").and_then(Value::as_str).map(str::trim);
        let speaker = speaker.filter(|name| !name.is_empty()).map(str::to_owned);
        turns.push(GivenTurn { span, speaker });
    }
    turns.retain(|turn| !turn.span.is_empty());
    Ok(turns)
}

/// Converts rising code-point offsets into bytes in one pass over the text.
struct Bytes<'a> {
    text: &'a str,
    chars: usize,
    byte: usize,
}

impl Bytes<'_> {
    fn at(&mut self, chars: usize) -> Option<usize> {
        let ahead = chars.checked_sub(self.chars)?;
        self.byte += byte_offset(&self.text[self.byte..], ahead)?;
        self.chars = chars;
        Some(self.byte)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: &Value, text: &str, expected: &[(&str, Option<&str>)]) {
        let turns = turns(value, text).unwrap();
        let found: Vec<_> =
            turns.iter().map(|turn| (turn.span.of(text), turn.speaker.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn turns_reach_to_the_next() {
        let given = json!([{"start": 4, "speaker": "Zoë"}, {"start": 8, "speaker": null}]);
        check(&given, "Ünï Zoë: Hä", &[("Zoë:", Some("Zoë")), (" Hä", None)]);
        let given = json!([{"start": 0, "end": 2}, {"start": 4, "speaker": "B"}]);
        check(&given, "a: b: c", &[("a:", None), (": c", Some("B"))]);
        check(&json!([]), "a", &[]);
    }

    #[test]
    fn wrong_turns_are_explained() {
        let wrong =
            [json!({}), json!([{}]), json!([{"start": 9}]), json!([{"start": 2}, {"start": 1}])];
        for value in wrong {
            assert!(turns(&value, "abc").is_err(), "{value}");
        }
    }

    #[test]
    fn nested_values_become_json() {
        assert_eq!(flat(json!(["a", 1])), Some(MetaValue::Text("[\"a\",1]".into())));
        assert_eq!(flat(json!(null)), None);
        assert_eq!(flat(json!(1.5)), Some(MetaValue::Float(1.5)));
        assert_eq!(flat(json!(7)), Some(MetaValue::Int(7)));
    }
}
