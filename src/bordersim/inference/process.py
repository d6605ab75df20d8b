"""One Gaussian process: fitted by scikit-learn, predicted by two matrix products."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh
from scipy.optimize import minimize

from bordersim.inference.arrays import FloatArray

_STEPS = 40
_LENGTHS = (0.3, 100.0)
_SIZES = (1e-3, 1e3)
_NUGGETS = (1e-6, 10.0)
_BLOCK = 256
"""Points predicted at once: their kernel rows stay in the processor's cache."""


@dataclass(frozen=True)
class Kernel:
    """A squared-exponential kernel with one length a parameter, and white noise.

    Attributes
    ----------
    lengths
        In standard deviations of the design, shape (parameters,).
    size
        Variance of the function.
    nugget
        Variance of what differs between two runs of one point.
    """

    lengths: FloatArray
    size: float
    nugget: float

    @classmethod
    def fit(cls, x: FloatArray, y: FloatArray) -> Kernel:
        """The kernel of the greatest marginal likelihood, by scikit-learn.

        Parameters
        ----------
        x
            Framed points, shape (n, parameters).
        y
            One output, shape (n,).
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

        from bordersim.inference.regressor import Regressor

        variance = float(y.var()) or 1.0
        start = np.full(x.shape[1], 1.5 * np.sqrt(x.shape[1]))
        kernel = ConstantKernel(0.5, _SIZES) * RBF(start, _LENGTHS) + WhiteKernel(0.5, _NUGGETS)
        model = Regressor(kernel, optimizer=_climb)
        with warnings.catch_warnings():  # a length at its bound is an inert parameter
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(x, y / np.sqrt(variance))
        found = model.kernel_
        return cls(
            np.atleast_1d(found.k1.k2.length_scale).astype(float),
            float(found.k1.k1.constant_value) * variance,
            float(found.k2.noise_level) * variance,
        )

    def between(self, a: FloatArray, b: FloatArray) -> FloatArray:
        """Covariance of the function at framed points, shape (len(a), len(b))."""
        left, right = a / self.lengths, b / self.lengths
        exponent = left @ right.T
        exponent -= 0.5 * (left**2).sum(axis=1)[:, None]
        exponent -= 0.5 * (right**2).sum(axis=1)
        np.exp(exponent, out=exponent)
        exponent *= self.size
        return exponent


def _climb(
    objective: Callable[..., tuple[float, FloatArray]], start: FloatArray, bounds: Any
) -> tuple[FloatArray, float]:
    """Few steps uphill: the last digits of a length change no prediction."""
    found = minimize(
        objective, start, method="L-BFGS-B", jac=True, bounds=bounds,
        options={"maxiter": _STEPS},
    )  # fmt: skip
    return found.x, float(found.fun)


@dataclass(frozen=True)
class Process:
    """A Gaussian process conditioned on all points of a table.

    Attributes
    ----------
    kernel
        Its kernel.
    right
        Scaled points with what makes one matrix product the exponent, shape (n, d + 2).
    weights
        Shape (n, 1 + directions): the mean's weights, then the directions that carry
        nearly all that the points say, whose squares are the variance they remove.
    """

    kernel: Kernel
    right: FloatArray
    weights: FloatArray

    @classmethod
    def condition(cls, kernel: Kernel, x: FloatArray, y: FloatArray, directions: int) -> Process:
        """Condition on every point.

        Parameters
        ----------
        kernel
            A fitted kernel.
        x, y
            Framed points, shape (n, parameters), and one output, shape (n,).
        directions
            Most eigenvectors of the covariance kept for the variance. Leaving some out
            can only make the variance larger.
        """
        n = len(x)
        covariance = kernel.between(x, x)
        last = (max(0, n - directions), n - 1)
        values, vectors = eigh(covariance, subset_by_index=last)
        covariance[np.diag_indices(n)] += kernel.nugget
        alpha = cho_solve(cho_factor(covariance, lower=True), y)
        scaled = x / kernel.lengths
        half = -0.5 * (scaled**2).sum(axis=1)
        whitened = vectors / np.sqrt(np.maximum(values, 0.0) + kernel.nugget)
        return cls(
            kernel,
            np.ascontiguousarray(np.column_stack([scaled, half, np.ones(n)])),
            np.ascontiguousarray(kernel.size * np.column_stack([alpha, whitened])),
        )

    def predict(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of the function at framed points, each of shape (n,)."""
        scaled = x / self.kernel.lengths
        half = -0.5 * (scaled**2).sum(axis=1)
        left = np.column_stack([scaled, np.ones(len(x)), half])
        mean, variance = np.empty(len(x)), np.empty(len(x))
        for start in range(0, len(x), _BLOCK):
            part = slice(start, start + _BLOCK)
            rows = left[part] @ self.right.T
            np.exp(rows, out=rows)
            told = rows @ self.weights
            mean[part] = told[:, 0]
            variance[part] = self.kernel.size - (told[:, 1:] ** 2).sum(axis=1)
        floor = 1e-9 * self.kernel.size
        return mean, np.maximum(variance, floor)


def left_out(
    kernel: Kernel, x: FloatArray, y: FloatArray, at: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Mean and variance at points that were left out, exactly; each of shape (len(at),)."""
    covariance = kernel.between(x, x)
    covariance[np.diag_indices(len(x))] += kernel.nugget
    across = kernel.between(at, x)
    solved = cho_solve(cho_factor(covariance, lower=True), np.column_stack([y, across.T]))
    variance = kernel.size - (across * solved[:, 1:].T).sum(axis=1)
    return across @ solved[:, 0], np.maximum(variance, 1e-9 * kernel.size)
