"""The static lint of the Pine scripts: what TradingView or the server would refuse, found offline."""
