"""The reads of signals that are more than one lookup."""
