//! Settings, resolved once: flag, then environment, then `plenary.toml`, then `default.toml`.

use std::path::{Path, PathBuf};

use fs_err as fs;
use serde::{Deserialize, Serialize};

use crate::encode::Precision;
use crate::error::{Error, ErrorKind, Result};
use crate::source::SourceOptions;

/// The defaults as a commented file, to be copied and changed.
pub const DEFAULT_TOML: &str = include_str!("default.toml");

/// The name of a project's own settings file.
pub const PROJECT_FILE: &str = "plenary.toml";

/// The model or codebook that comes with the program.
pub const BUILT_IN: &str = "default";

/// A file format of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// `.parquet`.
    Parquet,
    /// `.csv`.
    Csv,
}

/// Who finds what others say in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Attribution {
    /// The tagger of the built-in model, completed by rules; rules alone in languages other than English.
    Tagger,
    /// The same, and in every sentence: also where the model sees no position on any axis.
    Everywhere,
    /// Rules alone: faster, and finds less.
    Rules,
    /// Nobody: every sentence, speaker turns included, is in the voice of its document.
    None,
}

/// All settings of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Worker threads; 0 means one per core.
    pub threads: usize,
    /// Tokens that one encoding step takes at most; at least 1.
    pub batch_tokens: usize,
    /// Characters analysed between two writes to the disk, per thread; at least 1.
    pub chunk_chars: usize,
    /// The folder of a model, or [`BUILT_IN`].
    pub model: String,
    /// A codebook file, or [`BUILT_IN`].
    pub codebook: String,
    /// What the encoder rounds numbers to before it multiplies them; the fastest that the processor has for it where
    /// there is none: bf16, else f32.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// A decision that is wrong with a higher probability is flagged as unsure, 0..=0.5; the model's own level where
    /// there is none.
    #[serde(default)]
    pub abstain_error: Option<f64>,
    /// Table formats; at least one.
    pub formats: Vec<Format>,
    /// Whether to write `texts`.
    pub texts: bool,
    /// Whether to write `embeddings`.
    pub embeddings: bool,
    /// Who tells speaker turns and reported speech apart.
    pub attribution: Attribution,
    /// Which inputs to take and how to read them.
    pub input: InputConfig,
}

/// Which inputs to take and how to read them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputConfig {
    /// Globs of files to take from folders; none means every known format.
    pub include: Vec<String>,
    /// Globs of files to leave out.
    pub exclude: Vec<String>,
    /// A table of metadata joined on file name or `doc_id`.
    #[serde(default)]
    pub metadata: Option<PathBuf>,
    /// Named parts of file names, as `{country_iso}_{year}`.
    #[serde(default)]
    pub name_pattern: Option<String>,
    /// The column of a table that holds the text.
    #[serde(default)]
    pub text_column: Option<String>,
    /// The column of a table that names the document.
    #[serde(default)]
    pub id_column: Option<String>,
    /// A CSV file of actors that adds to the built-in ones or overrides them.
    #[serde(default)]
    pub actors: Option<PathBuf>,
    /// A CSV file of memberships in groupings; it replaces the built-in rows of the groupings it names.
    #[serde(default)]
    pub memberships: Option<PathBuf>,
}

impl InputConfig {
    /// The same for [`Sources`](crate::source::Sources).
    pub fn source_options(&self) -> SourceOptions {
        SourceOptions {
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            metadata: self.metadata.clone(),
            name_pattern: self.name_pattern.clone(),
            text_column: self.text_column.clone(),
            id_column: self.id_column.clone(),
            ..SourceOptions::default()
        }
    }
}

impl Default for Config {
    fn default() -> Self {
        toml::from_str(DEFAULT_TOML).expect("default.toml is complete and valid")
    }
}

