//! The arguments that say which documents to read and how, shared by the verbs that read documents.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{Status, messages};
use crate::config::Config;
use crate::document::Document;
use crate::error::Result;
use crate::source::Sources;

/// Which documents to read and how.
#[derive(Clone, Debug, Args)]
pub(super) struct InputArgs {
    /// Files or folders; `-` is standard input.
    #[arg(required = true, value_name = "INPUT")]
    pub(super) inputs: Vec<PathBuf>,
    /// Take only files whose path below the folder matches this glob (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub(super) include: Vec<String>,
    /// Leave out files whose path below the folder matches this glob (repeatable).
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Table of metadata (CSV, TSV or JSON Lines), joined on the file name or `doc_id`.
    #[arg(long, value_name = "FILE", env = "PLENARY_METADATA")]
    pub(super) metadata: Option<PathBuf>,
    /// Metadata in file names, such as `{country_iso}_{un_session}_{year}`.
    #[arg(long, value_name = "PATTERN")]
    pub(super) name_pattern: Option<String>,
    /// The column (or JSON field) that holds the text.
    #[arg(long, value_name = "NAME")]
    pub(super) text_column: Option<String>,
    /// The column (or JSON field) that names the document.
    #[arg(long, value_name = "NAME")]
    pub(super) id_column: Option<String>,
    /// Settings file; `plenary.toml` in the current folder when there is one.
    #[arg(long, value_name = "FILE", env = "PLENARY_CONFIG")]
    pub(super) config: Option<PathBuf>,
}

impl InputArgs {
    /// The settings file with these flags on top.
    pub(super) fn config(&self) -> Result<Config> {
        let mut config = Config::load(self.config.as_deref())?;
        let input = &mut config.input;
        replace_if_given(&mut input.include, &self.include);
        replace_if_given(&mut input.exclude, &self.exclude);
        input.metadata = self.metadata.clone().or(input.metadata.take());
        input.name_pattern = self.name_pattern.clone().or(input.name_pattern.take());
        input.text_column = self.text_column.clone().or(input.text_column.take());
        input.id_column = self.id_column.clone().or(input.id_column.take());
        Ok(config)
    }
}

fn replace_if_given(setting: &mut Vec<String>, given: &[String]) {
    if !given.is_empty() {
        *setting = given.to_vec();
    }
}

/// Reads the documents one by one and lets `print` write to standard output; bad ones are reported and skipped.
pub(super) fn each_document(
    args: &InputArgs,
    print: impl Fn(&Document, &mut dyn Write) -> std::io::Result<()>,
) -> Result<Status> {
    let sources = Sources::resolve(&args.inputs, &args.config()?.input.source_options())?;
    let mut status = Status::Success;
    messages::lines(|out| {
        for document in sources.documents() {
            match document {
                Ok(document) => print(&document, out)?,
                Err(error) => {
                    status = Status::SomeSkipped;
                    eprint!("{}", messages::skipped(&error));
                }
            }
        }
        Ok(())
    })?;
    Ok(status)
}
