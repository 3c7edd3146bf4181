//! `plenary run`: documents in, tables out.

use std::path::PathBuf;

use clap::Args;

use super::inputs::InputArgs;
use super::progress::Progress;
use super::{Status, Talk, messages};
use crate::config::{Attribution, Config, Format};
use crate::encode::Precision;
use crate::error::Result;
use crate::pipeline::{self, Summary};
use crate::schedule;

/// Arguments of `plenary run`.
#[derive(Clone, Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    input: InputArgs,
    /// The folder to write to. A run that was stopped goes on there.
    #[arg(long, short, value_name = "FOLDER")]
    out: PathBuf,
    /// Worker threads; 0 is one per core.
    #[arg(long, value_name = "N", env = "PLENARY_THREADS")]
    threads: Option<usize>,
    /// Tokens that one encoding step takes at most.
    #[arg(long, value_name = "N", env = "PLENARY_BATCH_TOKENS")]
    batch_tokens: Option<usize>,
    /// Characters analysed between two writes to the disk, per thread.
    #[arg(long, value_name = "N", env = "PLENARY_CHUNK_CHARS")]
    chunk_chars: Option<usize>,
    /// Folder of a model; "default" is the one inside the program.
    #[arg(long, value_name = "FOLDER", env = "PLENARY_MODEL")]
    model: Option<String>,
    /// Codebook file; "default" is internet governance.
    #[arg(long, value_name = "FILE", env = "PLENARY_CODEBOOK")]
    codebook: Option<String>,
    /// What numbers are rounded to before they are multiplied: f32, bf16 or int8; by default bf16 where the
    /// processor multiplies it, else f32.
    #[arg(long, value_name = "NAME", env = "PLENARY_PRECISION")]
    precision: Option<Precision>,
    /// Flag decisions that are wrong with a higher probability than this (0 to 0.5); the model's own level by default.
    #[arg(long, value_name = "P", env = "PLENARY_ABSTAIN_ERROR")]
    abstain_error: Option<f64>,
    /// Table of actors that adds to the built-in ones or overrides them.
    #[arg(long, value_name = "CSV", env = "PLENARY_ACTORS")]
    actors: Option<PathBuf>,
    /// Table of memberships in groupings; replaces the built-in rows of the groupings it names.
    #[arg(long, value_name = "CSV", env = "PLENARY_MEMBERSHIPS")]
    memberships: Option<PathBuf>,
    /// Format of the tables (repeatable, or separated by commas).
    #[arg(long, value_name = "FORMAT", value_delimiter = ',')]
    format: Vec<FormatArg>,
    /// Also write texts.parquet, the text that every span points into.
    #[arg(long)]
    texts: bool,
    /// Also write embeddings.parquet.
    #[arg(long)]
    embeddings: bool,
    /// Who tells speaker turns and reported speech apart from the document's own voice.
    #[arg(long, value_name = "WHO", env = "PLENARY_ATTRIBUTION")]
    attribution: Option<AttributionArg>,
    /// Print the summary as JSON on standard output.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum FormatArg {
    Parquet,
    Csv,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum AttributionArg {
    /// The tagger of the built-in model, completed by rules, in sentences that may hold a position.
    Tagger,
    /// The same in every sentence.
    Everywhere,
    /// Rules alone: faster, finds less.
    Rules,
    /// Nobody: every sentence is in the document's own voice.
    None,
}

impl RunArgs {
    fn config(&self) -> Result<Config> {
        let mut config = self.input.config()?;
        config.threads = self.threads.unwrap_or(config.threads);
        config.batch_tokens = self.batch_tokens.unwrap_or(config.batch_tokens);
        config.chunk_chars = self.chunk_chars.unwrap_or(config.chunk_chars);
        config.model = self.model.clone().unwrap_or(config.model);
        config.codebook = self.codebook.clone().unwrap_or(config.codebook);
        config.precision = self.precision.or(config.precision);
        config.abstain_error = self.abstain_error.or(config.abstain_error);
        config.input.actors = self.actors.clone().or(config.input.actors);
        config.input.memberships = self.memberships.clone().or(config.input.memberships);
        if !self.format.is_empty() {
            config.formats = self.format.iter().map(|format| (*format).into()).collect();
        }
        config.texts |= self.texts;
        config.embeddings |= self.embeddings;
        config.attribution = self.attribution.map_or(config.attribution, Into::into);
        config.check()?;
        Ok(config)
    }
}

impl From<AttributionArg> for Attribution {
    fn from(attribution: AttributionArg) -> Self {
        match attribution {
            AttributionArg::Tagger => Self::Tagger,
            AttributionArg::Everywhere => Self::Everywhere,
            AttributionArg::Rules => Self::Rules,
            AttributionArg::None => Self::None,
        }
    }
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Parquet => Self::Parquet,
            FormatArg::Csv => Self::Csv,
        }
    }
}

/// Runs the pipeline and tells how it went.
pub(super) fn run(args: &RunArgs, talk: Talk) -> Result<Status> {
    let config = args.config()?;
    let stop = schedule::stop_on_signals()?;
    let progress = Progress::new(talk);
    let result = pipeline::run(&args.input.inputs, &args.out, &config, &progress, &stop);
    progress.finish();
    let summary = result?;
    if args.json {
        messages::lines(|out| messages::json_line(out, &summary))?;
    }
    if !talk.quiet {
        eprintln!("{}", told(&summary, &args.out.display().to_string()));
    }
    Ok(if summary.skipped == 0 { Status::Success } else { Status::SomeSkipped })
}

fn told(summary: &Summary, out: &str) -> String {
    let mut lines = vec![format!(
        "{} documents, {} sentences, {} statements in {:.1} s → {out}",
        summary.documents, summary.sentences, summary.statements, summary.seconds
    )];
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            lines.push(format!("{count} {what}"));
        }
    };
    note(summary.reused, "documents were finished already");
    note(summary.truncated, "statements were longer than the model reads");
    note(summary.skipped, "documents were skipped; manifest.json lists them");
    lines.join("\n")
}
