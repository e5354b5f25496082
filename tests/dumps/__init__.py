"""Dumps of released states; `make test` migrates each to the newest."""
