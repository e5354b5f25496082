"""What the app's role may do here. `fusion_project.postgres.grants` says how it is read."""

CHANGES: dict[str, dict[str, str]] = {
    "ops_passwordchangedue": {"set_at": "free: set by another person once more; the log tells who"},
}
DELETES = {"ops_passwordchangedue": "gone once the user has chosen a password"}
