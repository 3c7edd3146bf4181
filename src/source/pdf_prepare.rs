//! Rewrites the pages of a PDF so that only the drawing of text is left.
//!
//! The extracting crate panics on colour spaces, fonts or operands it does not expect, recurses without
//! bound into forms that contain themselves, and ignores two of the four operators that show text. So each page
//! gets one flat stream of checked text operators: forms are written out in place under their matrix, fonts are
//! gathered under unique names, and what a tagged PDF marks as an artifact (running heads, page numbers) is
//! left out.

use pdf_extract::content::{Content, Operation};
use pdf_extract::{Dictionary, Document, Object, ObjectId, Stream};

use crate::error::{Error, ErrorKind, Result};

/// How deep forms may lie inside forms.
const DEEPEST_FORM: usize = 12;
/// How far up the page tree inherited entries are looked for.
const HIGHEST_PARENT: usize = 64;
const FALLBACK_FONT: &str = "fallback";
/// Bytes that drawing a stream counts for beside its own.
const FORM_COST: usize = 256;

/// Rewrites every page in place.
///
/// # Errors
///
/// When pages and forms together have more than `limit` bytes, each counted as often as it is drawn.
pub(crate) fn prepare(document: &mut Document, limit: u64) -> Result<()> {
    let pages: Vec<ObjectId> = document.page_iter().collect();
    let mut left = usize::try_from(limit).unwrap_or(usize::MAX);
    for page in pages {
        let (resources, media_box) = inherited(document, page);
        let mut flat = Flat::new(left);
        let mut content = Vec::new();
        for part in document.get_page_contents(page) {
            let part = document.get_object(part).and_then(Object::as_stream);
            content.extend(part.map(|part| flat.unpacked(part)).unwrap_or_default());
            content.push(b'\n');
        }
        flat.add(document, &content, &resources, 0);
        left = flat.left.ok_or_else(exhausted)?;
        let stream = Content { operations: flat.operations }.encode().unwrap_or_default();
        let contents = document.add_object(Stream::new(Dictionary::new(), stream));
        let mut resources = Dictionary::new();
        resources.set("Font", flat.fonts);
        let mut prepared = Dictionary::new();
        prepared.set("Type", "Page");
        prepared.set("MediaBox", media_box);
        prepared.set("Resources", resources);
        prepared.set("Contents", contents);
        document.objects.insert(page, Object::Dictionary(prepared));
    }
    Ok(())
}

fn exhausted() -> Error {
    Error::new(ErrorKind::Input, "inflates beyond all measure")
        .caused_by("its pages draw the same content over and over")
        .hint("print it into a new PDF, or convert it to text")
}

/// The resources and the media box of a page, from it or the nodes above it.
fn inherited(document: &Document, page: ObjectId) -> (Dictionary, Object) {
    let (mut resources, mut media_box) = (None, None);
    let mut node = document.get_dictionary(page).ok();
    for _ in 0..HIGHEST_PARENT {
        let Some(dictionary) = node else { break };
        resources = resources.or_else(|| dictionary_in(document, dictionary, b"Resources"));
        media_box = media_box.or_else(|| numbers(document, dictionary, b"MediaBox"));
        node = dictionary_in(document, dictionary, b"Parent");
    }
    let a4 = || [0, 0, 595, 842].map(Object::from).to_vec();
    let media_box = media_box.filter(|numbers| numbers.len() == 4).unwrap_or_else(a4);
    (resources.cloned().unwrap_or_default(), Object::Array(media_box))
}

/// The flat stream of a page, as far as it is written.
struct Flat {
    operations: Vec<Operation>,
    fonts: Dictionary,
    scopes: usize,
    /// Marked content that is open; true where it is an artifact.
    marks: Vec<bool>,
    /// Bytes of content that may still be drawn; `None` once there were more.
    left: Option<usize>,
}

impl Flat {
    fn new(left: usize) -> Self {
        let mut fonts = Dictionary::new();
        fonts.set(FALLBACK_FONT, fallback_font());
        let name = Object::Name(FALLBACK_FONT.into());
        let first = Operation::new("Tf", vec![name, Object::Integer(12)]);
        Self { operations: vec![first], fonts, scopes: 0, marks: Vec::new(), left: Some(left) }
    }

    fn add(&mut self, document: &Document, content: &[u8], resources: &Dictionary, depth: usize) {
        let Ok(content) = Content::decode(content) else { return };
        let scope = self.scopes;
        self.scopes += 1;
        let outside = self.marks.len();
        for operation in content.operations {
            if self.left.is_none() {
                return;
            }
            match (operation.operator.as_str(), operation.operands.as_slice()) {
                ("Do", [Object::Name(name)]) => {
                    self.add_form(document, name, resources, depth);
                }
                ("Tf", [Object::Name(name), size]) if size.as_float().is_ok() => {
                    let font = self.font(document, name, resources, scope);
                    self.push("Tf", vec![font, size.clone()]);
                }
                ("BMC" | "BDC", [tag, ..]) => {
                    self.marks.push(tag.as_name().is_ok_and(|tag| tag == b"Artifact"));
                }
                ("EMC", _) if self.marks.len() > outside => drop(self.marks.pop()),
                _ => self.add_plain(operation),
            }
        }
        self.marks.truncate(outside);
    }

