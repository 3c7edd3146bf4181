//! From margins and labels to decisions: calibration, threshold, and where a decision is unsure.

use super::fit::round;
use super::rows::Row;
use super::{logistic, threshold};
use crate::classify::{Axis, Codebook, Decision, Decisions, Platt};
use crate::error::{Error, ErrorKind, Result};

/// Decisions on margins that nobody has trained, such as those of a model for entailment, from labelled
/// statements: for each pole Platt's calibration and the threshold with the highest F1.
///
/// `margins` has a member for each of `rows`: one number for each pole of the codebook, or nothing where the
/// statement has no lean by rule. A statement counts for the axes on which it was labelled. Judged on the same
/// statements, the decisions look better than they are; by two numbers a pole, that is little with many statements.
///
/// # Errors
/// Where none of the statements, or each of them, supports a pole: nothing can be learned about it.
///
/// # Panics
/// If there are not as many `margins` as `rows`, or not as many in one as there are poles.
pub fn decisions(
    codebook: &Codebook,
    rows: &[Row],
    margins: &[Option<Vec<f64>>],
    abstain_error: f64,
) -> Result<Decisions> {
    assert_eq!(rows.len(), margins.len(), "there are margins for each row");
    let pole = |axis: usize, side: usize| {
        let labelled = rows.iter().zip(margins).filter_map(|(row, margins)| {
            Some((margins.as_ref()?[2 * axis + side], row.sides[axis]?.poles()[side]))
        });
        let (margins, labels): (Vec<f64>, Vec<bool>) = labelled.unzip();
        check(&codebook.axes[axis].poles[side].id, &labels)?;
        let platt = logistic::calibrate(&margins, &labels);
        Ok(decision(platt, &margins, &labels, abstain_error))
    };
    let axis = |(axis, _): (usize, &Axis)| Ok([pole(axis, 0)?, pole(axis, 1)?]);
    Ok(Decisions::new(codebook.axes.iter().enumerate().map(axis).collect::<Result<_>>()?))
}

/// The decision with the highest F1 on `margins` that are calibrated by `platt`; its numbers are rounded as they
/// are written to files.
pub(super) fn decision(
    platt: Platt,
    margins: &[f64],
    labels: &[bool],
    abstain_error: f64,
) -> Decision {
    let calibration = Platt { slope: round(platt.slope), intercept: round(platt.intercept) };
    let p: Vec<f64> = margins.iter().map(|margin| calibration.probability(*margin)).collect();
    Decision::new(calibration, round(threshold::best_f1(&p, labels)), abstain_error)
}

/// Both classes must occur.
fn check(pole: &str, labels: &[bool]) -> Result<()> {
    let n_positive = labels.iter().filter(|label| **label).count();
    let (message, hint) = if n_positive == 0 {
        (
            format!("no labelled statement supports `{pole}`"),
            "label some, or take the axis out of the codebook",
        )
    } else if n_positive == labels.len() {
        (
            format!("every labelled statement supports `{pole}`"),
            "label sentences without a position too",
        )
    } else {
        return Ok(());
    };
    Err(Error::new(ErrorKind::Labels, message).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::{Side, StatementFeatures};

    /// A statement with the same side on both axes of the built-in codebook, and the same margin for all poles.
    fn statement(margin: Option<f64>, side: Option<Side>) -> (Row, Option<Vec<f64>>) {
        let row = Row {
            record: 0,
            holder: None,
            features: StatementFeatures::PLAIN,
            sides: vec![side; 2],
            coded: true,
            found: true,
        };
        (row, margin.map(|margin| vec![margin, -margin, margin, -margin]))
    }

    fn decide(statements: &[(Option<f64>, Option<Side>)]) -> Result<Decisions> {
        let (rows, margins): (Vec<_>, Vec<_>) =
            statements.iter().map(|(margin, side)| statement(*margin, *side)).unzip();
        decisions(&Codebook::built_in(), &rows, &margins, 0.3)
    }

    #[test]
    fn labels_set_the_threshold_where_margins_are_shifted() {
        let (first, second) = (Some(Side::First), Some(Side::Second));
        // The model finds everything unlikely; what it finds least unlikely is right.
        let margins = [-9.0, -8.5, -8.0, -3.0, -2.5, -2.0];
        let mut statements: Vec<_> =
            margins.iter().map(|m| (Some(*m), if *m > -5.0 { first } else { second })).collect();
        // Neither counts: one was not labelled, of the other the model was not asked.
        statements.push((Some(-1.0), None));
        statements.push((None, second));
        let decisions = decide(&statements).unwrap();
        for margin in margins {
            let found = decisions.leans(Some(&[margin, -margin, margin, -margin]));
            let expected = if margin > -5.0 { Side::First } else { Side::Second };
            assert!(found.iter().all(|lean| lean.lean == expected), "{margin}: {found:?}");
        }
        let [decision, _] = decisions.axes()[0];
        assert!(decision.calibration.slope > 0.0 && decision.calibration.intercept > 0.0);
        assert_eq!(decision.unsure, (decision.threshold.min(0.3), decision.threshold.max(0.7)));
    }

    #[test]
    fn a_pole_without_support_or_without_doubt_cannot_be_decided() {
        let only = |side| decide(&[(Some(1.0), Some(side)), (Some(2.0), Some(side))]).unwrap_err();
        assert_eq!(only(Side::Neither).cause(), "no labelled statement supports `sovereignty`");
        assert_eq!(only(Side::Both).cause(), "every labelled statement supports `sovereignty`");
        assert!(only(Side::Both).remedy().is_some());
    }
}
