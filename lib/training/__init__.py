"""Fitting networks: batches from a FaceSet, progress, history, resuming after a kill."""
