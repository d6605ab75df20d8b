"""Neural posterior estimation by ``sbi``: an extra, for who has it installed."""

from __future__ import annotations

from contextlib import chdir
from importlib.util import find_spec
from tempfile import TemporaryDirectory

import numpy as np

from bordersim.inference.arrays import (
    FloatArray,
    InferenceError,
    checked_table,
    to_cube,
    to_normal,
)


def npe(
    design: FloatArray,
    summaries: FloatArray,
    observed: FloatArray,
    seed: int,
    *,
    draws: int = 1000,
) -> FloatArray:
    """Draws of a normalising flow trained on a table of runs from the prior.

    Parameters
    ----------
    design
        Prior quantiles, shape (n, parameters).
    summaries
        Of simulated reports, shape (n, summaries); rows with a NaN are left out.
    observed
        Summaries of the reports, shape (summaries,).
    seed
        Of the training and of the draws. It sets PyTorch's global stream.
    draws
        Wanted.

    Returns
    -------
    FloatArray
        Prior quantiles, shape (draws, parameters).

    Raises
    ------
    InferenceError
        When ``sbi`` is not installed, or a reported summary is missing.
    """
    if find_spec("sbi") is None:
        raise InferenceError('neural posterior estimation needs sbi: pip install "bordersim[npe]"')
    design, summaries = checked_table(design, summaries)
    observed = np.asarray(observed, dtype=float)
    if observed.shape != summaries.shape[1:] or not np.isfinite(observed).all():
        raise InferenceError(
            f"observed summaries {observed.shape}: give {summaries.shape[1]} finite numbers"
        )
    import torch
    from sbi.inference import NPE

    whole = np.isfinite(summaries).all(axis=1)
    middle, spread = summaries[whole].mean(axis=0), summaries[whole].std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    torch.manual_seed(seed)
    size = design.shape[1]
    prior = torch.distributions.MultivariateNormal(torch.zeros(size), torch.eye(size))
    with TemporaryDirectory() as scratch, chdir(scratch):  # sbi writes logs where it is run
        training = NPE(prior=prior, show_progress_bars=False)
        training.append_simulations(
            torch.as_tensor(to_normal(design[whole]), dtype=torch.float32),
            torch.as_tensor((summaries[whole] - middle) / spread, dtype=torch.float32),
        )
        training.train()
    report = torch.as_tensor((observed - middle) / spread, dtype=torch.float32)
    found = training.build_posterior().sample((draws,), x=report, show_progress_bars=False)
    return to_cube(np.asarray(found.numpy(), dtype=float))
