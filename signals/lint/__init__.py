"""What would become of one message, and why, in words. Pure rules."""
