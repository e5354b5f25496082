"""Sources of opinions behind one protocol."""
