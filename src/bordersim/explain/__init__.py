"""Why: one simulated life told decision by decision, by replay."""
