"""Gates: facts without a direction that make an entry smaller or close the door."""
