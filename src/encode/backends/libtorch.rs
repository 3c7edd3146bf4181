//! rust-bert on libtorch: models of the families BERT, `RoBERTa` and `DistilBERT`, on the GPU where libtorch finds one.

mod model;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, Once, PoisonError};

use ndarray::Array2;
use rust_bert::RustBertError;
use tch::Device;

use self::model::{Model, Shared};
use super::frame::{self, Frame, Sizes};
use super::padded::{self, Padded};
use crate::encode::config::Config;
use crate::encode::files::Files;
use crate::encode::pool::Pool;
use crate::encode::weights::Weights;
use crate::encode::{Encoder, Input, Tokens};
use crate::error::{Error, ErrorKind, Result};

/// Tokens worked on at once, padding included. Scores of attention need `heads · length` numbers for each of them.
const BUDGET: usize = 4096;

/// A sentence encoder that rust-bert runs.
///
/// Weights are read from safetensors, in f32, f16 or bf16, and computed with in f32. rust-bert normalises with an
/// epsilon of 1e-12 whatever `config.json` says; vectors of `RoBERTa`, which was trained with 1e-5, are off by 2e-5 in
/// our test models.
#[derive(Debug)]
pub struct LibtorchEncoder {
    fingerprint: String,
    frame: Frame,
    config: Config,
    device: Device,
    /// What all copies of the model share.
    weights: Mutex<Shared>,
    models: Pool<Model>,
}

impl LibtorchEncoder {
    /// Reads a model from a folder as [`NativeEncoder::load`](super::super::NativeEncoder::load) does.
    ///
    /// # Errors
    /// As there, and where rust-bert has no such model. The error names the file.
    pub fn load(folder: &Path) -> Result<Self> {
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        Self::read(Files::in_folder(folder)?, &name)
    }

    /// Takes a model from memory: its files with their paths inside the model's folder.
    ///
    /// # Errors
    /// As [`LibtorchEncoder::load`].
    pub fn from_bytes(name: &str, files: &[(&str, &[u8])]) -> Result<Self> {
        Self::read(Files::in_memory(name, files), name)
    }

    fn read(mut files: Files<'_>, name: &str) -> Result<Self> {
        bound_threads();
        let path = files.path("config.json");
        let config = Config::parse(&files.read("config.json")?, &path)?;
        let (hidden, vocabulary) = (config.hidden, config.vocabulary);
        let sizes = Sizes { hidden, positions: config.max_tokens(), vocabulary };
        let frame = Frame::read(&mut files, name, sizes)?;
        let bytes = Weights::read(&mut files)?;
        let tensors = bytes.tensors()?;
        model::check(&config, bytes.size()).map_err(|error| error.in_file(path))?;
        let fingerprint = frame::fingerprint("libtorch", &files);
        let device = Device::cuda_if_available();
        let (model, variables) = guarded(name, || Ok(Model::new(&config, device)))?;
        let weights = Shared::read(&variables, tensors, device)?;
        weights.lend(&variables);
        let (weights, models) = (Mutex::new(weights), Pool::new(model));
        Ok(Self { fingerprint, frame, config, device, weights, models })
    }

    /// The vectors of the inputs, one after the other.
    fn forward(&self, model: &Model, batch: &Padded<'_>) -> Result<Vec<f32>> {
        let states = guarded(&self.frame.name, || {
            let states = tch::no_grad(|| model.forward(&self.config, self.device, batch))?;
            let states = states.to_device(Device::Cpu).flatten(0, -1);
            Ok(Vec::<f32>::try_from(states)?)
        })?;
        self.frame.pool(batch, &states)
    }

    /// One more model with the same weights.
    fn copy(&self) -> Result<Model> {
        let (model, variables) =
            guarded(&self.frame.name, || Ok(Model::new(&self.config, self.device)))?;
        self.weights.lock().unwrap_or_else(PoisonError::into_inner).lend(&variables);
        Ok(model)
    }
}

impl Encoder for LibtorchEncoder {
    fn dimension(&self) -> usize {
        self.frame.dimension()
    }

    fn name(&self) -> &str {
        &self.frame.name
    }

    fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    fn backend(&self) -> &'static str {
        "libtorch"
    }

    fn library_threads(&self) -> usize {
        bound_threads();
        usize::try_from(tch::get_num_threads().max(tch::get_num_interop_threads())).unwrap_or(0)
    }

    fn operations(&self, tokens: usize) -> f64 {
        self.config.operations(tokens)
    }

    fn tokenize(&self, input: Input<'_>) -> Result<Tokens> {
        self.frame.tokenize(input)
    }

    fn encode(&self, batch: &[Tokens]) -> Result<Array2<f32>> {
        self.frame.check(batch)?;
        bound_threads();
        self.models.with(
            || self.copy(),
            |model| {
                padded::encode(batch, BUDGET, self.dimension(), |part| self.forward(model, part))
            },
        )
    }
}

/// Keeps libtorch to the calling thread. Its threads within an operation are counted for each calling thread, those
/// between operations for the program, once. Two workers with a thread each took 7.8 s of processor time for what one
/// worker with two threads took 8.7 s for (all-MiniLM-L6-v2, batches of 512 tokens).
fn bound_threads() {
    static BETWEEN_OPERATIONS: Once = Once::new();
    BETWEEN_OPERATIONS.call_once(|| {
        if tch::get_num_interop_threads() != 1 {
            tch::set_num_interop_threads(1);
        }
    });
    if tch::get_num_threads() != 1 {
        tch::set_num_threads(1);
    }
}

/// Runs what may panic: rust-bert does where libtorch throws, which says no more than that memory is short.
fn guarded<T>(name: &str, work: impl FnOnce() -> Result<T, RustBertError>) -> Result<T> {
    let failed = || {
        Error::new(ErrorKind::Model, format!("libtorch cannot run the model {name}"))
            .hint("it may lack memory; smaller batches need less of it")
    };
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result.map_err(|error| failed().caused_by(error)),
        Err(panic) => {
            let said = panic.downcast::<String>().map_or_else(|_| String::new(), |text| *text);
            Err(failed().caused_by(said))
        }
    }
}
