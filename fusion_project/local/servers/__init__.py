"""The database and the broker that a run starts when it is given none."""
