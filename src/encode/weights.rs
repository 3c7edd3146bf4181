//! Tensors by name from one safetensors file or several, as f32, checked for shape and for numbers that are none.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use half::slice::HalfFloatSliceExt;
use half::{bf16, f16};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::files::Files;
use crate::digest;
use crate::error::{Error, ErrorKind, Result};

/// Numbers converted or checked at once.
const BLOCK: usize = 1024;

const SINGLE: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

/// The bytes of one or more safetensors files.
pub(super) struct Weights<'a> {
    shards: Vec<(PathBuf, Cow<'a, [u8]>)>,
}

/// `model.safetensors.index.json`: which file holds which tensor.
#[derive(Deserialize)]
struct Index {
    weight_map: BTreeMap<String, String>,
}

impl<'a> Weights<'a> {
    /// Reads the weights of the model itself, in one file or in shards.
    pub(super) fn read(files: &mut Files<'a>) -> Result<Self> {
        if let Some(bytes) = files.read_optional(SINGLE)? {
            return Ok(Self { shards: vec![(files.path(SINGLE), bytes)] });
        }
        let Some(index) = files.json_optional::<Index>(INDEX)? else {
            return Err(Error::new(ErrorKind::Model, "is missing")
                .in_file(files.path(SINGLE))
                .hint("weights must be in safetensors format; save_pretrained writes it"));
        };
        let mut names: Vec<String> = index.weight_map.into_values().collect();
        names.sort_unstable();
        names.dedup();
        let shard = |name: String| {
            if name.contains(['/', '\\']) {
                let message = format!("names a shard outside the model's folder, {name:?}");
                return Err(Error::new(ErrorKind::Model, message).in_file(files.path(INDEX)));
            }
            Ok((files.path(&name), files.read(&name)?))
        };
        Ok(Self { shards: names.into_iter().map(shard).collect::<Result<_>>()? })
    }

    /// Reads one safetensors file that must be there.
    pub(super) fn read_file(files: &mut Files<'a>, file: &str) -> Result<Self> {
        let bytes = files.read(file)?;
        Ok(Self { shards: vec![(files.path(file), bytes)] })
    }

    /// Bytes of all files together.
    #[cfg(feature = "libtorch")]
    pub(super) fn size(&self) -> usize {
        self.shards.iter().map(|(_, bytes)| bytes.len()).sum()
    }

    /// The tensors in the files.
    pub(super) fn tensors(&self) -> Result<Tensors<'_>> {
        let mut tensors = HashMap::new();
        for (index, (path, bytes)) in self.shards.iter().enumerate() {
            let shard = SafeTensors::deserialize(bytes).map_err(|error| {
                Error::new(ErrorKind::Model, "is not a whole safetensors file")
                    .in_file(path)
                    .hint("the file is damaged or was not fetched to its end; fetch it again")
                    .caused_by(error)
            })?;
            tensors.extend(shard.tensors().into_iter().map(|(name, view)| (name, (index, view))));
        }
        Ok(Tensors { weights: self, by_name: tensors, prefix: "" })
    }
}

/// Tensors by name.
pub(super) struct Tensors<'a> {
    weights: &'a Weights<'a>,
    by_name: HashMap<String, (usize, TensorView<'a>)>,
    prefix: &'static str,
}

