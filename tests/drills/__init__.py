"""The whole system started as a person would: smoke, chaos."""
