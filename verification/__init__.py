"""Does the engine do what the model says? Measured apart from the tests: `make verify`."""
