"""`private`: a face made from an erased embedding."""
