"""What stands open in the database, by its catalogue, and the statements that close it.

One reading serves both: `check_database` prints what it finds, `setup_roles` runs its repairs.
"""
