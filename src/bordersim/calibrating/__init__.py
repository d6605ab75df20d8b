"""From reports to a posterior: screening, waves of runs, emulator, draws, and what they say."""
