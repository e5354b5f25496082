"""The only writers of the treasury."""
