"""Network architectures of the sources, one file each, in backend-neutral Keras 3."""
