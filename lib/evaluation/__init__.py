"""The protocols: who is compared with whom, on which subjects, with which threshold."""
