"""Incidents: what needs a person. Any later app opens them; they are closed with a note."""
