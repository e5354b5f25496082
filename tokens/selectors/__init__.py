"""Non-trivial reads of tokens."""
