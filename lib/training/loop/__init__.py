"""The training loop: fit, checkpoint, callbacks, prefetching, history, guards, device."""
