"""Fits the polynomial behind the engine's erf (src/encode/kernel/function.rs) and states its error.

erf(x/sqrt(2))/x is an even function, so it is fitted in u = x², mapped to t in [-1, 1] where the
coefficients stay small and Horner's rule loses nothing. Least squares at Chebyshev nodes, weighted by what
an error does to GELU. For results in bf16 there are shorter polynomials for GELU and for powers of two, the minimax
solutions of a linear program each. Needs numpy and scipy.
"""

import numpy as np
from numpy.polynomial import chebyshev
from scipy.optimize import linprog
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


def minimax(basis: np.ndarray, target: np.ndarray, fixed: tuple[np.ndarray, float] | None = None) -> tuple[np.ndarray, float]:
    """The coefficients with the smallest largest error, and that error; `fixed` is a row that must hold exactly."""
    count = basis.shape[1]
    slack = -np.ones((len(target), 1))
    equal = {} if fixed is None else {"A_eq": np.append(fixed[0], 0)[None], "b_eq": [fixed[1]]}
    solution = linprog(
        np.append(np.zeros(count), 1),
        A_ub=np.vstack([np.hstack([basis, slack]), np.hstack([-basis, slack])]),
        b_ub=np.concatenate([target, -target]),
        bounds=[(None, None)] * count + [(0, None)],
        method="highs",
        **equal,
    )
    return solution.x[:-1], solution.x[-1]


def fit_coarse_gelu(bound: float = 4.0, degree: int = 6) -> tuple[np.ndarray, float]:
    """(Phi(x) - 1/2)/x in x², exact at the bound, where x is cut off; the error is that of GELU."""
    x = np.linspace(0.01, bound, 800)
    basis = np.vander(x * x / bound**2, degree + 1, increasing=True) * (x * x)[:, None]
    target = 0.5 * erf(x / np.sqrt(2)) * x
    coefficients, error = minimax(basis, target, (np.ones(degree + 1), 0.5 / bound))
    return coefficients / bound ** (2 * np.arange(degree + 1)), error


def fit_coarse_power(degree: int = 3) -> tuple[np.ndarray, float]:
    """2**x on [-1/2, 1/2]; the error is relative."""
    x = np.linspace(-0.5, 0.5, 2001)
    return minimax(np.vander(x, degree + 1, increasing=True) / (2**x)[:, None], np.ones_like(x))


if __name__ == "__main__":
    for name, (coarse, error) in [("GELU", fit_coarse_gelu()), ("power of two", fit_coarse_power())]:
        print(f"coarse {name}, error {error:.1e}:", ", ".join(f"{c:.7e}" for c in coarse))
    coefficients = fit()
    print("\n".join(f"{c:.9e}," for c in coefficients))
    print("largest error: erf %.2e, GELU %.2e" % errors(coefficients))
