"""What holds for orders, deals and positions wherever they are handled. Pure rules."""
