"""The model again in plain Mesa: the readable edition, and the engine's oracle.

Start with ``model.TwinModel.step``. Importing this package imports Mesa.
"""

from bordersim.twin.model import TwinModel

__all__ = ["TwinModel"]
