"""The rendered world: a parametric head, its skin, hair, light and camera."""
