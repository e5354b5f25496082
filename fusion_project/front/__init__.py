"""The front: requests arrive in an event loop, and whole ones go to Django's threads."""
