//! ONNX Runtime: any encoder exported to ONNX, in f32 or int8, on the processor.

mod graph;
mod library;
mod place;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use memchr::memmem;
use ndarray::Array2;
use ort::logging::LogLevel;
use ort::session::builder::GraphOptimizationLevel;
use ort::session::{Session, SessionInputValue};
use ort::value::TensorRef;

use self::graph::{Graph, Output, Role};
use self::place::Place;
use super::frame::{self, Frame};
use super::padded::{self, Padded};
use crate::encode::files::Files;
use crate::encode::pool::Pool;
use crate::encode::pooling::check_finite;
use crate::encode::{Encoder, Input, Precision, Tokens};
use crate::error::{Error, ErrorKind, Result};

/// Tokens worked on at once, padding included. Scores of attention need `heads · length` numbers for each of them.
const BUDGET: usize = 4096;

/// Operators that multiply integers.
const INTEGER_OPERATORS: [&str; 3] = ["MatMulInteger", "QLinearMatMul", "DynamicQuantizeMatMul"];

/// A sentence encoder that ONNX Runtime runs.
#[derive(Debug)]
pub struct OnnxEncoder {
    fingerprint: String,
    frame: Frame,
    path: PathBuf,
    graph: Graph,
    /// The token that fills up a row.
    padding: u32,
    precision: Precision,
    sessions: Pool<Session>,
}

impl OnnxEncoder {
    /// Reads a model from a folder as [`NativeEncoder::load`](super::super::NativeEncoder::load) does, but for the
    /// weights: they are in `model.onnx` or `onnx/model.onnx`, or in the file of that folder that `path` names. Of
    /// `config.json` only `hidden_size`, `vocab_size`, `max_position_embeddings`, `model_type` and `pad_token_id` are
    /// read, so the model may be of any family.
    ///
    /// The graph takes `input_ids` and `attention_mask`, and `token_type_ids` if it likes, each int64, batch × tokens,
    /// and gives float32: batch × tokens × `hidden_size`, which is pooled as `modules.json` says, or one vector for each
    /// input, which is taken as it is.
    ///
    /// # Errors
    /// Where ONNX Runtime is not there (the error says how to get it), a file is missing or damaged, or the graph takes
    /// or gives something else. The error names the file.
    pub fn load(path: &Path) -> Result<Self> {
        let place = Place::find(path)?;
        library::load()?;
        let mut files = Files::in_folder(&place.folder)?;
        let (sizes, padding) = graph::sizes(&mut files)?;
        let frame = Frame::read(&mut files, &place.name, sizes)?;
        let file = place.folder.join(&place.file);
        let precision = {
            // Weights beyond 2 GB, and those of some exporters, lie in a file of their own.
            for beside in ["_data", ".data"] {
                files.read_optional(&format!("{}{beside}", place.file))?;
            }
            precision(&files.read(&place.file)?)
        };
        let fingerprint = frame::fingerprint("onnx", &files);
        let session = session(&file)?;
        let graph = Graph::of(&session, sizes.hidden).map_err(|error| error.in_file(&file))?;
        let sessions = Pool::new(session);
        Ok(Self { fingerprint, frame, path: file, graph, padding, precision, sessions })
    }

    /// The vectors of the inputs, one after the other.
    fn forward(&self, session: &mut Session, batch: &Padded<'_>) -> Result<Vec<f32>> {
        let failed = |error: ort::Error| {
            let message = format!("ONNX Runtime cannot run the model {}", self.frame.name);
            Error::new(ErrorKind::Model, message)
                .in_file(&self.path)
                .hint("the graph may be exported for one size of batch; it must take any")
                .caused_by(error.to_string())
        };
        let numbers = self.graph.inputs.iter().map(|role| match role {
            Role::Ids => batch.ids(self.padding),
            Role::Mask => batch.mask(),
            Role::Types => batch.types(u32::MAX),
        });
        let numbers: Vec<Vec<i64>> = numbers.collect();
        let [rows, width] = batch.shape();
        let mut inputs: Vec<(Cow<'_, str>, SessionInputValue<'_>)> = Vec::new();
        for (role, numbers) in self.graph.inputs.iter().zip(&numbers) {
            let tensor = TensorRef::from_array_view(([rows, width], numbers.as_slice()));
            inputs.push((role.name().into(), tensor.map_err(failed)?.into()));
        }
        let outputs = session.run(inputs).map_err(failed)?;
        let (shape, states) =
            outputs[self.graph.output_name.as_str()].try_extract_tensor::<f32>().map_err(failed)?;
        let expected = match self.graph.output {
            Output::Tokens => vec![rows, width, self.frame.sizes.hidden],
            Output::Vectors(dimension) => vec![rows, dimension],
        };
        if !shape.iter().map(|&n| usize::try_from(n).ok()).eq(expected.iter().map(|&n| Some(n))) {
            let message = format!(
                "{} has the shape {:?}, where {expected:?} was expected",
                self.graph.output_name,
                &shape[..]
            );
            return Err(Error::new(ErrorKind::Model, message)
                .in_file(&self.path)
                .hint("config.json must be the one the graph was exported with"));
        }
        match self.graph.output {
            Output::Tokens => self.frame.pool(batch, states),
            Output::Vectors(_) => {
                check_finite(&self.frame.name, states)?;
                Ok(states.to_vec())
            }
        }
    }
}

impl Encoder for OnnxEncoder {
    fn dimension(&self) -> usize {
        match self.graph.output {
            Output::Tokens => self.frame.dimension(),
            Output::Vectors(dimension) => dimension,
        }
    }

    fn name(&self) -> &str {
        &self.frame.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn backend(&self) -> &'static str {
        "onnx"
    }

    fn precision(&self) -> Precision {
        self.precision
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.frame.tokenize(input)
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        self.frame.check(batch)?;
        // Integers are rounded by the range of a whole batch: only alone does an input depend on itself alone. It
        // costs a fifth of the time.
        let budget = if self.precision == Precision::Int8 { 0 } else { BUDGET };
        self.sessions.with(
            || session(&self.path),
            |session| {
                padded::encode(batch, budget, self.dimension(), |part| self.forward(session, part))
            },
        )
    }
}

/// A session that runs on the calling thread, one operator after the other.
fn session(path: &Path) -> Result<Session> {
    let build = || -> ort::Result<Session> {
        Session::builder()?
            .with_intra_threads(1)?
            .with_inter_threads(1)?
            .with_parallel_execution(false)?
            .with_optimization_level(GraphOptimizationLevel::All)?
            // What goes wrong comes back as an error; nothing else is to be printed.
            .with_log_level(LogLevel::Fatal)?
            .commit_from_file(path)
    };
    build().map_err(|error| {
        Error::new(ErrorKind::Model, "is not a graph that ONNX Runtime can run")
            .in_file(path)
            .hint("the file is damaged, not fetched to its end, or made for a newer ONNX Runtime")
            .caused_by(error.to_string())
    })
}

/// What the products of a graph are computed in, by the names of its operators.
fn precision(graph: &[u8]) -> Precision {
    let integers = |name: &&str| memmem::find(graph, name.as_bytes()).is_some();
    if INTEGER_OPERATORS.iter().any(integers) { Precision::Int8 } else { Precision::F32 }
}
