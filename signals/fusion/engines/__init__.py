"""Engines, one module for each version; a version that ever decided stays as it is."""
