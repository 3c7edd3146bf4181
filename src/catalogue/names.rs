//! What models, files and revisions may be called. Names become paths on this machine, and they come from files
//! and servers of others: what is not on a short list of harmless characters is refused.

use std::path::Path;

/// The longest part of a path; file systems allow 255 bytes, and `.part` must still fit.
const MAX_PART: usize = 200;

/// Names that mean something else wherever a model is named.
const RESERVED: [&str; 2] = ["default", "hashed"];

/// What Windows opens as a device, whatever the extension.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// Whether `name` can name a model: one part of a path, none of the words with a meaning of their own.
pub(super) fn is_name(name: &str) -> bool {
    is_part(name) && !RESERVED.contains(&name)
}

/// Whether `id` is `OWNER/NAME`, as hubs name a repository.
pub(super) fn is_id(id: &str) -> bool {
    id.split_once('/').is_some_and(|(owner, name)| is_part(owner) && is_part(name))
}

/// Whether `revision` is a whole commit. Branches and tags move, short commits may become ambiguous.
pub(super) fn is_revision(revision: &str) -> bool {
    is_hexadecimal(revision, 40)
}

/// Whether `text` is a SHA-256 as [`digest`](crate::digest) writes it.
pub(super) fn is_sha256(text: &str) -> bool {
    is_hexadecimal(text, 64)
}

/// Whether `path` names a file below a folder: parts with `/` between them, none of which leads out or hides.
pub(super) fn is_file_path(path: &str) -> bool {
    path.len() <= 1024
        && path.split('/').all(is_part)
        && Path::new(path).extension().is_none_or(|end| end != "part")
}

fn is_hexadecimal(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Letters, digits, `-`, `_` and, inside, dots. So there is no `..`, no drive, no separator of any system, no
/// option for a command line and no control character.
fn is_part(part: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let inner = |byte: u8| plain(byte) || byte == b'-' || byte == b'.';
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    (1..=MAX_PART).contains(&part.len())
        && part.bytes().next().is_some_and(plain)
        && part.bytes().all(inner)
        && !part.ends_with('.')
        && !DEVICES.contains(&stem.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRICKS: [&str; 22] = [
        "",
        ".",
        "..",
        "../up",
        "a/../../up",
        "a/..",
        "/etc/passwd",
        "//host/share",
        "C:",
        "C:\\windows",
        "C:/windows",
        "a\\b",
        "..\\up",
        "a\0b",
        "a\nb",
        ".hidden",
        "a/.hidden",
        "a//b",
        "a/",
        "nul.txt",
        "-option",
        "a ",
    ];

    #[test]
    fn no_trick_is_a_path_or_a_name() {
        for trick in TRICKS {
            assert!(!is_file_path(trick), "{trick:?}");
            assert!(!is_name(trick), "{trick:?}");
            assert!(!is_id(trick), "{trick:?}");
            assert!(!is_id(&format!("owner/{trick}")), "{trick:?}");
        }
        assert!(!is_file_path("model.safetensors.part"));
        assert!(!is_name("default") && !is_name("hashed") && !is_name("a/b"));
        assert!(!is_id("owner/name/more") && !is_id("name"));
        assert!(!is_name(&"a".repeat(201)));
    }

    #[test]
    fn ordinary_names_are_accepted() {
        for path in [
            "config.json",
            "1_Pooling/config.json",
            "onnx/model_qint8_avx512_vnni.onnx",
            "model-00001-of-00003.safetensors",
        ] {
            assert!(is_file_path(path), "{path}");
        }
        assert!(is_name("all-MiniLM-L6-v2") && is_name("paraphrase_v2.1"));
        assert!(is_id("sentence-transformers/all-MiniLM-L6-v2"));
    }

    #[test]
    fn revisions_and_digests_are_whole() {
        assert!(is_revision(&"0a".repeat(20)) && is_sha256(&"0a".repeat(32)));
        for text in ["main", "v1.0", "0a0a0a0", &"0A".repeat(20), &"0g".repeat(20)] {
            assert!(!is_revision(text), "{text}");
        }
    }
}
