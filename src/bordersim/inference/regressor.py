"""scikit-learn's regressor with a faster slope of its likelihood for the one kernel used here."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_solve, cholesky
from sklearn.gaussian_process import GaussianProcessRegressor

from bordersim.inference.arrays import FloatArray


class Regressor(GaussianProcessRegressor):  # type: ignore[misc]
    """A Gaussian process with kernel ``constant * RBF + white`` and cheap gradients.

    scikit-learn builds the gradient of the covariance by every length, an array of
    n * n * parameters; the slope of the likelihood needs only products of matrices.
    """

    def log_marginal_likelihood(
        self,
        theta: FloatArray | None = None,
        eval_gradient: bool = False,
        clone_kernel: bool = True,
    ) -> Any:
        """Log marginal likelihood, and its slope by the logarithms of size, lengths, nugget.

        Parameters
        ----------
        theta
            Logarithms of size, lengths and nugget.
        eval_gradient, clone_kernel
            As in scikit-learn.
        """
        if theta is None or not eval_gradient:
            return super().log_marginal_likelihood(theta, eval_gradient, clone_kernel)
        x, y = self.X_train_, self.y_train_
        size, lengths, nugget = np.exp(theta[0]), np.exp(theta[1:-1]), np.exp(theta[-1])
        scaled = x / lengths
        half = 0.5 * (scaled**2).sum(axis=1)
        signal = scaled @ scaled.T
        signal -= half
        signal -= half[:, None]
        np.exp(signal, out=signal)
        signal *= size
        covariance = signal.copy()
        covariance[np.diag_indices_from(covariance)] += nugget + self.alpha
        try:
            factor = cholesky(covariance, lower=True, overwrite_a=True, check_finite=False)
        except LinAlgError:
            return -np.inf, np.zeros_like(theta)
        weights = cho_solve((factor, True), y, check_finite=False)
        value = -0.5 * float(y @ weights) - float(np.log(np.diag(factor)).sum())
        value -= 0.5 * len(y) * np.log(2 * np.pi)
        inverse = cho_solve((factor, True), np.eye(len(y)), check_finite=False)
        by_noise = float(weights @ weights) - float(np.trace(inverse))
        inner = np.multiply.outer(weights, weights)
        inner -= inverse
        inner *= signal
        rows = inner.sum(axis=1)
        # sum over pairs of inner * (difference of one scaled parameter) ** 2
        by_length = 2 * (rows @ scaled**2 - (scaled * (inner @ scaled)).sum(axis=0))
        slope = 0.5 * np.concatenate([[rows.sum()], by_length, [nugget * by_noise]])
        return value, slope
