"""Webhook addresses, under `/hooks/`. The secret is the rest of the path, whatever it holds."""

from django.urls import path

from signals.api import TradingViewHook

urlpatterns = [
    path("tradingview/<str:strategy>/<path:secret>", TradingViewHook.as_view(), name="hook"),
    path("tradingview/<path:strategy>", TradingViewHook.as_view(), name="hook-body-credential"),
]
