//! `plenary evaluate`: a model against labelled sentences, or a stage against a public test set.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::attributor::AttributorArgs;
use super::{Status, messages};
use crate::attribute::ActorRegistry;
use crate::config::BUILT_IN;
use crate::engine;
use crate::error::Result;
use crate::schedule::Workers;
use crate::segment::Segmenters;
use crate::sink::replace::ReplaceFile;
use crate::train::{self, TrainOptions, attribution, report, segmentation};

/// Arguments of `plenary evaluate`.
#[derive(Clone, Debug, Args)]
pub(super) struct EvaluateArgs {
    /// Labelled sentences, or a test set of the task (JSON Lines; `stance` reads CSV too).
    #[arg(value_name = "FILE", required_unless_present = "labels")]
    files: Vec<PathBuf>,
    /// The same as FILE.
    #[arg(long, value_name = "FILE")]
    labels: Vec<PathBuf>,
    /// What to measure.
    #[arg(long, value_enum, default_value_t = Task::Stance)]
    task: Task,
    /// Folder of a model; "default" is the one inside the program.
    #[arg(long, value_name = "FOLDER", env = "PLENARY_MODEL", default_value = BUILT_IN)]
    model: String,
    /// Codebook file; "default" is that of the model.
    #[arg(long, value_name = "FILE", env = "PLENARY_CODEBOOK", default_value = BUILT_IN)]
    codebook: String,
    /// Judge the model alone, without the baselines.
    #[arg(long)]
    no_baselines: bool,
    /// Also write what each contender says about each statement (JSON Lines; stance only).
    #[arg(long, value_name = "FILE")]
    predictions: Option<PathBuf>,
    #[command(flatten)]
    attributor: AttributorArgs,
    /// Worker threads; 0 is one per core.
    #[arg(long, value_name = "N", env = "PLENARY_THREADS", default_value_t = 0)]
    threads: usize,
    /// How to print the tables.
    #[arg(long, value_enum, default_value_t = Output::Markdown)]
    format: Output,
    /// The same as --format json.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Task {
    /// Leans against coded sentences.
    Stance,
    /// Sentence ends.
    Segmentation,
    /// Sources, cues and contents of reported speech.
    Attribution,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Everything, as Markdown.
    Markdown,
    /// One line per model and file (stance only).
    Summary,
    /// Everything, as CSV (stance only).
    Csv,
    /// Everything, as JSON.
    Json,
}

/// Measures and prints.
pub(super) fn run(args: &EvaluateArgs) -> Result<Status> {
    let files: Vec<PathBuf> = args.files.iter().chain(&args.labels).cloned().collect();
    match args.task {
        Task::Stance => stance(args, &files)?,
        Task::Segmentation => segmentation(args, &files)?,
        Task::Attribution => attribution(args, &files)?,
    }
    Ok(Status::Success)
}

fn stance(args: &EvaluateArgs, files: &[PathBuf]) -> Result<()> {
    let codebook = engine::codebook_of_model(&args.codebook, &args.model)?;
    let (encoder, heads) = engine::load_model(&args.model)?;
    let prototypes = if args.no_baselines { None } else { engine::load_prototypes(&args.model)? };
    let mut contenders = vec![("heads", &heads)];
    contenders.extend(prototypes.as_ref().map(|prototypes| ("prototypes", prototypes)));
    let workers = Workers::start(args.threads)?;
    let batch_tokens = TrainOptions::default().batch_tokens;
    let mut judgement =
        train::judge(&contenders, &codebook, encoder.as_ref(), &workers, files, batch_tokens)?;
    if args.no_baselines {
        judgement.evaluations.retain(|evaluation| evaluation.contender == "heads");
        judgement.predictions.retain(|prediction| prediction.contender == "heads");
    }
    if let Some(path) = &args.predictions {
        let lines: String = judgement.predictions.iter().map(json).collect();
        ReplaceFile::write_all(path, lines.as_bytes())?;
    }
    let evaluations = judgement.evaluations;
    messages::data(&match args.output() {
        Output::Markdown => report::markdown(&evaluations),
        Output::Summary => report::summary(&evaluations),
        Output::Csv => report::csv(&evaluations),
        Output::Json => json(&evaluations),
    })
}

fn segmentation(args: &EvaluateArgs, files: &[PathBuf]) -> Result<()> {
    let segmenters = Segmenters::new();
    each(args, files, |file| Ok(segmentation::evaluate(&segmentation::read(file)?, &segmenters)))
}

fn attribution(args: &EvaluateArgs, files: &[PathBuf]) -> Result<()> {
    let segmenters = Segmenters::new();
    let attributor = args.attributor.load(ActorRegistry::built_in())?;
    let registry = ActorRegistry::built_in();
    let segment = |text: &str, lang: Option<&str>| segmenters.get(lang).segment(text);
    each(args, files, |file| {
        let records = attribution::read(file)?;
        Ok(attribution::evaluate(&records, attributor.as_ref(), &registry, segment))
    })
}

/// Prints one report per file.
fn each<R: serde::Serialize + std::fmt::Display>(
    args: &EvaluateArgs,
    files: &[PathBuf],
    report: impl Fn(&Path) -> Result<R>,
) -> Result<()> {
    for file in files {
        let report = report(file)?;
        messages::data(&match args.output() {
            Output::Json => json(&report),
            _ => report.to_string(),
        })?;
    }
    Ok(())
}

fn json(value: &impl serde::Serialize) -> String {
    let mut text = serde_json::to_string(value).expect("reports are plain data");
    text.push('\n');
    text
}

impl EvaluateArgs {
    fn output(&self) -> Output {
        if self.json { Output::Json } else { self.format }
    }
}
