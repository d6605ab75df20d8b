"""Which levers and parameters matter, and which do no more than luck does.

``bs.sensitivity`` works out indices of a study whose design is ``morris`` or
``sobol-indices``; ``Sensitivity`` holds them.
"""

from bordersim.sensing.analysis import Sensitivity, sensitivity

__all__ = ["Sensitivity", "sensitivity"]
