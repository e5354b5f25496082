"""Tokens: closed position → points in DAI and DA, and the DCT accrual, all by versioned rules."""
