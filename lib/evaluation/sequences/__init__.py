"""Chapter 10: one new identity through a sequence, links between sequences, and faces pasted back."""
