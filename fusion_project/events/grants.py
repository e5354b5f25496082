"""What the app role may call and not delete here."""

FUNCTIONS = [
    "events_now()",
    "events_record(text, text, text, text, text, text[])",
]
NO_DELETE = ["events_handling"]
