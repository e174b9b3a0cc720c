"""Semi-adversarial networks (chapters 02 to 04): who plays, what is trained, what it does to faces."""
