//! The transformer of the BERT family: embeddings and layers of attention and feed-forward parts.
//!
//! The tokens of all sentences of a chunk stand in one matrix, without padding; only attention looks at one
//! sentence at a time. Ported from the descriptions in the papers named at [`Family`] and checked against the
//! reference implementation number by number (`tests/fixtures/encode`).

use super::Tokens;
use super::config::{Config, Family};
use super::kernel::{
    Activation, Aligned, Attention, Heads, Kernel, Left, Norm, Packed, PositionBias, Precision,
    Sequences, Target,
};
use super::relative::RelativeBias;
use super::weights::Tensors;
use crate::error::Result;

/// A linear layer, `x · Wᵀ + b`.
#[derive(Debug)]
pub(super) struct Linear {
    weight: Packed,
    bias: Vec<f32>,
}

impl Linear {
    /// Reads the layers of the given names, each with `columns` outputs, as one that gives all their outputs times
    /// a factor, packed for `kernel`.
    pub(super) fn read(
        kernel: Kernel,
        tensors: &Tensors<'_>,
        parts: &[(String, f32)],
        [columns, depth]: [usize; 2],
        with_bias: bool,
    ) -> Result<Self> {
        let (mut weights, mut bias) = (Vec::new(), Vec::new());
        for (name, factor) in parts {
            let scaled = |mut numbers: Vec<f32>| {
                for x in &mut numbers {
                    *x *= factor;
                }
                numbers
            };
            weights.push(scaled(tensors.get(&format!("{name}.weight"), &[columns, depth])?));
            if with_bias {
                bias.extend(scaled(tensors.get(&format!("{name}.bias"), &[columns])?));
            }
        }
        let columns = columns * parts.len();
        bias.resize(columns, 0.0);
        let weight = Packed::from_transposed(kernel.precision(), &weights, columns, depth);
        Ok(Self { weight, bias })
    }

    /// The number of outputs.
    pub(super) fn columns(&self) -> usize {
        self.bias.len()
    }

    /// `target = activation(input · Wᵀ + b)`; `kernel` is the one the layer was read for.
    pub(super) fn apply(
        &self,
        kernel: Kernel,
        input: &Left,
        activation: Activation,
        target: Target<'_>,
    ) {
        kernel.product(input, &self.weight, &self.bias, activation, target);
    }
}

#[derive(Debug)]
struct Layer {
    /// Queries, keys and values in one.
    fused: Linear,
    output: Linear,
    attention_norm: Norm,
    up: Linear,
    down: Linear,
    output_norm: Norm,
}

/// A transformer with its weights.
#[derive(Debug)]
pub(super) struct Transformer {
    config: Config,
    words: Vec<f32>,
    positions: Vec<f32>,
    types: Vec<f32>,
    embedding_norm: Norm,
    layers: Vec<Layer>,
    relative: Option<RelativeBias>,
}

/// The memory a chunk of tokens is worked on in; kept from call to call.
#[derive(Debug, Default)]
pub(super) struct Workspace {
    /// The vectors of the tokens.
    hidden: Vec<f32>,
    /// The same, or what attention gathered, as the next product reads it.
    left: Left,
    /// Queries, keys and values.
    fused: Left,
    inner: Left,
    /// Rows that are only rounded when they are whole.
    wide: Aligned<f32>,
    lengths: Vec<usize>,
    attention: Attention,
    /// The vectors of the tokens while a branch is run.
    aside: Vec<f32>,
}

/// Layers that go their own way above the lowest layers of a transformer.
#[derive(Debug)]
pub(super) struct Branch {
    /// The number of layers below.
    trunk: usize,
    layers: Vec<Layer>,
}

impl Branch {
    /// Reads `count` layers of the shape that `config` describes, to go above `trunk` layers of a transformer.
    pub(super) fn read(
        kernel: Kernel,
        tensors: &Tensors<'_>,
        config: &Config,
        trunk: usize,
        count: usize,
    ) -> Result<Self> {
        let layers = (0..count).map(|index| Layer::read(kernel, tensors, config, index));
        Ok(Self { trunk, layers: layers.collect::<Result<_>>()? })
    }
}

impl Transformer {
    /// Takes the weights of the model that `config` describes, packed for `kernel`.
    pub(super) fn read(kernel: Kernel, config: Config, mut tensors: Tensors<'_>) -> Result<Self> {
        const WORDS: &str = "embeddings.word_embeddings.weight";
        tensors.strip_prefix(WORDS);
        let hidden = config.hidden;
        let types = match config.types {
            0 => Vec::new(),
            n => tensors.get("embeddings.token_type_embeddings.weight", &[n, hidden])?,
        };
        let relative = match config.family {
            Family::Mpnet => Some(RelativeBias::read(&config, &tensors)?),
            Family::Bert | Family::Roberta | Family::DistilBert => None,
        };
        Ok(Self {
            words: tensors.get(WORDS, &[config.vocabulary, hidden])?,
            positions: tensors
                .get("embeddings.position_embeddings.weight", &[config.positions, hidden])?,
            types,
            embedding_norm: norm(&tensors, "embeddings.LayerNorm", &config)?,
            layers: (0..config.layers)
                .map(|index| Layer::read(kernel, &tensors, &config, index))
                .collect::<Result<_>>()?,
            relative,
            config,
        })
    }

