"""From a publisher's files to a FaceSet: open, detect, align, crop, pack."""
