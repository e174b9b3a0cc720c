"""Measures as pure functions of NumPy arrays; results are frozen dataclasses with intervals."""
