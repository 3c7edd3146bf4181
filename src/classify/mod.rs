//! From an embedded statement to leans: which pole of each axis its holder supports.
//!
//! A [`Codebook`] says what the axes and poles are. [`Heads`] hold one calibrated logistic regression
//! for each pole and turn a sentence's embedding and a little knowledge about the statement
//! ([`StatementFeatures`]) into one [`Lean`] for each axis. Two baselines stand beside them, a
//! [`Dictionary`] and zero-shot [`prototype`]s, and a rival where the user has a model for it, zero-shot
//! [`entailment`]; [`log_odds`] sums the leans of an actor up.
//!
//! Nothing here reads or writes files except [`Codebook::load`] and [`Heads::load`], and nothing is global.

pub mod calibration;
pub mod codebook;
pub mod dictionary;
pub mod entailment;
pub mod features;
pub mod heads;
pub mod hypothesis;
pub mod position;
pub mod prototype;
pub mod words;

pub(crate) use calibration::{logistic, unsure_band};

pub use calibration::{Decision, Platt};
pub use codebook::{Axis, Codebook, Pole};
pub use dictionary::Dictionary;
pub use entailment::{Decisions, Margins, Premise};
pub use features::StatementFeatures;
pub use heads::{AxisHeads, CodebookStamp, EncoderStamp, Head, Heads, LabelFile, TrainingStamp};
pub use hypothesis::Hypotheses;
pub use position::{Position, log_odds};
pub use words::Words;

use serde::{Deserialize, Serialize};

/// Which pole or poles of an axis a statement supports.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum Side {
    /// No position on the axis.
    #[default]
    Neither,
    /// The first pole of the codebook's axis.
    First,
    /// The second pole.
    Second,
    /// Both poles at once.
    Both,
}

impl Side {
    /// The side that two decisions make, one on each pole.
    pub fn from_poles(poles: [bool; 2]) -> Self {
        match poles {
            [false, false] => Self::Neither,
            [true, false] => Self::First,
            [false, true] => Self::Second,
            [true, true] => Self::Both,
        }
    }

    /// Whether the side includes the first and the second pole.
    pub fn poles(self) -> [bool; 2] {
        [matches!(self, Self::First | Self::Both), matches!(self, Self::Second | Self::Both)]
    }

    /// The name used in files: the id of a pole, `both` or `none`.
    pub fn name(self, axis: &Axis) -> &str {
        match self {
            Self::Neither => "none",
            Self::First => &axis.poles[0].id,
            Self::Second => &axis.poles[1].id,
            Self::Both => "both",
        }
    }
}

/// What is predicted for one statement on one axis. The default is no position, for sure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Lean {
    /// Calibrated probabilities, in 0..=1, that the statement supports the first and the second pole.
    /// They are two decisions and need not add up to one.
    pub p: [f64; 2],
    /// The decision: the poles whose probability reaches the pole's threshold.
    pub lean: Side,
    /// Whether the decision on either pole is less sure than the chosen level of error asks for. The
    /// lean is the best guess all the same.
    pub abstain: bool,
}

impl Lean {
    /// What the decisions on an axis's two poles make of their probabilities.
    pub(crate) fn decided(p: [f64; 2], decisions: [Decision; 2]) -> Self {
        let unsure = [0, 1].map(|pole| decisions[pole].is_unsure(p[pole]));
        let lean = Side::from_poles([0, 1].map(|pole| p[pole] >= decisions[pole].threshold));
        Self { p, lean, abstain: unsure[0] || unsure[1] }
    }

    /// The lean of a whole of which both are parts: a pole has its higher probability and is supported
    /// where either part supports it; the decision is unsure where that of a part is.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        let (own, more) = (self.lean.poles(), other.lean.poles());
        Self {
            p: [0, 1].map(|pole| self.p[pole].max(other.p[pole])),
            lean: Side::from_poles([0, 1].map(|pole| own[pole] || more[pole])),
            abstain: self.abstain || other.abstain,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_leans_where_a_part_does() {
        let lean = |p, lean, abstain| Lean { p, lean, abstain };
        let both = lean([0.8, 0.1], Side::First, false).or(lean([0.2, 0.7], Side::Second, true));
        assert_eq!(both, lean([0.8, 0.7], Side::Both, true));
        let one = lean([0.8, 0.1], Side::First, false);
        assert_eq!(one.or(Lean::default()), one);
    }

    #[test]
    fn a_side_is_two_decisions() {
        let axis = &Codebook::built_in().axes[0];
        for (poles, name) in [
            ([false, false], "none"),
            ([true, false], "sovereignty"),
            ([false, true], "openness"),
            ([true, true], "both"),
        ] {
            let side = Side::from_poles(poles);
            assert_eq!(side.poles(), poles);
            assert_eq!(side.name(axis), name);
        }
    }
}
