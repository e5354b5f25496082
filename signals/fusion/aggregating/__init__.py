"""Somebody's own experts and outcomes, read from tables and judged beside our mixtures."""
