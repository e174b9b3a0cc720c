"""Where faces come from: FaceSet, the publishers' adapters, the rendered world, alignment and packing."""
