"""Fits the polynomial behind the engine's erf (src/encode/kernel/function.rs) and states its error.

erf(x/sqrt(2))/x is an even function, so it is fitted in u = x², mapped to t in [-1, 1] where the
coefficients stay small and Horner's rule loses nothing. Least squares at Chebyshev nodes, weighted by what
an error does to GELU. Needs numpy and scipy.
"""

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import erf

BOUND, DEGREE, NODES = 5.25, 14, 4000


def fit() -> np.ndarray:
    t = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
    x = np.sqrt((t + 1) / 2) * BOUND
    weight = np.sqrt(np.maximum(x * x / 2, 0.02))
    basis = chebyshev.chebvander(t, DEGREE) * weight[:, None]
    solution = np.linalg.lstsq(basis, erf(x / np.sqrt(2)) / x * weight, rcond=None)[0]
    return chebyshev.cheb2poly(solution).astype(np.float32)


def errors(coefficients: np.ndarray) -> tuple[float, float]:
    """The largest absolute error of erf(x/sqrt(2)) and of GELU, evaluated as the engine does."""
    x = np.linspace(-BOUND, BOUND, 2_000_001).astype(np.float32)
    t = (x * x * np.float32(2 / BOUND**2) - np.float32(1)).astype(np.float64)
    value = np.full_like(x, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        value = (value * t + coefficient).astype(np.float32)
    value = np.clip(x * value, -1, 1)
    exact = erf(x.astype(np.float64) / np.sqrt(2))
    gelu = np.float32(0.5) * x * (1 + value)
    return np.abs(value - exact).max(), np.abs(gelu - 0.5 * x.astype(np.float64) * (1 + exact)).max()


if __name__ == "__main__":
    coefficients = fit()
    print("\n".join(f"{c:.9e}," for c in coefficients))
    print("largest error: erf %.2e, GELU %.2e" % errors(coefficients))
