"""Values as text: one canonical form for hashes, one readable form for people. Pure rules."""
