"""The signals app: alert to decision."""

from django.apps import AppConfig


class SignalsConfig(AppConfig):
    """Registers the app."""

    name = "signals"
    verbose_name = "Signals"
