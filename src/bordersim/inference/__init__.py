"""Inference as pure functions: tables of runs in, draws of a posterior out.

Nothing here knows the model. Parameters are prior quantiles in [0, 1], so a prior is
uniform over a unit cube; outputs and reports are the caller's. The same seed gives the
same bits. Importing a module of this package loads SciPy, no more; the extra
``calibration`` is loaded by what needs it.
"""

from bordersim.inference.arrays import InferenceError
from bordersim.inference.emulator import Diagnostic, Emulator, Prediction
from bordersim.inference.sampling import Convergence, Effort, Sample, sample

__all__ = [
    "Convergence",
    "Diagnostic",
    "Effort",
    "Emulator",
    "InferenceError",
    "Prediction",
    "Sample",
    "sample",
]
