"""No JAX for whoever has this folder on its path: TensorFlow would import it, a second for each start."""

raise ImportError("JAX is left out here")
