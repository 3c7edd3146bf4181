//! Models with their heads and codebooks by name: those inside the program, those in folders.

use std::path::Path;
use std::sync::Arc;

use super::encoder::{HASHED, is_described, load_encoder_with};
use crate::classify::{Codebook, Heads};
use crate::config::BUILT_IN;
use crate::encode::{Encoder, KernelChoice};
use crate::error::{Error, ErrorKind, Result};

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
    if !folder.is_dir() && is_described(name) {
        let message = format!("the model {name:?} is an encoder without heads");
        return Err(Error::new(ErrorKind::Model, message).hint(format!(
            "`plenary train --encoder {name} --labels FILE -o FOLDER` trains heads; --model FOLDER uses both"
        )));
    }
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
    let encoder = load_encoder_with(encoder_of_model(name, &heads), choice)?;
    Ok((encoder, heads))
}

/// The name of the encoder that the heads of the model in the folder `name` read: its own where it has one, else
/// the one that they were trained on, where that is known.
pub fn encoder_of_model<'a>(name: &'a str, heads: &'a Heads) -> &'a str {
    if name == BUILT_IN || Path::new(name).join("config.json").is_file() {
        return name;
    }
    match heads.encoder.name.as_str() {
        HASHED => HASHED,
        name if is_described(name) => name,
        _ => BUILT_IN,
    }
}
