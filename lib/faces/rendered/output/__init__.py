"""What leaves the renderer: labels, attributes, ground truth, shards."""
