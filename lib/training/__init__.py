"""Training of networks: batches, the training loop, recipes, plans, and trained networks on disk."""
