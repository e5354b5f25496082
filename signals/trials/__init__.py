"""Entries tried on bars: what would end one, and a whole history of alerts walked forward. Pure."""