impl Config {
    /// The defaults, overridden by the settings file at `path`, or by `plenary.toml` in the current folder
    /// when there is one and `path` is `None`.
    ///
    /// # Errors
    /// A file that cannot be read, an unknown key or a value of the wrong type: with the line.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let path = match path {
            Some(path) => path,
            None if Path::new(PROJECT_FILE).is_file() => Path::new(PROJECT_FILE),
            None => return Ok(Self::default()),
        };
        let text = fs::read_to_string(path)
            .map_err(|error| Error::io("read the settings", path, error))?;
        Self::default().overridden(&text).map_err(|error| error.in_file(path))
    }

    /// These settings with those of `text`, a settings file that may be partial.
    fn overridden(self, text: &str) -> Result<Self> {
        // Checked on its own first, so that an error names the line in the user's file and not in the merged one.
        let partial: Partial =
            toml::from_str(text).map_err(|error| settings_error(text, &error))?;
        Ok(partial.onto(self))
    }

    /// Refuses settings that make no sense together or alone.
    ///
    /// # Errors
    /// Names the setting and the remedy.
    pub fn check(&self) -> Result<()> {
        let wrong =
            |message: &str, hint: &str| Err(Error::new(ErrorKind::Config, message).hint(hint));
        if self.batch_tokens == 0 {
            return wrong("batch_tokens is 0", "give a positive number of tokens, such as 512");
        }
        if self.chunk_chars == 0 {
            return wrong(
                "chunk_chars is 0",
                "give a positive number of characters, such as 200000",
            );
        }
        if self.formats.is_empty() {
            return wrong("formats is empty", "name \"parquet\", \"csv\" or both");
        }
        if self.abstain_error.is_some_and(|error| !(0.0..=0.5).contains(&error)) {
            return wrong(
                "abstain_error is not between 0 and 0.5",
                "leave it out for the model's own level",
            );
        }
        if self.threads > 4096 {
            return wrong("threads is above 4096", "give 0 to use every core");
        }
        Ok(())
    }
}

/// A settings file in which every key may be missing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Partial {
    threads: Option<usize>,
    batch_tokens: Option<usize>,
    chunk_chars: Option<usize>,
    model: Option<String>,
    codebook: Option<String>,
    precision: Option<Precision>,
    abstain_error: Option<f64>,
    formats: Option<Vec<Format>>,
    texts: Option<bool>,
    embeddings: Option<bool>,
    attribution: Option<Attribution>,
    #[serde(default)]
    input: PartialInput,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialInput {
    include: Option<Vec<String>>,
    exclude: Option<Vec<String>>,
    metadata: Option<PathBuf>,
    name_pattern: Option<String>,
    text_column: Option<String>,
    id_column: Option<String>,
    actors: Option<PathBuf>,
    memberships: Option<PathBuf>,
}

impl Partial {
    fn onto(self, base: Config) -> Config {
        Config {
            threads: self.threads.unwrap_or(base.threads),
            batch_tokens: self.batch_tokens.unwrap_or(base.batch_tokens),
            chunk_chars: self.chunk_chars.unwrap_or(base.chunk_chars),
            model: self.model.unwrap_or(base.model),
            codebook: self.codebook.unwrap_or(base.codebook),
            precision: self.precision.or(base.precision),
            abstain_error: self.abstain_error.or(base.abstain_error),
            formats: self.formats.unwrap_or(base.formats),
            texts: self.texts.unwrap_or(base.texts),
            embeddings: self.embeddings.unwrap_or(base.embeddings),
            attribution: self.attribution.unwrap_or(base.attribution),
            input: InputConfig {
                include: self.input.include.unwrap_or(base.input.include),
                exclude: self.input.exclude.unwrap_or(base.input.exclude),
                metadata: self.input.metadata.or(base.input.metadata),
                name_pattern: self.input.name_pattern.or(base.input.name_pattern),
                text_column: self.input.text_column.or(base.input.text_column),
                id_column: self.input.id_column.or(base.input.id_column),
                actors: self.input.actors.or(base.input.actors),
                memberships: self.input.memberships.or(base.input.memberships),
            },
        }
    }
}

fn settings_error(text: &str, error: &toml::de::Error) -> Error {
    let settings = Error::new(ErrorKind::Config, error.message().to_owned())
        .hint("`plenary config` prints every setting with its default");
    match error.span() {
        Some(span) => settings.at_line(1 + text[..span.start].matches('\n').count() as u64),
        None => settings,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_partial_file_overrides_only_what_it_names() {
        let config =
            Config::default().overridden("threads = 3\n[input]\nexclude = [\"*.bak\"]\n").unwrap();
        let mut expected = Config { threads: 3, ..Config::default() };
        expected.input.exclude = vec!["*.bak".to_owned()];
        assert_eq!(config, expected);
    }

    #[test]
    fn an_unknown_key_is_named_with_its_line() {
        let error = Config::default().overridden("threads = 3\nthread = 4\n").unwrap_err();
        assert_eq!(error.location().line, Some(2));
        assert!(error.to_string().contains("thread"), "{error}");
    }

    #[test]
    fn senseless_settings_are_refused() {
        for text in [
            "batch_tokens = 0",
            "chunk_chars = 0",
            "formats = []",
            "threads = 99999",
            "abstain_error = 0.6",
        ] {
            let config = Config::default().overridden(text).unwrap();
            assert!(config.check().unwrap_err().remedy().is_some(), "{text}");
        }
        assert!(Config::default().check().is_ok());
    }
}
