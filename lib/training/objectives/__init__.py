"""Training objectives, one file per system."""
