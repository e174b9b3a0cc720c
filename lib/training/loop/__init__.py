"""The training loop: fit, checkpoint, callbacks (epoch kept, early stop), prefetch, history, guards."""
