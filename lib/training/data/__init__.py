"""Training data: batches (feed) and augmentations."""
