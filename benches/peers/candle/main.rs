//! Encodes the lines of a file with candle and prints the seconds that tokenising and encoding took.
//!
//!     candle-peer MODEL SENTENCES BATCH_SIZE [VECTORS]
//!
//! Vectors are the first token's beside the mean, normalised, as `models/default` has them; `VECTORS` receives them as
//! little-endian f32, in the order of the lines. Sentences are sorted by length. `RAYON_NUM_THREADS` bounds the threads.

use std::fs;
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result};
use candle_core::{D, DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{PaddingParams, Tokenizer, TruncationParams};

const MAX_TOKENS: usize = 256;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, model, sentences, batch_size, target @ ..] = &arguments[..] else {
        anyhow::bail!("usage: candle-peer MODEL SENTENCES BATCH_SIZE [VECTORS]");
    };
    let engine = Engine::load(Path::new(model))?;
    let text = fs::read_to_string(sentences).context("cannot read the sentences")?;
    let sentences: Vec<&str> = text.lines().collect();
    let started = Instant::now();
    let vectors = engine.encode(&sentences, batch_size.parse()?)?;
    println!("{}", started.elapsed().as_secs_f64());
    if let [target] = target {
        fs::write(target, vectors.iter().flatten().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>())?;
    }
    Ok(())
}

struct Engine {
    tokenizer: Tokenizer,
    model: BertModel,
}

impl Engine {
    fn load(folder: &Path) -> Result<Self> {
        let config: Config = serde_json::from_slice(&fs::read(folder.join("config.json"))?)?;
        let weights = fs::read(folder.join("model.safetensors"))?;
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu)?;
        let mut tokenizer = Tokenizer::from_file(folder.join("tokenizer.json")).map_err(anyhow::Error::msg)?;
        let truncation = TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(anyhow::Error::msg)?;
        tokenizer.with_padding(Some(PaddingParams::default()));
        Ok(Self { tokenizer, model: BertModel::load(weights, &config)? })
    }

    fn encode(&self, sentences: &[&str], batch_size: usize) -> Result<Vec<Vec<f32>>> {
        let mut order: Vec<usize> = (0..sentences.len()).collect();
        order.sort_by_key(|&place| sentences[place].len());
        let mut vectors = vec![Vec::new(); sentences.len()];
        for places in order.chunks(batch_size) {
            let batch: Vec<&str> = places.iter().map(|&place| sentences[place]).collect();
            for (&place, vector) in places.iter().zip(self.embed(batch)?.to_vec2()?) {
                vectors[place] = vector;
            }
        }
        Ok(vectors)
    }

    fn embed(&self, batch: Vec<&str>) -> Result<Tensor> {
        let encodings = self.tokenizer.encode_batch(batch, true).map_err(anyhow::Error::msg)?;
        let stack = |part: fn(&tokenizers::Encoding) -> &[u32]| -> candle_core::Result<Tensor> {
            let rows = encodings.iter().map(|encoding| Tensor::new(part(encoding), &Device::Cpu));
            Tensor::stack(&rows.collect::<candle_core::Result<Vec<_>>>()?, 0)
        };
        let ids = stack(tokenizers::Encoding::get_ids)?;
        let types = stack(tokenizers::Encoding::get_type_ids)?;
        let mask = stack(tokenizers::Encoding::get_attention_mask)?;
        let states = self.model.forward(&ids, &types, Some(&mask))?;
        let weights = mask.to_dtype(DType::F32)?;
        let sums = states.broadcast_mul(&weights.unsqueeze(2)?)?.sum(1)?;
        let mean = sums.broadcast_div(&weights.sum_keepdim(1)?)?;
        let pooled = Tensor::cat(&[&states.get_on_dim(1, 0)?, &mean], 1)?;
        let norm = pooled.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        Ok(pooled.broadcast_div(&norm)?)
    }
}
