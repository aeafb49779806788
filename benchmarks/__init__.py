"""Measurements as ratios within one run: `make bench`. Never a test: other work is in every number."""
