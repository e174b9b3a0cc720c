"""One picture: shot, light, rasterisation, shading, camera."""
