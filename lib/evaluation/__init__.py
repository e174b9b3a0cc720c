"""Evaluation protocols: who is compared with whom, on which subjects, at which threshold."""
