"""What the two halves of CLEANIR's latent vector hold."""
