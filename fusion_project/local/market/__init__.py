"""The sample market: prices, strategies that send alerts, and the paper executor's process."""
