"""One file per kind of agent: its equations first, then its monthly kernel."""
