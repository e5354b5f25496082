"""The ops app (staff pages, roles, health) and the admin configuration that uses its site."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps

from fusion_project.ops.pages import pages_register


class OpsConfig(AppConfig):
    """Registers the app that holds the staff permissions."""

    default = True
    name = "fusion_project.ops"
    label = "ops"
    verbose_name = "Operations"

    def ready(self) -> None:
        pages_register()
        # Connects to Django's signals; it needs the models, which are loaded now.
        import_module("fusion_project.ops.sign_in.following")


class OpsAdminConfig(admin_apps.AdminConfig):
    """Takes the place of django.contrib.admin, with our site as the default one."""

    default = False
    default_site = "fusion_project.ops.site.OpsAdminSite"
