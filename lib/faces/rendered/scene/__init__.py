"""Scene of one image: shot, light, rasterisation, shading, camera."""
