"""Methods of inference judged where the exact posterior is known."""
