"""App configuration of incidents."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    name = "fusion_project.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"
