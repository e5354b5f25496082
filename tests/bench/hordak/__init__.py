"""django-hordak 2.0 beside our ledger: a lock file and an environment of its own."""
