"""The engine's equations and draws for single calls, as plain Python."""

from __future__ import annotations

from bordersim import bookkeeping as _bookkeeping
from bordersim import rng as _rng
from bordersim.agents import china as _china
from bordersim.agents import clocks as _clocks
from bordersim.agents import crossings as _crossings
from bordersim.agents import custody as _custody
from bordersim.agents import guards as _guards
from bordersim.agents import informants as _informants
from bordersim.agents import residents as _residents
from bordersim.agents import river as _river
from bordersim.agents import south as _south
from bordersim.agents import thinning as _thinning
from bordersim.agents import traffickers as _traffickers
from bordersim.agents import traits as _traits
from bordersim.explain.plainly import Plain

bookkeeping = Plain(_bookkeeping)
rng = Plain(_rng)
china = Plain(_china)
clocks = Plain(_clocks)
crossings = Plain(_crossings)
custody = Plain(_custody)
guards = Plain(_guards)
informants = Plain(_informants)
residents = Plain(_residents)
river = Plain(_river)
south = Plain(_south)
thinning = Plain(_thinning)
traffickers = Plain(_traffickers)
traits = Plain(_traits)
