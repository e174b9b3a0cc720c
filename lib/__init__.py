"""Face Value: what a photograph of a face gives away, and how much of it can be taken back."""
