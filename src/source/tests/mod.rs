//! Tests of the readers together: on files, and on bytes made to break them.

mod files;
mod fixtures;
mod hostile;

use std::path::{Path, PathBuf};

use super::pdf_lines::{Line, Page};
use super::{SourceOptions, Sources};
use crate::document::Document;
use crate::error::{Error, Result};

/// A page with one line below the other, in type of 12 points.
pub(super) fn page_of_lines(texts: &[&str], top: f64) -> Page {
    let line = |(index, text): (usize, &&str)| Line {
        text: (*text).to_owned(),
        left: 50.0,
        right: 50.0 + 6.0 * text.chars().count() as f64,
        y: top + 14.0 * index as f64,
        size: 12.0,
    };
    texts.iter().enumerate().map(line).collect()
}

/// A folder that is removed at the end of a test.
struct Folder(tempfile::TempDir);

impl Folder {
    fn with(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (name, content) in files {
            folder.write(name, content);
        }
        folder
    }

    fn write(&self, name: &str, content: &[u8]) {
        let path = self.path(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn root(&self) -> &Path {
        self.0.path()
    }

    fn sources(&self, options: &SourceOptions) -> Result<Sources> {
        Sources::resolve(&[self.root().to_owned()], options)
    }

    /// All documents and all errors of the folder.
    fn read(&self, options: &SourceOptions) -> (Vec<Document>, Vec<Error>) {
        split(&self.sources(options).unwrap())
    }
}

fn split(sources: &Sources) -> (Vec<Document>, Vec<Error>) {
    let (mut documents, mut errors) = (Vec::new(), Vec::new());
    for document in sources.documents() {
        match document {
            Ok(document) => documents.push(document),
            Err(error) => errors.push(error),
        }
    }
    (documents, errors)
}

fn ids(documents: &[Document]) -> Vec<&str> {
    documents.iter().map(|document| document.doc_id.as_str()).collect()
}
