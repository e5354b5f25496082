"""The only writers of signals."""