    pub(super) fn config(&self) -> &Config {
        &self.config
    }

    /// The last layer's vectors of all tokens of all sentences, one after the other. Tokens must fit the model.
    pub(super) fn forward<'w>(
        &self,
        kernel: Kernel,
        batch: &[impl AsRef<Tokens>],
        workspace: &'w mut Workspace,
    ) -> &'w [f32] {
        self.begin(kernel, batch, workspace);
        self.run(kernel, &self.layers, workspace);
        &workspace.hidden
    }

    /// The same; what `branch` starts from is kept aside for [`Transformer::follow`].
    pub(super) fn forward_keeping<'w>(
        &self,
        kernel: Kernel,
        batch: &[impl AsRef<Tokens>],
        branch: &Branch,
        workspace: &'w mut Workspace,
    ) -> &'w [f32] {
        let (shared, rest) = self.layers.split_at(branch.trunk);
        self.begin(kernel, batch, workspace);
        self.run(kernel, shared, workspace);
        workspace.aside.clone_from(&workspace.hidden);
        self.run(kernel, rest, workspace);
        &workspace.hidden
    }

    /// Lets the branch read the sentences, of those last run, that `admit` lets in, given the number of a sentence and
    /// the vectors of its tokens below the branch, which it may change for the branch alone; `read` is given their
    /// vectors above it.
    pub(super) fn follow(
        &self,
        kernel: Kernel,
        branch: &Branch,
        mut admit: impl FnMut(usize, &mut [f32]) -> bool,
        mut read: impl FnMut(usize, &[f32]),
        workspace: &mut Workspace,
    ) {
        let hidden = self.config.hidden;
        let states = std::mem::take(&mut workspace.aside);
        let all = std::mem::take(&mut workspace.lengths);
        workspace.hidden.clear();
        let (mut admitted, mut first) = (Vec::new(), 0);
        for (sentence, length) in all.iter().enumerate() {
            let start = workspace.hidden.len();
            workspace.hidden.extend_from_slice(&states[first * hidden..][..length * hidden]);
            first += length;
            if admit(sentence, &mut workspace.hidden[start..]) {
                admitted.push(sentence);
                workspace.lengths.push(*length);
            } else {
                workspace.hidden.truncate(start);
            }
        }
        if !admitted.is_empty() {
            kernel.convert(&workspace.hidden, hidden, &mut workspace.left);
            self.run(kernel, &branch.layers, workspace);
        }
        let mut rest = workspace.hidden.as_slice();
        for sentence in admitted {
            let (rows, others) = rest.split_at(all[sentence] * hidden);
            read(sentence, rows);
            rest = others;
        }
        workspace.aside = states;
    }

    /// The vectors of the tokens below the lowest layer.
    fn begin(&self, kernel: Kernel, batch: &[impl AsRef<Tokens>], workspace: &mut Workspace) {
        workspace.lengths.clear();
        workspace.lengths.extend(batch.iter().map(|tokens| tokens.as_ref().len()));
        self.embed(batch, &mut workspace.hidden);
        kernel.normalise(&mut workspace.hidden, &self.embedding_norm, &mut workspace.left);
    }

    fn run(&self, kernel: Kernel, layers: &[Layer], workspace: &mut Workspace) {
        for layer in layers {
            self.attend(kernel, layer, workspace);
            self.feed_forward(kernel, layer, workspace);
        }
    }

    /// The sums of the embeddings of each token.
    fn embed(&self, batch: &[impl AsRef<Tokens>], out: &mut Vec<f32>) {
        let hidden = self.config.hidden;
        let row = |table: &'_ [f32], index: usize| {
            index * hidden..(index * hidden + hidden).min(table.len())
        };
        out.clear();
        for tokens in batch.iter().map(AsRef::as_ref) {
            let mut next = self.config.first_position;
            for (&id, &type_id) in tokens.ids.iter().zip(&tokens.type_ids) {
                // Where positions are counted by tokens that are no padding, padding stands before the first.
                let is_padding = self.config.padding == Some(id);
                let position = if is_padding { id as usize } else { next };
                next += usize::from(!is_padding);
                let start = out.len();
                out.extend_from_slice(&self.words[row(&self.words, id as usize)]);
                if self.config.types > 0 {
                    // A model with one type of segment cannot tell the segments of a pair apart.
                    let index = (type_id as usize).min(self.config.types - 1);
                    add(&mut out[start..], &self.types[row(&self.types, index)]);
                }
                add(&mut out[start..], &self.positions[row(&self.positions, position)]);
            }
        }
    }

    fn attend(&self, kernel: Kernel, layer: &Layer, workspace: &mut Workspace) {
        let Workspace { hidden: x, left, fused, wide, lengths, attention, .. } = workspace;
        let (hidden, count) = (self.config.hidden, self.config.heads);
        let heads = Heads { count, size: hidden / count };
        let precision = kernel.attention_precision(heads);
        layer.fused.apply(kernel, left, Activation::Identity, Target::Left(fused, precision));
        let bias = self.relative.as_ref().map(|relative| {
            move |head: usize, query: usize, scores: &mut [f32]| relative.add(head, query, scores)
        });
        let bias = bias.as_ref().map(|bias| bias as &PositionBias<'_>);
        let sequences = Sequences { fused, lengths, heads };
        if kernel.precision() == precision {
            kernel.attend(attention, sequences, bias, Target::Left(left, precision));
        } else {
            wide.reset(x.len());
            kernel.attend(attention, sequences, bias, Target::Rows(wide));
            kernel.convert(wide, hidden, left);
        }
        layer.output.apply(kernel, left, Activation::Identity, Target::Sum(x));
        kernel.normalise(x, &layer.attention_norm, left);
    }

    fn feed_forward(&self, kernel: Kernel, layer: &Layer, workspace: &mut Workspace) {
        let Config { hidden, inner: width, activation, .. } = self.config;
        let Workspace { hidden: x, left, inner, wide, .. } = workspace;
        if kernel.precision() == Precision::Int8 {
            wide.reset(x.len() / hidden * width);
            layer.up.apply(kernel, left, activation, Target::Rows(wide));
            kernel.convert(wide, width, inner);
        } else {
            layer.up.apply(kernel, left, activation, Target::Left(inner, kernel.precision()));
        }
        layer.down.apply(kernel, inner, Activation::Identity, Target::Sum(x));
        kernel.normalise(x, &layer.output_norm, left);
    }
}

