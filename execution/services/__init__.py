"""The only writers of execution's tables; each use case owns one transaction."""
