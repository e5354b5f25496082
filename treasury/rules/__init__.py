"""From deals to balanced journal entries. Pure rules."""
