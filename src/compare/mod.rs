//! Models side by side: how right, how sure, how fast, on the same sentences and with as many threads.
//!
//! Each contender lives in a process of its own ([`worker`]), so that its memory, its start and its threads are its
//! own, and a library that crashes takes nobody along. The parent asks each for its leans on the labelled statements,
//! then lets them encode and judge the same sentences in turn, round after round, so that whatever else the
//! machine does meets all alike. Statements are found once, by the rules and the tagger of the built-in model: what
//! differs between two rows of the result is the model.

mod contender;
mod crew;
pub mod page;
mod protocol;
pub mod report;
pub mod score;
mod specification;
pub mod table;
mod usage;
pub mod worker;

use std::path::PathBuf;

use serde::Serialize;

pub use contender::About;
pub use score::{Difference, McNemar, Score, Slice};
pub use specification::{Entry, Specification};
pub use usage::Machine;

use crate::classify::Codebook;
use crate::config::BUILT_IN;
use crate::encode;
use crate::engine;
use crate::error::{Error, ErrorKind, Result};
use crate::schedule::{Stop, Workers};
use crate::tagging::Finder;
use crate::train::{Contender as Judged, LabelSet, Row, labels, rows};
use crew::Member;
use protocol::{Answer, Question, Setup};

/// What to compare, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The contenders; differences are to the first.
    pub models: Vec<Entry>,
    /// Labelled sentences to judge them on.
    pub labels: Vec<PathBuf>,
    /// Labelled sentences for contenders that learn here (`heads:`, `prototypes:`, `nli:`).
    pub train: Vec<PathBuf>,
    /// So many sentences for each pole of those in `train`, and as many without a position; all if `None`.
    pub shots: Option<usize>,
    /// Codebook file or `default`: that of the first model.
    pub codebook: String,
    /// Sentences to take the time with; those of the labels if empty.
    pub sentences: Vec<String>,
    /// Rounds of timing, at least one.
    pub rounds: usize,
    /// Threads of each contender; 0 is one per core.
    pub threads: usize,
    /// Tokens of a batch, at most.
    pub batch_tokens: usize,
    /// The program whose `compare-worker` verb the contenders run in.
    pub program: PathBuf,
}

/// All that was found.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The program's version.
    pub plenary: &'static str,
    /// Id and version of the codebook.
    pub codebook: String,
    /// The label files, with their hashes.
    pub labels: Vec<LabelFile>,
    /// What it ran on.
    pub machine: Machine,
    /// Threads of each contender.
    pub threads: usize,
    /// Sentences that were timed.
    pub n_timed: usize,
    /// One for each contender, in the order asked for.
    pub rows: Vec<Comparand>,
}

/// A file of labels.
#[derive(Clone, Debug, Serialize)]
pub struct LabelFile {
    /// Its name without folders.
    pub file: String,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Sentences in it.
    pub n_sentences: usize,
}

/// One contender's row.
#[derive(Clone, Debug, Serialize)]
pub struct Comparand {
    /// The name of the row.
    pub model: String,
    /// What the user wrote for it.
    pub specification: String,
    /// What it is.
    pub about: About,
    /// How fast it is and what it takes.
    pub speed: Speed,
    /// How right it is.
    pub scores: Vec<Score>,
}

/// What a contender takes.
#[derive(Clone, Debug, Serialize)]
pub struct Speed {
    /// Median over the rounds.
    pub sentences_per_second: f64,
    /// Seconds of each round.
    pub rounds: Vec<f64>,
    /// From the start of the process until the model can work, in seconds; training not counted.
    pub start_seconds: f64,
    /// Processor time over wall time in the rounds: the threads kept busy. `None` where the system does not tell.
    pub busy_threads: Option<f64>,
    /// Whether it kept more threads busy than it was allowed to.
    pub over_budget: bool,
    /// The most memory the process ever held, in bytes. `None` where the system does not tell.
    pub peak_memory: Option<u64>,
}

