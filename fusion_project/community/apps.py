"""The community app: public read-only pages; the last station of the flow."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Registers the app; it has no tables of its own."""

    name = "fusion_project.community"
    label = "community"
    verbose_name = "Public pages"
