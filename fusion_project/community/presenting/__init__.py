"""Lines, sources and messages as the public pages show them. Pure rules."""
