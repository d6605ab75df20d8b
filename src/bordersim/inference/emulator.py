"""A simulator's expected outputs as fast Gaussian processes, and how far to trust them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bordersim.inference.arrays import (
    FloatArray,
    InferenceError,
    IntArray,
    checked_table,
    generator,
    needs,
    one_thread,
)
from bordersim.inference.process import Kernel, Process, left_out
from bordersim.inference.trend import Frame, Trend

COMPONENTS = 10
"""Most principal components of what the trend leaves over."""

FITTED_ON = 400
"""Points that kernels are fitted on; all points then speak through them."""

DIRECTIONS = 128
FOLDS = 5
_FEWEST = 20


@dataclass(frozen=True)
class Prediction:
    """What an emulator says of points.

    Attributes
    ----------
    mean
        Expected outputs, shape (n, outputs).
    uncertainty
        Variance of these expectations: what more points of the table would remove.
    noise
        Variance of one run about its expectation, shape (outputs,): luck of the seed,
        and what no component carries.
    """

    mean: FloatArray
    uncertainty: FloatArray
    noise: FloatArray

    @property
    def variance(self) -> FloatArray:
        """Of one further run at each point, shape (n, outputs)."""
        return self.uncertainty + self.noise


@dataclass(frozen=True)
class Diagnostic:
    """How well one output was predicted at points left out of the fit.

    Attributes
    ----------
    output
        Its name.
    r2
        Share of its variance that was predicted.
    error
        Root mean square error, in the output's unit.
    standardised
        Root mean square of errors in predicted standard deviations, before the variance
        was scaled by its square: 1 is right.
    within_90
        Share of left-out runs inside the 90 % interval, after that scaling.
    worst
        Largest error in (scaled) predicted standard deviations.
    noise
        Standard deviation of one run about its expectation.
    """

    output: str
    r2: float
    error: float
    standardised: float
    within_90: float
    worst: float
    noise: float


@dataclass(frozen=True)
class Emulator:
    """Expected outputs of a simulator over a region of its parameters.

    Attributes
    ----------
    frame, trend
        Where points lie in the design; the quadratic surface of each output.
    basis
        Principal components of what the trend leaves, in output units,
        shape (components, outputs).
    processes
        One Gaussian process a component.
    inflation
        Factor that left-out points put on the variance, shape (outputs,).
    rest
        Variance that no component carries, shape (outputs,).
    diagnostics
        One row an output.
    rows
        Runs that were used, and runs left out because an output was missing.
    """

    frame: Frame
    trend: Trend
    basis: FloatArray
    processes: tuple[Process, ...]
    inflation: FloatArray
    rest: FloatArray
    diagnostics: tuple[Diagnostic, ...]
    rows: tuple[int, int]

    @classmethod
    def fit(
        cls,
        design: FloatArray,
        outputs: FloatArray,
        seed: int,
        *,
        names: Sequence[str] = (),
        components: int = COMPONENTS,
        fitted_on: int = FITTED_ON,
    ) -> Emulator:
        """Learn a table of runs.

        Parameters
        ----------
        design
            Prior quantiles, shape (n, parameters). Replicates are rows of equal points.
        outputs
            On a working scale on which errors are about normal, shape (n, outputs). Rows
            with a NaN are left out and counted.
        seed
            Of the points that kernels are fitted on, and of the folds.
        names
            Of the outputs, for the diagnostics.
        components, fitted_on
            Most principal components, and most points the kernels are fitted on.

        Raises
        ------
        InferenceError
            When too few complete rows are left, or the shapes do not fit.
        """
        needs("sklearn", "threadpoolctl")
        design, outputs = checked_table(design, outputs)
        whole = np.isfinite(outputs).all(axis=1)
        lost = int((~whole).sum())
        design, outputs = design[whole], outputs[whole]
        fewest = max(_FEWEST, 2 * design.shape[1])
        if len(design) < fewest:
            raise InferenceError(
                f"emulator: {len(design)} complete runs ({lost} with a missing output); "
                f"{design.shape[1]} parameters need at least {fewest}"
            )
        with one_thread():
            return _Learner(design, outputs, seed, components, fitted_on).learn(names, lost)

    def predict(self, points: FloatArray) -> Prediction:
        """Expected outputs at points.

        Parameters
        ----------
        points
            Prior quantiles, shape (n, parameters).
        """
        x = self.frame.inside(np.asarray(points, dtype=float))
        mean = self.trend.at(x)
        uncertainty = np.zeros_like(mean)
        for process, along in zip(self.processes, self.basis, strict=True):
            middle, variance = process.predict(x)
            mean += middle[:, None] * along
            uncertainty += variance[:, None] * along**2
        return Prediction(mean, uncertainty * self.inflation, self.noise)

    @property
    def noise(self) -> FloatArray:
        """Variance of one run about its expectation, shape (outputs,)."""
        return _noise(self.basis, [p.kernel for p in self.processes], self.rest) * self.inflation


def _noise(basis: FloatArray, kernels: Sequence[Kernel], rest: FloatArray) -> FloatArray:
    nuggets = np.array([kernel.nugget for kernel in kernels])
    return np.asarray(nuggets @ basis**2 + rest)


@dataclass(frozen=True)
class _Learner:
    design: FloatArray
    outputs: FloatArray
    seed: int
    components: int
    fitted_on: int

    def learn(self, names: Sequence[str], lost: int) -> Emulator:
        frame = Frame.of(self.design)
        x, y = frame.inside(self.design), self.outputs
        trend = Trend.fit(x, y)
        over = y - trend.at(x)
        components = Components.of(over, y.std(axis=0), self.components)
        basis, scores = components.basis, components.scores(over)
        rest = np.maximum((over - scores @ basis).var(axis=0), 1e-12)
        some = self._some(len(x))
        kernels = [Kernel.fit(x[some], score[some]) for score in scores.T]
        missed, variance = self._leave_out(x, y, components, kernels)
        variance += _noise(basis, kernels, rest)
        z2 = missed**2 / variance
        inflation = np.maximum(z2.mean(axis=0), 0.25)
        processes = tuple(
            Process.condition(kernel, x, score, DIRECTIONS)
            for kernel, score in zip(kernels, scores.T, strict=True)
        )
        noise = np.sqrt(_noise(basis, kernels, rest) * inflation)
        table = diagnose(y, missed, np.sqrt(variance * inflation), noise, names, inflation)
        rows = (len(x), lost)
        return Emulator(frame, trend, basis, processes, inflation, rest, table, rows)

    def _some(self, n: int) -> IntArray:
        chosen = generator(self.seed, 1).permutation(n)[: self.fitted_on]
        return np.sort(chosen)

    def _leave_out(
        self, x: FloatArray, y: FloatArray, components: Components, kernels: Sequence[Kernel]
    ) -> tuple[FloatArray, FloatArray]:
        """Errors and variances of the expectation at rows left out, fold by fold.

        Trend and processes are fitted anew without the fold; components and kernels stay.
        """
        missed, variance = np.empty_like(y), np.zeros_like(y)
        for out in folds(x, self.seed):
            kept = ~out
            trend = Trend.fit(x[kept], y[kept])
            scores = components.scores(y[kept] - trend.at(x[kept]))
            mean = trend.at(x[out])
            for kernel, along, score in zip(kernels, components.basis, scores.T, strict=True):
                middle, spread = left_out(kernel, x[kept], score, x[out])
                mean += middle[:, None] * along
                variance[out] += spread[:, None] * along**2
            missed[out] = y[out] - mean
        return missed, variance


def folds(x: FloatArray, seed: int) -> list[np.ndarray[tuple[int], np.dtype[np.bool_]]]:
    """Rows to leave out together, replicates of a point never on both sides."""
    _, point = np.unique(x, axis=0, return_inverse=True)
    point = point.ravel()
    order = generator(seed, 2).permutation(point.max() + 1)
    return [order[point] % FOLDS == fold for fold in range(FOLDS)]


@dataclass(frozen=True)
class Components:
    """Principal components of residuals in units of their outputs' spread.

    Attributes
    ----------
    along
        Orthonormal rows, shape (components, outputs).
    unit
        Spread by which outputs are made comparable, shape (outputs,).
    """

    along: FloatArray
    unit: FloatArray

    @classmethod
    def of(cls, over: FloatArray, scale: FloatArray, most: int) -> Components:
        """The first components of residuals, shape (n, outputs)."""
        unit = np.where(scale > 0, scale, 1.0)
        _, _, vt = np.linalg.svd(over / unit, full_matrices=False)
        along = vt[:most]
        # the sign of a component is free: fix it, so that no library decides
        sign = np.sign(along[np.arange(len(along)), np.abs(along).argmax(axis=1)])
        return cls(along * sign[:, None], unit)

    @property
    def basis(self) -> FloatArray:
        """The components in output units, shape (components, outputs)."""
        return np.asarray(self.along * self.unit)

    def scores(self, over: FloatArray) -> FloatArray:
        """How much of each component residuals hold, shape (n, components)."""
        return np.asarray((over / self.unit) @ self.along.T)


def diagnose(
    y: FloatArray,
    missed: FloatArray,
    spread: FloatArray,
    noise: FloatArray,
    names: Sequence[str],
    inflation: FloatArray,
) -> tuple[Diagnostic, ...]:
    """The table of diagnostics from errors and spreads at left-out rows."""
    labels = tuple(names) or tuple(f"output {k}" for k in range(y.shape[1]))
    z = np.abs(missed / spread)
    total = np.maximum(y.var(axis=0), 1e-300)
    return tuple(
        Diagnostic(
            name,
            float(1 - (missed[:, k] ** 2).mean() / total[k]),
            float(np.sqrt((missed[:, k] ** 2).mean())),
            float(np.sqrt(inflation[k])),
            float((z[:, k] <= 1.6448536269514722).mean()),
            float(z[:, k].max()),
            float(noise[k]),
        )
        for k, name in enumerate(labels)
    )
