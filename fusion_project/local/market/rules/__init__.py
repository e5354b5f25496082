"""Sample prices, strategies and alert texts. Pure rules."""
