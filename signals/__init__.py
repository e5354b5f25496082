"""Alerts in, decisions out."""
