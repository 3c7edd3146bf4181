//! The sequence-classification heads of the families, from the vector of the first token to a score for each label.

use crate::encode::bert::Linear;
use crate::encode::config::{Config, Family};
use crate::encode::kernel::{Activation, Kernel, Left, Target};
use crate::encode::weights::Tensors;
use crate::error::{Error, ErrorKind, Result};

/// Two linear layers: `out · activation(dense · first_token + b) + c`. The families differ in names and activation.
#[derive(Debug)]
pub(super) struct Head {
    dense: Linear,
    activation: Activation,
    out: Linear,
    hidden: usize,
}

/// What transformers calls the parts, outside the prefix of the model below.
struct Parts {
    dense: &'static str,
    activation: Activation,
    out: &'static str,
}

impl Parts {
    fn of(family: Family) -> Self {
        let (dense, activation, out) = match family {
            Family::Bert => ("bert.pooler.dense", Activation::Tanh, "classifier"),
            Family::Roberta | Family::Mpnet => {
                ("classifier.dense", Activation::Tanh, "classifier.out_proj")
            }
            Family::DistilBert => ("pre_classifier", Activation::Relu, "classifier"),
        };
        Self { dense, activation, out }
    }
}

impl Head {
    /// Takes the weights of the head of the model that `config` describes, with so many labels; `kernel` will run
    /// it. Names must stand as in the file, without a prefix stripped.
    pub(super) fn read(
        kernel: Kernel,
        tensors: &Tensors<'_>,
        config: &Config,
        labels: usize,
    ) -> Result<Self> {
        let Parts { dense, activation, out } = Parts::of(config.family);
        let hidden = config.hidden;
        check(tensors, dense, out, labels)?;
        let linear = |name: &str, columns| {
            Linear::read(kernel, tensors, &[(name.to_owned(), 1.0)], [columns, hidden], true)
        };
        Ok(Self { dense: linear(dense, hidden)?, activation, out: linear(out, labels)?, hidden })
    }

    /// The scores of all labels, for each of the vectors `firsts`, one after the other.
    pub(super) fn apply(&self, kernel: Kernel, firsts: &[f32]) -> Vec<f32> {
        let count = firsts.len() / self.hidden;
        let (mut left, mut inner) = (Left::default(), vec![0.0; firsts.len()]);
        kernel.convert(firsts, self.hidden, &mut left);
        self.dense.apply(kernel, &left, self.activation, Target::Rows(&mut inner));
        kernel.convert(&inner, self.hidden, &mut left);
        let mut scores = vec![0.0; count * self.out.columns()];
        self.out.apply(kernel, &left, Activation::Identity, Target::Rows(&mut scores));
        scores
    }
}

/// There must be a head, with one output for each label.
fn check(tensors: &Tensors<'_>, dense: &str, out: &str, labels: usize) -> Result<()> {
    let fail = |message: String| Error::new(ErrorKind::Model, message).in_file(tensors.path());
    for name in [dense, out].map(|name| format!("{name}.weight")) {
        if !tensors.contains(&name) {
            return Err(fail(format!("has no classification head: there is no tensor {name}"))
                .hint(
                    "save the model as a ForSequenceClassification that was trained for entailment",
                ));
        }
    }
    let rows = tensors.shape(&format!("{out}.weight")).and_then(|shape| shape.first().copied());
    match rows {
        Some(rows) if rows != labels => {
            let outputs = if rows == 1 { "output" } else { "outputs" };
            let message = format!(
                "has a classification head with {rows} {outputs}, but config.json names {labels} labels"
            );
            Err(fail(message).hint("config.json and the weights must come from the same model"))
        }
        _ => Ok(()),
    }
}
