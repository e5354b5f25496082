"""What a strategy's alerts should have been: positions, cadence, rate. Pure rules."""