/// The names of a layer's parts.
struct Names {
    fused: [&'static str; 3],
    output: &'static str,
    attention_norm: &'static str,
    up: &'static str,
    down: &'static str,
    output_norm: &'static str,
}

impl Names {
    fn of(family: Family) -> Self {
        match family {
            Family::Bert | Family::Roberta => Self {
                fused: ["attention.self.query", "attention.self.key", "attention.self.value"],
                output: "attention.output.dense",
                attention_norm: "attention.output.LayerNorm",
                up: "intermediate.dense",
                down: "output.dense",
                output_norm: "output.LayerNorm",
            },
            Family::Mpnet => Self {
                fused: ["attention.attn.q", "attention.attn.k", "attention.attn.v"],
                output: "attention.attn.o",
                attention_norm: "attention.LayerNorm",
                ..Self::of(Family::Bert)
            },
            Family::DistilBert => Self {
                fused: ["attention.q_lin", "attention.k_lin", "attention.v_lin"],
                output: "attention.out_lin",
                attention_norm: "sa_layer_norm",
                up: "ffn.lin1",
                down: "ffn.lin2",
                output_norm: "output_layer_norm",
            },
        }
    }
}

impl Layer {
    fn read(kernel: Kernel, tensors: &Tensors<'_>, config: &Config, index: usize) -> Result<Self> {
        let stack = match config.family {
            Family::DistilBert => "transformer",
            Family::Bert | Family::Roberta | Family::Mpnet => "encoder",
        };
        let (names, hidden, inner) = (Names::of(config.family), config.hidden, config.inner);
        let name = |part: &str| format!("{stack}.layer.{index}.{part}");
        let linear = |parts: &[(&str, f32)], columns, depth| {
            let parts: Vec<_> = parts.iter().map(|(part, factor)| (name(part), *factor)).collect();
            Linear::read(kernel, tensors, &parts, [columns, depth], true)
        };
        let [query, key, value] = names.fused;
        // What scores are divided by, taken from the queries once and for all.
        let factor = 1.0 / ((hidden / config.heads) as f32).sqrt();
        Ok(Self {
            fused: linear(&[(query, factor), (key, 1.0), (value, 1.0)], hidden, hidden)?,
            output: linear(&[(names.output, 1.0)], hidden, hidden)?,
            attention_norm: norm(tensors, &name(names.attention_norm), config)?,
            up: linear(&[(names.up, 1.0)], inner, hidden)?,
            down: linear(&[(names.down, 1.0)], hidden, inner)?,
            output_norm: norm(tensors, &name(names.output_norm), config)?,
        })
    }
}

fn norm(tensors: &Tensors<'_>, name: &str, config: &Config) -> Result<Norm> {
    // Checkpoints from TensorFlow's days call them gamma and beta.
    let old = tensors.contains(&format!("{name}.gamma"));
    let (weight, bias) = if old { ("gamma", "beta") } else { ("weight", "bias") };
    Ok(Norm {
        weight: tensors.get(&format!("{name}.{weight}"), &[config.hidden])?,
        bias: tensors.get(&format!("{name}.{bias}"), &[config.hidden])?,
        epsilon: config.epsilon,
    })
}

fn add(row: &mut [f32], other: &[f32]) {
    for (x, y) in row.iter_mut().zip(other) {
        *x += y;
    }
}
