"""The static lint of the Pine scripts: finds offline what TradingView or the server refuses."""
