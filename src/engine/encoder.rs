//! Encoders by name: which engine runs which weights.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err as fs;

use crate::catalogue::{self, Catalogue};
use crate::config::BUILT_IN;
use crate::encode::{
    self, Encoder, HashedEncoder, KernelChoice, NativeEncoder, Precision, Prompted,
};
use crate::error::{Error, ErrorKind, Result};

/// The encoder without weights.
pub const HASHED: &str = "hashed";

/// The encoder of a specification: a folder, the name of a model in the catalogue, `default` for the one in the program,
/// or `hashed`, which needs no weights and knows no language: it stands in for a model in tests. `native:`, `onnx:` or
/// `libtorch:` in front picks the engine, `f32:`, `bf16:` or `int8:` the native one in this precision. The variables
/// `PLENARY_KERNEL` and `PLENARY_PRECISION` say what the native engine computes with. A prompt that the model wants before
/// every text (`default_prompt_name` of sentence-transformers, or its description's) is put there.
///
/// # Errors
/// When the folder holds no model or a broken one, the model is not fetched yet or not known, the machine cannot compute
/// as the variables ask for, or this build lacks the engine.
pub fn load_encoder(name: &str) -> Result<Arc<dyn Encoder>> {
    load_encoder_with(name, KernelChoice::from_environment()?)
}

/// The same, the native engine to compute as `choice` says.
///
/// # Errors
/// As [`load_encoder`].
pub fn load_encoder_with(name: &str, choice: KernelChoice) -> Result<Arc<dyn Encoder>> {
    let (engine, model) = engine_and_model(name);
    let encoder = match (engine, model) {
        ("native", HASHED) => return Ok(Arc::new(HashedEncoder::default())),
        ("onnx", model) => load_onnx(model)?,
        ("libtorch", model) => load_libtorch(model)?,
        (engine, model) => {
            let precision = engine.parse::<Precision>().ok().or(choice.precision);
            load_native(model, KernelChoice { precision, ..choice })?
        }
    };
    with_prompt(encoder, model)
}

/// Puts before every text what the model wants there.
fn with_prompt(encoder: Arc<dyn Encoder>, model: &str) -> Result<Arc<dyn Encoder>> {
    if model == BUILT_IN {
        return Ok(encoder);
    }
    let place = place(model)?;
    // A graph may lie in a folder of its own below the model's.
    let mut folders = place.ancestors().take(3);
    let folder = folders.find(|folder| folder.join("config.json").is_file());
    Ok(match catalogue::default_prompt(model, folder.unwrap_or(&place))? {
        Some(prompt) => Arc::new(Prompted::new(encoder, prompt)),
        None => encoder,
    })
}

/// Bytes of the weights of the encoder of a specification; 0 for one without weights.
///
/// # Errors
/// When there is no such encoder or its folder cannot be read.
pub fn weights_size(name: &str) -> Result<u64> {
    let (engine, place) = match engine_and_model(name) {
        (_, BUILT_IN) => return Ok(encode::default_model_size()),
        (_, HASHED) => return Ok(0),
        (engine, model) => (engine, place(model)?),
    };
    let size = |file: &Path| fs::metadata(file).map_or(0, |file| file.len());
    if engine == "onnx" {
        let graphs = [place.clone(), place.join("model.onnx"), place.join("onnx/model.onnx")];
        return Ok(graphs.iter().find(|graph| graph.is_file()).map_or(0, |graph| size(graph)));
    }
    let files = fs::read_dir(&place).map_err(|error| Error::io("read", &place, error))?;
    let paths = files.filter_map(|file| file.ok().map(|file| file.path()));
    let weights = paths.filter(|path| path.extension().is_some_and(|kind| kind == "safetensors"));
    Ok(weights.map(|path| size(&path)).sum())
}

/// Whether the catalogue has a model `name`. Where there is no catalogue, it has none.
pub(super) fn is_described(name: &str) -> bool {
    Catalogue::from_environment().is_ok_and(|catalogue| catalogue.knows(name))
}

/// The engine that a specification names, the native one by default, and what it is to run.
fn engine_and_model(name: &str) -> (&str, &str) {
    const ENGINES: [&str; 6] = ["native", "onnx", "libtorch", "f32", "bf16", "int8"];
    match name.split_once(':') {
        Some((engine, model)) if ENGINES.contains(&engine) => (engine, model),
        _ => ("native", name),
    }
}

/// The folder, or the file, that a model's name means.
fn place(model: &str) -> Result<PathBuf> {
    if Path::new(model).is_file() { Ok(model.into()) } else { catalogue::resolve(model) }
}

/// A model of the catalogue keeps its name: its folder is called by the revision.
fn load_native(model: &str, choice: KernelChoice) -> Result<Arc<dyn Encoder>> {
    if model == BUILT_IN {
        return Ok(Arc::new(encode::default_model_with(choice)?));
    }
    let folder = catalogue::resolve(model)?;
    let encoder = if folder == Path::new(model) {
        NativeEncoder::load_with(&folder, choice)
    } else {
        NativeEncoder::load_named(&folder, model, choice)
    };
    Ok(Arc::new(encoder?))
}

#[cfg(feature = "onnx")]
fn load_onnx(model: &str) -> Result<Arc<dyn Encoder>> {
    if model == BUILT_IN {
        return Err(Error::new(ErrorKind::Config, "the model in the program is no ONNX graph")
            .hint("export it, and name the folder: onnx:FOLDER"));
    }
    Ok(Arc::new(encode::OnnxEncoder::load(&place(model)?)?))
}

#[cfg(not(feature = "onnx"))]
fn load_onnx(_: &str) -> Result<Arc<dyn Encoder>> {
    Err(lacking("ONNX Runtime", "onnx"))
}

#[cfg(feature = "libtorch")]
fn load_libtorch(model: &str) -> Result<Arc<dyn Encoder>> {
    match model {
        BUILT_IN => Ok(Arc::new(encode::default_model_on_libtorch()?)),
        model => Ok(Arc::new(encode::LibtorchEncoder::load(&place(model)?)?)),
    }
}

#[cfg(not(feature = "libtorch"))]
fn load_libtorch(_: &str) -> Result<Arc<dyn Encoder>> {
    Err(lacking("libtorch", "libtorch"))
}

/// The error of a build without the engine `name`.
#[cfg(not(all(feature = "onnx", feature = "libtorch")))]
fn lacking(name: &str, feature: &str) -> Error {
    Error::new(ErrorKind::Config, format!("this build has no {name}"))
        .hint(format!("build with --features {feature}, as the README tells"))
}
