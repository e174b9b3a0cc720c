"""Benchmarks: each file has a `main` that returns what it measured, as ratios where it can."""
