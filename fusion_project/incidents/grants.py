"""What the app's role may do here. `fusion_project.postgres.grants` says how it is read."""

CHANGES: dict[str, dict[str, str]] = {
    "incidents_incident": {
        "note": "edges: incidents_incident_guard: told anew with each sighting",
        "times_seen": "edges: incidents_incident_guard: one sighting at a time",
        "last_seen_at": "edges: incidents_incident_guard: with a sighting, never back",
        "closed_at": "edges: incidents_incident_guard: once",
        "closed_by": "edges: incidents_incident_guard: with the closing",
        "closing_note": "edges: incidents_incident_guard: with the closing",
    },
}
