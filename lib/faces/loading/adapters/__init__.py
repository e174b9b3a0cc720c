"""One file per publisher: their own layout in, records of images with labels out."""