impl Tensors<'_> {
    /// Drops from all names the prefix that precedes `name`, so that a bare model and one saved with a head
    /// on top look the same.
    pub(super) fn strip_prefix(&mut self, name: &str) {
        const PREFIXES: [&str; 6] = ["", "bert.", "roberta.", "distilbert.", "mpnet.", "model."];
        let found =
            PREFIXES.iter().find(|prefix| self.by_name.contains_key(&format!("{prefix}{name}")));
        self.prefix = found.copied().unwrap_or("");
    }

    /// Whether there is a tensor of this name.
    pub(super) fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(&format!("{}{name}", self.prefix))
    }

    /// The shape of the tensor of this name, where there is one.
    pub(super) fn shape(&self, name: &str) -> Option<&[usize]> {
        let (_, view) = self.by_name.get(&format!("{}{name}", self.prefix))?;
        Some(view.shape())
    }

    /// The file to name where a tensor is missing: the only one, or the first.
    pub(super) fn path(&self) -> &Path {
        &self.weights.shards[0].0
    }

    /// SHA-256, in hexadecimal, over the names and bytes of the tensors of the lowest `count` layers and of the
    /// normalisation before them: what a branch above them was trained on.
    pub(super) fn digest_of_layers(&self, count: usize) -> String {
        let below = |name: &str| {
            let layer = name.strip_prefix("encoder.layer.").and_then(|rest| rest.split('.').next());
            let layer = layer.and_then(|number| number.parse::<usize>().ok());
            layer.is_some_and(|layer| layer < count) || name.starts_with("embeddings.LayerNorm.")
        };
        let mut parts: Vec<(&str, &[u8])> = self
            .by_name
            .iter()
            .filter_map(|(name, (_, view))| Some((name.strip_prefix(self.prefix)?, view.data())))
            .filter(|(name, _)| below(name))
            .collect();
        parts.sort_unstable();
        let mut hasher = Sha256::new();
        for (name, bytes) in parts {
            hasher.update(name);
            hasher.update(bytes);
        }
        digest::hexadecimal(&hasher.finalize())
    }

    /// The elements of tensor `name`, which must have the given shape and hold finite numbers only.
    pub(super) fn get(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let Some((shard, view)) = self.by_name.get(&format!("{}{name}", self.prefix)) else {
            return Err(Error::new(ErrorKind::Model, format!("has no tensor {name}"))
                .in_file(self.path())
                .hint("the weights must be those of the model that config.json describes"));
        };
        let path = &self.weights.shards[*shard].0;
        if view.shape() != shape {
            let message = format!("tensor {name} has shape {:?}, not {shape:?}", view.shape());
            return Err(Error::new(ErrorKind::Model, message)
                .in_file(path)
                .hint("the weights must be those of the model that config.json describes"));
        }
        let numbers = to_f32(view).ok_or_else(|| {
            let message = format!("tensor {name} holds numbers of type {:?}", view.dtype());
            Error::new(ErrorKind::Model, message)
                .in_file(path)
                .hint("save the weights as F32, F16 or BF16")
        })?;
        if let Some(place) = first_not_finite(&numbers) {
            let message = format!("tensor {name} holds {} at element {place}", numbers[place]);
            return Err(Error::new(ErrorKind::Model, message)
                .in_file(path)
                .hint("the weights are damaged; fetch them again"));
        }
        Ok(numbers)
    }
}

fn to_f32(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let bytes = view.data();
    match view.dtype() {
        Dtype::F32 => Some(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b)).collect()),
        Dtype::F16 => {
            Some(widen(bytes, f16::from_le_bytes, HalfFloatSliceExt::convert_to_f32_slice))
        }
        Dtype::BF16 => {
            Some(widen(bytes, bf16::from_le_bytes, HalfFloatSliceExt::convert_to_f32_slice))
        }
        _ => None,
    }
}

/// Converts 16-bit numbers a block at a time: the block stays in the cache between its two steps.
fn widen<H: Copy + Default>(
    bytes: &[u8],
    parse: impl Fn([u8; 2]) -> H,
    convert: impl Fn(&[H], &mut [f32]),
) -> Vec<f32> {
    let (halves, _) = bytes.as_chunks::<2>();
    let mut numbers = vec![0.0; halves.len()];
    let mut block = [H::default(); BLOCK];
    for (from, to) in halves.chunks(BLOCK).zip(numbers.chunks_mut(BLOCK)) {
        for (half, pair) in block.iter_mut().zip(from) {
            *half = parse(*pair);
        }
        convert(&block[..from.len()], to);
    }
    numbers
}

/// Where the first NaN or infinity stands.
fn first_not_finite(numbers: &[f32]) -> Option<usize> {
    // Without an early exit a block is checked by vector instructions.
    let clean = |block: &[f32]| block.iter().fold(true, |clean, x| clean & x.is_finite());
    let (index, block) = numbers.chunks(BLOCK).enumerate().find(|(_, block)| !clean(block))?;
    block.iter().position(|x| !x.is_finite()).map(|place| index * BLOCK + place)
}
