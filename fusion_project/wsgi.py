"""WSGI entry for the web server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")

application = get_wsgi_application()

from fusion_project.incidents.second_watch import SecondWatch  # noqa: E402  needs the apps

SecondWatch().start()
