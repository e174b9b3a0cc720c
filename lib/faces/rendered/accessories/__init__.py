"""Accessories of rendered subjects: clothes, hats, spectacles, jewellery, occluders."""
