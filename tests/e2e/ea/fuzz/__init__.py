"""Random runs of the compiled Expert Advisor, each repeated exactly by its seed."""
