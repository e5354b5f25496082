"""The reads of execution that are more than a lookup by key."""
