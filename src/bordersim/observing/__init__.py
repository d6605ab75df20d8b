"""Reports and runs: which simulated figure each report speaks of, and how likely the report is.

``targets`` gives the reports, ``simulated_figures`` what a run says of them, and
``log_likelihood`` how likely the reports are. ``calibration/observation.yaml`` declares the
errors of reports, ``docs/observation.md`` explains them.
"""

from bordersim.figures import OBSERVABLES_NEEDED
from bordersim.observing.likelihood import (
    MISSING,
    ForbiddenEvidenceError,
    log_likelihood,
    log_likelihood_terms,
    log_predictive_terms,
)
from bordersim.observing.measuring import simulated_figures
from bordersim.observing.nuisances import Nuisance
from bordersim.observing.predicting import predict
from bordersim.observing.priors import nuisance_defaults, nuisance_draws, nuisance_priors
from bordersim.observing.target import (
    GROUPS,
    Target,
    Targets,
    natural_scale,
    working_scale,
)
from bordersim.observing.targets import targets

__all__ = [
    "GROUPS",
    "MISSING",
    "OBSERVABLES_NEEDED",
    "ForbiddenEvidenceError",
    "Nuisance",
    "Target",
    "Targets",
    "log_likelihood",
    "log_likelihood_terms",
    "log_predictive_terms",
    "natural_scale",
    "nuisance_defaults",
    "nuisance_draws",
    "nuisance_priors",
    "predict",
    "simulated_figures",
    "targets",
    "working_scale",
]
