"""All settings, from the environment alone; docs/settings.md lists them.

A missing or odd value stops the process with one list of what is wrong.
"""

import decimal
import os
from pathlib import Path

from csp.constants import NONE, SELF

from fusion_project.environment import Environment

BASE_DIR = Path(__file__).resolve().parent.parent
_env = Environment(os.environ)

# Ledger amounts have up to 38 digits; Python's default of 28 would round them in silence.
decimal.DefaultContext.prec = 60
decimal.setcontext(decimal.DefaultContext.copy())

SECRET_KEY = _env.secret("SECRET_KEY", minimum_length=50)
DEBUG = _env.boolean("DEBUG", False)
HTTPS_ONLY = _env.boolean("HTTPS_ONLY", True)
ALLOWED_HOSTS = _env.words("ALLOWED_HOSTS", "127.0.0.1,localhost")
CSRF_TRUSTED_ORIGINS = _env.origins("CSRF_TRUSTED_ORIGINS", "")
LOG_LEVEL = _env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))

# Seconds that a web request may spend waiting for Postgres before it answers 503. TradingView
# cancels after 3 s, so the answer must be out before 2.5 s.
REQUEST_DATABASE_DEADLINE_SECONDS = 2.0
# Bytes of a webhook body; ours are under 1 500, the largest dialect known stays under 4 KiB.
WEBHOOK_BODY_BYTES_MAX = _env.integer("WEBHOOK_BODY_BYTES_MAX", 16_384, low=1_024, high=65_536)
# Bytes of any other body: a batch of an executor has at most half of that, a form far less.
DATA_UPLOAD_MAX_MEMORY_SIZE = 524_288
# Proxies in front of the web server whose X-Forwarded-For entries count as true.
TRUSTED_PROXY_COUNT = _env.integer("TRUSTED_PROXY_COUNT", 0, low=0, high=5)
# Where those proxies connect from; headers of any other connection are not believed.
TRUSTED_PROXY_ADDRESSES = _env.networks(
    "TRUSTED_PROXY_ADDRESSES",
    "127.0.0.0/8,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7",
)
# Where TradingView sends from: https://www.tradingview.com/support/solutions/43000529348
TRADINGVIEW_ADDRESSES = _env.networks(
    "TRADINGVIEW_ADDRESSES", "52.89.214.238,34.212.75.30,54.218.53.128,52.32.178.7"
)
# Headers in which the nearest proxy tells a client certificate's subject, and SUCCESS.
CLIENT_CERTIFICATE_SUBJECT_HEADER = _env.text("CLIENT_CERTIFICATE_SUBJECT_HEADER", "")
CLIENT_CERTIFICATE_VERIFIED_HEADER = _env.text("CLIENT_CERTIFICATE_VERIFIED_HEADER", "")
if bool(CLIENT_CERTIFICATE_SUBJECT_HEADER) != bool(CLIENT_CERTIFICATE_VERIFIED_HEADER):
    _env.refuse(
        "CLIENT_CERTIFICATE_VERIFIED_HEADER",
        "and CLIENT_CERTIFICATE_SUBJECT_HEADER are set together or not at all",
    )
if CLIENT_CERTIFICATE_SUBJECT_HEADER and not TRUSTED_PROXY_COUNT:
    _env.refuse("CLIENT_CERTIFICATE_SUBJECT_HEADER", "needs TRUSTED_PROXY_COUNT of at least 1")
# Webhook requests without a valid secret that one peer may send in a minute.
UNKNOWN_CALLERS_PER_MINUTE = _env.integer("UNKNOWN_CALLERS_PER_MINUTE", 60, low=1, high=10_000)

_database = _env.database("DATABASE_URL")
_direct = _env.database("DATABASE_DIRECT_URL", "")
_DATABASE_ROLE = _env.choice("DATABASE_ROLE", "app", ("app", "owner"))
if _DATABASE_ROLE == "owner" and not _direct:
    _env.refuse("DATABASE_DIRECT_URL", "is missing; DATABASE_ROLE=owner connects through it")
_chosen = _direct if _DATABASE_ROLE == "owner" else _database
DATABASES = {
    "default": {
        **_chosen,
        "ENGINE": "fusion_project.postgres",
        "CONN_MAX_AGE": _env.integer("CONN_MAX_AGE", 60, low=0, high=3_600),
        "CONN_HEALTH_CHECKS": True,
        # A transaction pooler keeps neither server-side cursors nor prepared statements.
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **_chosen.get("OPTIONS", {}),
            "connect_timeout": 2,
            "application_name": "fusion",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = _env.redis("REDIS_URL")
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TIMEZONE = "UTC"

INSTALLED_APPS = [
    "fusion_project.ops.apps.OpsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "rest_framework",
    "fusion_project.postgres",
    "fusion_project.events",
    "fusion_project.incidents",
    "signals",
    "execution",
    "treasury",
    "tokens",
    "fusion_project.community",
    "fusion_project.ops",
    "fusion_project.local",
]

MIDDLEWARE = [
    "fusion_project.request_guard.RequestGuardMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "fusion_project.people_middleware.ContentPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "fusion_project.people_middleware.PeopleSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "fusion_project.people_middleware.PeopleAuthenticationMiddleware",
    "fusion_project.people_middleware.PeopleMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "fusion_project.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "fusion_project" / "static"]
# Served straight from the sources: nothing to collect first, on one machine or many.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [],
    "EXCEPTION_HANDLER": "fusion_project.api_errors.exception_handler",
    "UNAUTHENTICATED_USER": None,
}

AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

SECURE_SSL_REDIRECT = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
if TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 3_600
CSRF_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"trace": {"()": "fusion_project.logs.TraceFilter"}},
    "formatters": {"json": {"()": "fusion_project.logs.JsonFormatter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "json",
            "filters": ["trace"],
        },
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # Django's own request and host loggers print the path, which may hold a secret;
        # the request guard logs each request by its route instead.
        "django.request": {"handlers": ["nowhere"], "propagate": False},
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
        "django.server": {"handlers": ["nowhere"], "propagate": False},
    },
}

_env.refuse_problems()