/// Processor time beyond wall time × threads by more than this share is more than reading the clocks explains.
const BUDGET_SLACK: f64 = 1.1;

/// Compares; `say` is told what is done next.
///
/// # Errors
/// When there is nothing to compare, labels cannot be read, a contender cannot be loaded or fails, or a stop was
/// asked for.
pub fn run(options: &Options, stop: &Stop, say: &dyn Fn(&str)) -> Result<Comparison> {
    // Ctrl-C reaches the contenders' processes too: that they have ended is not what went wrong then.
    compared(options, stop, say).or_else(|error| stop.check().and(Err(error)))
}

fn compared(options: &Options, stop: &Stop, say: &dyn Fn(&str)) -> Result<Comparison> {
    check(options)?;
    let codebook_name = codebook_name(options);
    let codebook = engine::load_codebook(&codebook_name)?;
    let sets = labels::load(&options.labels, &codebook)?;
    let workers = Workers::start(options.threads)?;
    say("finding the statements");
    let statements = find(&sets, &workers, options.batch_tokens)?;
    let questions = sets.iter().zip(&statements).flat_map(|(set, rows)| questions(set, rows));
    let questions: Vec<Question> = questions.collect();
    let setup = |model: &Entry| Setup {
        specification: model.specification.to_string(),
        codebook: codebook_name.clone(),
        train: options.train.clone(),
        shots: options.shots,
        threads: workers.count(),
        batch_tokens: options.batch_tokens,
    };
    let mut crew = Vec::new();
    for model in &options.models {
        stop.check()?;
        say(&format!("loading {}", model.name));
        crew.push(Member::start(&options.program, &model.name, &setup(model))?);
    }
    let mut answers = Vec::new();
    for member in &mut crew {
        stop.check()?;
        say(&format!("judging with {}", member.name()));
        answers.push(member.judge(&questions)?);
    }
    let timed = timed_sentences(options, &sets);
    let speeds = time(&mut crew, &timed, options.rounds, workers.count(), stop, say)?;
    say("scoring");
    let judged = answers.into_iter().map(|answers| judged(&sets, &statements, answers));
    let judged: Vec<Vec<Judged>> = judged.collect();
    let scores = score::scores(&codebook, &sets, &statements, &judged, &workers);
    let rows = options.models.iter().zip(crew).zip(speeds).zip(scores);
    Ok(Comparison {
        plenary: env!("CARGO_PKG_VERSION"),
        codebook: format!("{} {}", codebook.id, codebook.version),
        labels: sets.iter().map(label_file).collect(),
        machine: Machine::this(),
        threads: workers.count(),
        n_timed: timed.len(),
        rows: rows
            .map(|(((model, member), speed), scores)| Comparand {
                model: model.name.clone(),
                specification: model.specification.to_string(),
                about: member.about(),
                speed,
                scores,
            })
            .collect(),
    })
}

fn check(options: &Options) -> Result<()> {
    let fail = |message: String| Err(Error::new(ErrorKind::Config, message));
    if options.models.is_empty() {
        return fail("there is no model to compare".into());
    }
    let mut names: Vec<String> = options.models.iter().map(|model| model.name.clone()).collect();
    names.sort_unstable();
    if let Some([name, ..]) = names.windows(2).find(|pair| pair.first() == pair.last()) {
        return fail(format!("model {name} is named twice"));
    }
    if options.rounds == 0 {
        return fail("there must be a round of timing".into());
    }
    if let Some(model) =
        options.models.iter().find(|model| model.specification.learns() && options.train.is_empty())
    {
        let message = format!("{} has nothing to learn from", model.name);
        return Err(
            Error::new(ErrorKind::Config, message).hint("give labelled sentences with --train")
        );
    }
    Ok(())
}

/// The codebook asked for; by default the one that the first model brings along, else the built-in one.
fn codebook_name(options: &Options) -> String {
    let own = options.models[0]
        .specification
        .heads_folder()
        .map(|folder| folder.join(engine::CODEBOOK_FILE));
    match own.filter(|path| options.codebook == BUILT_IN && path.is_file()) {
        Some(path) => path.to_string_lossy().into_owned(),
        None => options.codebook.clone(),
    }
}

