"""The signals app: alert to decision. Loads what later apps are asked at an approval."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SignalsConfig(AppConfig):
    """Registers the app."""

    name = "signals"
    verbose_name = "Signals"

    def ready(self) -> None:
        autodiscover_modules("approvals")
