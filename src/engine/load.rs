//! Models and codebooks by name: those inside the program, those in folders.

use std::path::Path;
use std::sync::Arc;

use fs_err as fs;

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

/// The encoder in the folder `name`, the built-in one, or `hashed`, which needs no weights and knows no
/// language: it stands in for a model in tests. The variables `PLENARY_KERNEL` and `PLENARY_PRECISION` say what it
/// computes with.
///
/// # Errors
/// When the folder holds no model or a broken one, or the machine cannot compute as the variables ask for.
pub fn load_encoder(name: &str) -> Result<Arc<dyn Encoder>> {
    load_encoder_with(name, KernelChoice::from_environment()?)
}

/// The same, to compute as `choice` says.
///
/// # Errors
/// As [`load_encoder`].
pub fn load_encoder_with(name: &str, choice: KernelChoice) -> Result<Arc<dyn Encoder>> {
    match name {
        BUILT_IN => Ok(Arc::new(encode::default_model_with(choice)?)),
        HASHED => Ok(Arc::new(HashedEncoder::default())),
        folder => Ok(Arc::new(NativeEncoder::load_with(Path::new(folder), choice)?)),
    }
}

/// Bytes of the weights of the encoder `name`, a folder or a file; 0 for one without.
///
/// # Errors
/// When the folder cannot be read.
pub fn weights_size(name: &str) -> Result<u64> {
    let path = Path::new(name);
    if path.is_file() {
        return fs::metadata(path).map(|file| file.len()).map_err(|e| Error::io("read", path, e));
    }
    if !path.is_dir() {
        return Ok(0);
    }
    let files = fs::read_dir(path).map_err(|error| Error::io("read", path, error))?;
    let weights = files.filter_map(std::result::Result::ok).filter(|file| {
        file.path().extension().is_some_and(|kind| kind == "safetensors" || kind == "onnx")
    });
    Ok(weights.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum())
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

/// The heads of the model in the folder `name`, or the built-in ones, whatever encoder they are to read.
///
/// # Errors
/// When there are none or they are broken.
pub fn load_heads(name: &str) -> Result<Heads> {
    if name == BUILT_IN {
        return Heads::parse(DEFAULT_HEADS, "models/default/heads.json");
    }
    let folder = Path::new(name);
    if !folder.is_dir() {
        return Err(Error::new(ErrorKind::Model, "is no folder of a model")
            .in_file(folder)
            .hint("name a folder that `plenary train` has written, or \"default\""));
    }
    Heads::load(&folder.join("heads.json"))
}

/// The encoder and the heads of the model in the folder `name`, or the built-in ones.
///
/// A folder with `heads.json` alone, as `plenary train` writes it, uses the encoder that the heads name.
///
/// # Errors
/// When a part is missing or broken.
pub fn load_model(name: &str) -> Result<(Arc<dyn Encoder>, Heads)> {
    load_model_with(name, KernelChoice::from_environment()?)
}

/// The same, to compute as `choice` says.
///
/// # Errors
/// As [`load_model`].
pub fn load_model_with(name: &str, choice: KernelChoice) -> Result<(Arc<dyn Encoder>, Heads)> {
    let heads = load_heads(name)?;
    let encoder = if name == BUILT_IN || Path::new(name).join("config.json").is_file() {
        load_encoder_with(name, choice)?
    } else if heads.encoder.name == HASHED {
        load_encoder_with(HASHED, choice)?
    } else {
        load_encoder_with(BUILT_IN, choice)?
    };
    Ok((encoder, heads))
}
