"""Sources of opinions behind one protocol; each answers from its question alone. Pure."""
