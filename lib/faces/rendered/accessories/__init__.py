"""Clothes, hats, spectacles, jewellery and occluders."""
