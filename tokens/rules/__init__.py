"""What a closed position earns and accrues, and its entries. Pure rules."""
