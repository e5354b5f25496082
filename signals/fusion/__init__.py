"""The pure engine that turns opinions into whether and how much."""
