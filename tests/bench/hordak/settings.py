"""The least that hordak runs on: its apps, and the database that HORDAK_DATABASE names."""

import json
import os

SECRET_KEY = "bench"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "mptt", "hordak"]
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **json.loads(os.environ.get("HORDAK_DATABASE", "{}")),
    }
}
DEFAULT_CURRENCY = "USD"
CURRENCIES = ["USD"]
