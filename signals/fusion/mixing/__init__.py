"""How experts become one forecast that learns: weights, calibration, pools, whether, how much."""