    /// An operator without reference to resources, if it concerns text and has the operands it needs.
    fn add_plain(&mut self, operation: Operation) {
        let Operation { operator, operands } = operation;
        let numbers = operands.iter().all(|operand| operand.as_float().is_ok());
        match (operator.as_str(), operands.len()) {
            ("q" | "Q" | "BT" | "ET" | "T*", 0) => self.push(&operator, operands),
            ("Tc" | "Tw" | "Tz" | "TL" | "Ts", 1) | ("Td" | "TD", 2) | ("Tm" | "cm", 6)
                if numbers =>
            {
                self.push(&operator, operands);
            }
            ("Tj" | "TJ", 1) => self.show(&operator, operands),
            ("'", 1) => {
                self.push("T*", Vec::new());
                self.show("Tj", operands);
            }
            ("\"", 3) if operands[..2].iter().all(|operand| operand.as_float().is_ok()) => {
                self.push("Tw", operands[..1].to_vec());
                self.push("Tc", operands[1..2].to_vec());
                self.push("T*", Vec::new());
                self.show("Tj", operands[2..].to_vec());
            }
            _ => {}
        }
    }

    fn show(&mut self, operator: &str, operands: Vec<Object>) {
        let fits = match &operands[0] {
            Object::String(..) => operator == "Tj",
            Object::Array(_) => operator == "TJ",
            _ => false,
        };
        if fits && !self.marks.contains(&true) {
            self.push(operator, operands);
        }
    }

    /// Writes out the form `name` in place, under its matrix.
    fn add_form(&mut self, document: &Document, name: &[u8], resources: &Dictionary, depth: usize) {
        let forms = dictionary_in(document, resources, b"XObject");
        let Some(form) = forms.and_then(|forms| stream_in(document, forms, name)) else { return };
        let is_form =
            form.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form");
        if !is_form || depth >= DEEPEST_FORM {
            return;
        }
        let matrix = numbers(document, &form.dict, b"Matrix").filter(|matrix| matrix.len() == 6);
        let own = dictionary_in(document, &form.dict, b"Resources").unwrap_or(resources);
        let content = self.unpacked(form);
        self.push("q", Vec::new());
        if let Some(matrix) = matrix {
            self.push("cm", matrix);
        }
        self.add(document, &content, own, depth + 1);
        self.push("Q", Vec::new());
    }

    /// Gathers the font `name` and gives the name it is gathered under.
    fn font(
        &mut self,
        document: &Document,
        name: &[u8],
        resources: &Dictionary,
        scope: usize,
    ) -> Object {
        let fonts = dictionary_in(document, resources, b"Font");
        let Some(font) = fonts.and_then(|fonts| dictionary_in(document, fonts, name)) else {
            return Object::Name(FALLBACK_FONT.into());
        };
        let unique = [format!("s{scope}.").as_bytes(), name].concat();
        if !self.fonts.has(&unique) {
            self.fonts.set(unique.clone(), font.clone());
        }
        Object::Name(unique)
    }

    /// The content of a stream, taken off the budget; nothing once that is used up.
    fn unpacked(&mut self, stream: &Stream) -> Vec<u8> {
        if self.left.is_none() {
            return Vec::new();
        }
        let content = stream.decompressed_content().unwrap_or_else(|_| stream.content.clone());
        // A stream costs something even when it is empty: forms that draw forms multiply.
        self.left = self.left.and_then(|left| left.checked_sub(content.len() + FORM_COST));
        content
    }

    fn push(&mut self, operator: &str, operands: Vec<Object>) {
        self.operations.push(Operation::new(operator, operands));
    }
}

fn fallback_font() -> Dictionary {
    let mut font = Dictionary::new();
    for (key, value) in [("Type", "Font"), ("Subtype", "Type1"), ("BaseFont", "Helvetica")] {
        font.set(key, value);
    }
    font
}

fn dictionary_in<'a>(
    document: &'a Document,
    parent: &'a Dictionary,
    key: &[u8],
) -> Option<&'a Dictionary> {
    document.dereference(parent.get(key).ok()?).ok()?.1.as_dict().ok()
}

fn stream_in<'a>(document: &'a Document, parent: &'a Dictionary, key: &[u8]) -> Option<&'a Stream> {
    document.dereference(parent.get(key).ok()?).ok()?.1.as_stream().ok()
}

/// An array of numbers, each looked up where it stands elsewhere.
fn numbers(document: &Document, parent: &Dictionary, key: &[u8]) -> Option<Vec<Object>> {
    let array = document.dereference(parent.get(key).ok()?).ok()?.1.as_array().ok()?;
    let number = |object| {
        let value = document.dereference(object).ok()?.1;
        value.as_float().ok().map(|_| value.clone())
    };
    array.iter().map(number).collect()
}
