"""What the web server runs: the front before Django."""

import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from fusion_project.front.listening import listen_options
from fusion_project.front.server import Front

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fusion_project.settings")

_django = get_wsgi_application()
# Now, while nobody waits: left to the first request, loading every view could cost it its deadline.
import_module(settings.ROOT_URLCONF)
# After Django: it needs the apps.
import_module("fusion_project.incidents.second_watch").SecondWatch().start()

application = Front(
    _django,
    hook_bytes_max=settings.WEBHOOK_BODY_BYTES_MAX,
    other_bytes_max=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
    listen_options=listen_options(settings.LISTEN_DATABASE),
    clock_sql="SELECT extract(epoch FROM events_now())::double precision",
)
