"""From an approved decision to an order, its execution reports, deals and positions."""
