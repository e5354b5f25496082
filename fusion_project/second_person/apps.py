"""App configuration; loads what each app's kinds of requests are."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class SecondPersonConfig(AppConfig):
    name = "fusion_project.second_person"
    label = "second_person"
    verbose_name = "Second person"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("requests")
