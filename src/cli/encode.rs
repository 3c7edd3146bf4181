//! `plenary encode`: embeds sentences, one a line, and says how long that took.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use fs_err as fs;
use ndarray::Array2;
use serde::Serialize;

use super::{Status, messages};
use crate::config::{BUILT_IN, Config};
use crate::encode::{self, Encoder, Input, Instructions, KernelChoice, Precision};
use crate::engine::{self, Session};
use crate::error::{Error, Result};
use crate::observe::Silent;
use crate::schedule::{self, Workers};
use crate::sink::parquet::ParquetTable;
use crate::sink::{Cell, Field, Kind, TableSink};

/// Arguments of `plenary encode`.
#[derive(Clone, Debug, Args)]
pub(super) struct EncodeArgs {
    /// A text file with one sentence a line; empty lines count as sentences.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the embeddings to this Parquet file.
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Folder of a model; "default" is the one inside the program.
    #[arg(long, value_name = "FOLDER", env = "PLENARY_MODEL", default_value = BUILT_IN)]
    model: String,
    /// Worker threads; 0 is one per core.
    #[arg(long, value_name = "N", env = "PLENARY_THREADS", default_value_t = 0)]
    threads: usize,
    /// Tokens that one encoding step takes at most.
    #[arg(long, value_name = "N", env = "PLENARY_BATCH_TOKENS", default_value_t = Config::default().batch_tokens)]
    batch_tokens: usize,
    /// Instructions to compute with: portable, neon, avx2, avx512, avx512bf16 or amx; the best by default.
    #[arg(long, value_name = "NAME", env = "PLENARY_KERNEL")]
    kernel: Option<Instructions>,
    /// What numbers are rounded to before they are multiplied: f32, bf16 or int8; by default bf16 where the
    /// processor multiplies it, else f32.
    #[arg(long, value_name = "NAME", env = "PLENARY_PRECISION")]
    precision: Option<Precision>,
    /// Also measure what the processor can do at best, and report the share of it.
    #[arg(long)]
    peak: bool,
    /// Print the report as JSON.
    #[arg(long)]
    json: bool,
}

/// What was done and how long it took.
#[derive(Serialize)]
struct Report {
    model: String,
    instructions: &'static str,
    precision: &'static str,
    sentences: usize,
    /// Sentences that are not the same as an earlier one: those that were encoded.
    distinct: usize,
    /// Tokens of all sentences.
    tokens: usize,
    truncated: usize,
    dimension: usize,
    threads: usize,
    start_seconds: f64,
    tokenize_seconds: f64,
    encode_seconds: f64,
    sentences_per_second: f64,
    /// Multiplications and additions a second while encoding, in units of 10⁹.
    gflop_per_second: f64,
    /// What the threads together can do at best.
    #[serde(skip_serializing_if = "Option::is_none")]
    peak_gflop_per_second: Option<f64>,
}

/// How long each thread is measured for the peak.
const PEAK_TIME: Duration = Duration::from_millis(300);

/// Embeds and reports. The rate is sentences over tokenising and encoding together.
pub(super) fn run(args: &EncodeArgs) -> Result<Status> {
    let text =
        fs::read_to_string(&args.file).map_err(|error| Error::io("read", &args.file, error))?;
    let sentences: Vec<&str> = text.lines().collect();
    let clock = Instant::now();
    let workers = Workers::start(args.threads)?;
    let choice = KernelChoice { instructions: args.kernel, precision: args.precision };
    let encoder = engine::load_encoder_with(&args.model, choice)?;
    let start_seconds = clock.elapsed().as_secs_f64();
    let (unique, places) = encode::distinct(sentences.iter().copied());
    let tokens = workers.try_map(unique, |text| encoder.tokenize(Input::single(text)))?;
    let tokenize_seconds = clock.elapsed().as_secs_f64() - start_seconds;
    let stop = schedule::stop_on_signals()?;
    let session = Session { workers: &workers, observer: &Silent, stop: &stop };
    let embeddings = engine::encode_all(encoder.as_ref(), &tokens, args.batch_tokens, session)?;
    let encode_seconds = clock.elapsed().as_secs_f64() - start_seconds - tokenize_seconds;
    if let Some(out) = &args.out {
        write(out, &sentences, &places, &embeddings)?;
    }
    let operations: f64 = tokens.iter().map(|tokens| encoder.operations(tokens.len())).sum();
    let report = Report {
        model: encoder.name().to_owned(),
        instructions: match encoder.backend() {
            "native" | "hashed" => encoder.instructions().name(),
            // A library picks its own and does not tell.
            library => library,
        },
        precision: encoder.precision().name(),
        sentences: sentences.len(),
        distinct: tokens.len(),
        tokens: places.iter().map(|place| tokens[*place].len()).sum(),
        truncated: places.iter().filter(|place| tokens[**place].truncated).count(),
        dimension: encoder.dimension(),
        threads: workers.count(),
        start_seconds,
        tokenize_seconds,
        encode_seconds,
        sentences_per_second: sentences.len() as f64
            / (tokenize_seconds + encode_seconds).max(1e-9),
        gflop_per_second: operations / 1e9 / encode_seconds.max(1e-9),
        peak_gflop_per_second: if args.peak { peak(encoder.as_ref(), &workers) } else { None },
    };
    messages::lines(|out| {
        if args.json { messages::json_line(out, &report) } else { print_plain(&report, out) }
    })?;
    Ok(Status::Success)
}

/// What all threads together do at best, at the same time, in units of 10⁹ a second.
fn peak(encoder: &dyn Encoder, workers: &Workers) -> Option<f64> {
    let threads = (0..workers.count()).collect();
    let peaks = workers.map(threads, |_: usize| encoder.peak(PEAK_TIME));
    peaks.into_iter().sum::<Option<f64>>().map(|peak| peak / 1e9)
}

fn print_plain(report: &Report, out: &mut dyn std::io::Write) -> std::io::Result<()> {
    writeln!(
        out,
        "{} sentences, {} tokens, {} threads, {} in {}: start {:.3} s, tokenise {:.3} s, encode {:.3} s, {:.1} sentences/s",
        report.sentences,
        report.tokens,
        report.threads,
        report.instructions,
        report.precision,
        report.start_seconds,
        report.tokenize_seconds,
        report.encode_seconds,
        report.sentences_per_second,
    )?;
    if let Some(peak) = report.peak_gflop_per_second {
        let (rate, share) = (report.gflop_per_second, 100.0 * report.gflop_per_second / peak);
        writeln!(out, "{rate:.0} of at most {peak:.0} GFLOP/s: {share:.0} %")?;
    }
    Ok(())
}

/// One row for each sentence; `places` says which embedding is whose.
fn write(
    path: &Path,
    sentences: &[&str],
    places: &[usize],
    embeddings: &Array2<f32>,
) -> Result<()> {
    let components = (0..embeddings.ncols()).map(|i| Field::new(format!("e{i:04}"), Kind::Float32));
    let fields: Vec<Field> =
        [Field::new("text", Kind::Text)].into_iter().chain(components).collect();
    let mut table = Box::new(ParquetTable::create(path, &fields)?);
    for (sentence, place) in sentences.iter().zip(places) {
        let cells = embeddings.row(*place).into_iter().map(|component| Cell::Float32(*component));
        let cells: Vec<Cell<'_>> = [Cell::text(*sentence)].into_iter().chain(cells).collect();
        table.row(&cells)?;
    }
    table.finish().map(|_| ())
}
