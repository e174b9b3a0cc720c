"""Output of the renderer: labels, attributes, ground truth, shards."""