/// The statements of each file, as the built-in model finds them.
fn find(sets: &[LabelSet], workers: &Workers, batch_tokens: usize) -> Result<Vec<Vec<Row>>> {
    let encoder = encode::default_model()?;
    let finder = Finder::new(&encoder, workers, batch_tokens)?;
    sets.iter().map(|set| rows::statements(&set.records, &finder)).collect()
}

fn questions<'a>(set: &'a LabelSet, rows: &'a [Row]) -> impl Iterator<Item = Question> + 'a {
    rows.iter().map(|row| Question {
        sentence: set.records[row.record].sentence.clone(),
        holder: row.holder.clone(),
        features: row.features,
    })
}

/// The distinct sentences to take the time with.
fn timed_sentences(options: &Options, sets: &[LabelSet]) -> Vec<String> {
    let labelled = sets.iter().flat_map(|set| set.records.iter().map(|one| one.sentence.as_str()));
    let given = options.sentences.iter().map(String::as_str);
    let (distinct, _) = if options.sentences.is_empty() {
        encode::distinct(labelled)
    } else {
        encode::distinct(given)
    };
    distinct.into_iter().map(str::to_owned).collect()
}

/// Lets every member judge the same sentences in turn, round after round.
fn time(
    crew: &mut [Member],
    sentences: &[String],
    rounds: usize,
    threads: usize,
    stop: &Stop,
    say: &dyn Fn(&str),
) -> Result<Vec<Speed>> {
    for member in crew.iter_mut() {
        member.take_sentences(sentences)?;
    }
    let mut laps = vec![Vec::with_capacity(rounds); crew.len()];
    for round in 1..=rounds {
        say(&format!("round {round} of {rounds}"));
        for (member, laps) in crew.iter_mut().zip(&mut laps) {
            stop.check()?;
            laps.push(member.lap()?);
        }
    }
    let speeds = crew.iter_mut().zip(laps).map(|(member, laps)| {
        let seconds: Vec<f64> = laps.iter().map(|lap| lap.seconds).collect();
        let busy: Option<f64> = laps.iter().map(|lap| lap.processor_seconds).sum();
        let busy = busy.map(|busy| busy / seconds.iter().sum::<f64>().max(1e-9));
        Ok(Speed {
            sentences_per_second: sentences.len() as f64 / median(&seconds).max(1e-9),
            rounds: seconds,
            start_seconds: member.start_seconds(),
            busy_threads: busy,
            over_budget: busy.is_some_and(|busy| busy > threads as f64 * BUDGET_SLACK),
            peak_memory: member.peak_memory()?,
        })
    });
    speeds.collect()
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// A contender's answers, file by file, as predictions to be judged.
fn judged(sets: &[LabelSet], statements: &[Vec<Row>], answers: Vec<Answer>) -> Vec<Judged> {
    let mut answers = answers.into_iter();
    let of_file = |(_, rows): (&LabelSet, &Vec<Row>)| {
        let own: Vec<Answer> = answers.by_ref().take(rows.len()).collect();
        let wholes: Vec<_> =
            own.iter().filter_map(|answer| answer.sentence_leans.clone()).collect();
        Judged {
            name: String::new(),
            leans: own.into_iter().map(|answer| answer.leans).collect(),
            sentence_leans: (!wholes.is_empty()).then_some(wholes),
        }
    };
    sets.iter().zip(statements).map(of_file).collect()
}

fn label_file(set: &LabelSet) -> LabelFile {
    LabelFile { file: set.file_name(), sha256: set.sha256.clone(), n_sentences: set.records.len() }
}

/// The ids of a codebook's poles, in order.
fn poles(codebook: &Codebook) -> Vec<String> {
    codebook.poles().map(|(_, pole)| pole.id.clone()).collect()
}

#[cfg(test)]
mod tests;
