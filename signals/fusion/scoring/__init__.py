"""How good forecasts were: their scores, what each lobe added, and what a result is worth."""
