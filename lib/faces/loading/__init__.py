"""Loading: open a publisher's files, detect, align, crop and pack them into a FaceSet."""
