"""From margins to probabilities and decisions, as `src/train` does it for heads on frozen embeddings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize


@dataclass(frozen=True)
class Decision:
    """A logistic calibration, the least probability that counts as support, and the band around it that is unsure."""

    slope: float
    intercept: float
    threshold: float
    unsure_from: float
    unsure_to: float


def decide(margins: np.ndarray, labels: np.ndarray, abstain_error: float) -> Decision:
    """Calibration and threshold from margins of statements that the network was not trained on."""
    slope, intercept = platt(margins, labels)
    threshold = best_f1(probability(slope * margins + intercept), labels)
    return Decision(slope, intercept, threshold, min(threshold, abstain_error), max(threshold, 1 - abstain_error))


def probability(margin: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-margin))


def platt(margins: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Maximum likelihood with softened targets (Platt 1999; Lin, Lin & Weng 2007)."""
    n_positive, n_negative = labels.sum(), (1 - labels).sum()
    targets = np.where(labels > 0.5, (n_positive + 1) / (n_positive + 2), 1 / (n_negative + 2))

    def loss(point: np.ndarray) -> tuple[float, np.ndarray]:
        scaled = point[0] * margins + point[1]
        slope = probability(scaled) - targets
        value = np.maximum(scaled, 0) - targets * scaled + np.log1p(np.exp(-np.abs(scaled)))
        return value.mean(), np.array([(slope * margins).mean(), slope.mean()])

    found = minimize(loss, [1.0, 0.0], jac=True, bounds=[(0, None), (None, None)])
    return float(found.x[0]), float(found.x[1])


def best_f1(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """The threshold with the highest F1, half-way between two neighbouring probabilities; the highest among equals."""
    order = np.argsort(-probabilities, kind="stable")
    sorted_p = probabilities[order]
    found = np.cumsum(labels[order])
    f1 = 2 * found / (np.arange(1, len(labels) + 1) + labels.sum())
    f1[np.append(sorted_p[1:] == sorted_p[:-1], False)] = 0
    best = int(f1.argmax())
    return float((sorted_p[best] + np.append(sorted_p, 0.0)[best + 1]) / 2)


def calibration_error(probabilities: np.ndarray, labels: np.ndarray, n_bins: int = 10) -> float:
    """Expected calibration error over bins of equal width."""
    bins = np.minimum((probabilities * n_bins).astype(int), n_bins - 1)
    gaps = [abs((probabilities[bins == b] - labels[bins == b]).sum()) for b in range(n_bins)]
    return float(sum(gaps) / len(labels))
