//! Models and codebooks by name: those inside the program, those in folders.

use std::path::Path;
use std::sync::Arc;

use crate::classify::{Codebook, Heads};
use crate::config::BUILT_IN;
use crate::encode::{self, Encoder, HashedEncoder, KernelChoice, NativeEncoder};
use crate::error::{Error, ErrorKind, Result};

/// The encoder without weights.
pub const HASHED: &str = "hashed";

/// The codebook of a model, in its folder.
pub const CODEBOOK_FILE: &str = "codebook.toml";

const DEFAULT_HEADS: &str = include_str!("../../models/default/heads.json");
const DEFAULT_PROTOTYPES: &str = include_str!("../../models/default/prototypes.json");

/// The codebook in the file `name`, or the built-in one.
///
/// # Errors
/// As [`Codebook::load`].
pub fn load_codebook(name: &str) -> Result<Codebook> {
    if name == BUILT_IN { Ok(Codebook::built_in()) } else { Codebook::load(Path::new(name)) }
}

/// The codebook in the file `codebook`; where that is the default, the one that the model in the folder
/// `model` brings along, as `plenary train` writes it, else the built-in one.
///
/// # Errors
/// As [`Codebook::load`].
pub fn codebook_of_model(codebook: &str, model: &str) -> Result<Codebook> {
    let own = Path::new(model).join(CODEBOOK_FILE);
    if codebook == BUILT_IN && model != BUILT_IN && own.is_file() {
        return Codebook::load(&own);
    }
    load_codebook(codebook)
}

/// The encoder of a specification: a folder, `default` for the one in the program, or `hashed`, which needs no weights
/// and knows no language: it stands in for a model in tests. `native:`, `onnx:` or `libtorch:` in front picks the engine.
/// The variables `PLENARY_KERNEL` and `PLENARY_PRECISION` say what the native engine computes with.
///
/// # Errors
/// When the folder holds no model or a broken one, the machine cannot compute as the variables ask for, or this build
/// lacks the engine.
pub fn load_encoder(name: &str) -> Result<Arc<dyn Encoder>> {
    load_encoder_with(name, KernelChoice::from_environment()?)
}

/// The same, the native engine to compute as `choice` says.
///
/// # Errors
/// As [`load_encoder`].
pub fn load_encoder_with(name: &str, choice: KernelChoice) -> Result<Arc<dyn Encoder>> {
    match name.split_once(':') {
        Some(("native", model)) => load_native(model, choice),
        Some(("onnx", model)) => load_onnx(model),
        Some(("libtorch", model)) => load_libtorch(model),
        _ if name == HASHED => Ok(Arc::new(HashedEncoder::default())),
        _ => load_native(name, choice),
    }
}

fn load_native(model: &str, choice: KernelChoice) -> Result<Arc<dyn Encoder>> {
    match model {
        BUILT_IN => Ok(Arc::new(encode::default_model_with(choice)?)),
        folder => Ok(Arc::new(NativeEncoder::load_with(Path::new(folder), choice)?)),
    }
}

#[cfg(feature = "onnx")]
fn load_onnx(model: &str) -> Result<Arc<dyn Encoder>> {
    if model == BUILT_IN {
        return Err(Error::new(ErrorKind::Config, "the model in the program is no ONNX graph")
            .hint("export it, and name the folder: onnx:FOLDER"));
    }
    Ok(Arc::new(encode::OnnxEncoder::load(Path::new(model))?))
}

#[cfg(not(feature = "onnx"))]
fn load_onnx(_: &str) -> Result<Arc<dyn Encoder>> {
    Err(lacking("ONNX Runtime", "onnx"))
}

#[cfg(feature = "libtorch")]
fn load_libtorch(model: &str) -> Result<Arc<dyn Encoder>> {
    match model {
        BUILT_IN => Ok(Arc::new(encode::default_model_on_libtorch()?)),
        folder => Ok(Arc::new(encode::LibtorchEncoder::load(Path::new(folder))?)),
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

/// The zero-shot baseline that belongs to the model in the folder `name`, where there is one.
///
/// # Errors
/// When the file is there but broken.
pub fn load_prototypes(name: &str) -> Result<Option<Heads>> {
    if name == BUILT_IN {
        return Heads::parse(DEFAULT_PROTOTYPES, "models/default/prototypes.json").map(Some);
    }
    let path = Path::new(name).join("prototypes.json");
    if path.is_file() { Heads::load(&path).map(Some) } else { Ok(None) }
}

/// The encoder and the heads of the model in the folder `name`, or the built-in ones.
///
/// A folder with `heads.json` alone, as `plenary train` writes it, uses the encoder that the heads name.
///
/// # Errors
/// When a part is missing or broken.
pub fn load_model(name: &str) -> Result<(Arc<dyn Encoder>, Heads)> {
    if name == BUILT_IN {
        let heads = Heads::parse(DEFAULT_HEADS, "models/default/heads.json")?;
        return Ok((load_encoder(BUILT_IN)?, heads));
    }
    let folder = Path::new(name);
    if !folder.is_dir() {
        return Err(Error::new(ErrorKind::Model, "is no folder of a model")
            .in_file(folder)
            .hint("name a folder that `plenary train` has written, or \"default\""));
    }
    let heads = Heads::load(&folder.join("heads.json"))?;
    let encoder = if folder.join("config.json").is_file() {
        load_encoder(name)?
    } else if heads.encoder.name == HASHED {
        load_encoder(HASHED)?
    } else {
        load_encoder(BUILT_IN)?
    };
    Ok((encoder, heads))
}
