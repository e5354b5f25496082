"""What an alert may ask for: `df.intent`, its legs, symbols and words. Pure rules."""
