"""Faults planted one at a time in the kernels, and which tests notice: `make mutate`."""
