"""What the market did: bars and their faults, and how an entry would have ended. Pure."""
