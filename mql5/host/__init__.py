"""Runs an Expert Advisor's MQL5 source without MetaTrader: linter, translator, C++ runtime."""
