"""All settings, from the environment alone; docs/settings.md lists them.

A missing or odd value stops the process with one list of what is wrong.
"""

import decimal
import os
from pathlib import Path

from csp.constants import NONE, SELF

from fusion_project.broker import TRANSPORT, celery_url
from fusion_project.environment import Environment, is_this_machine
from fusion_project.model_settings import model_settings

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
# Others can reach the site, or are meant to. Only on one's own machine may it be easier.
IS_PRODUCTION = HTTPS_ONLY or not all(is_this_machine(host) for host in ALLOWED_HOSTS)
if IS_PRODUCTION and DEBUG:
    _env.refuse("DEBUG", "is on, and the site is not on this machine alone; set it off")
# "." is everybody who ends a name in two dots.
if IS_PRODUCTION and any("*" in host or not host.strip(".") for host in ALLOWED_HOSTS):
    _env.refuse("ALLOWED_HOSTS", "is * or has it; name the hosts that the site answers to")
LOG_LEVEL = _env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))

# Seconds that a web request may spend waiting for Postgres before it answers 503. TradingView
# cancels after 3 s, so the answer must be out before 2.5 s.
REQUEST_DATABASE_DEADLINE_SECONDS = 2.0
# Bytes of a webhook body; ours are under 1 500, the largest dialect known stays under 4 KiB.
WEBHOOK_BODY_BYTES_MAX = _env.integer("WEBHOOK_BODY_BYTES_MAX", 16_384, low=1_024, high=65_536)
# Heartbeats further back go, by whole months.
HEARTBEAT_DAYS = _env.integer("HEARTBEAT_DAYS", 90, low=31, high=3_650)
# Bytes of any other body: what a terminal with 5 000 positions shows. A form has far less.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_097_152
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

# Who confirms what needs two people: another person, or the same one after ten minutes.
SECOND_PERSON = _env.choice("SECOND_PERSON", "required", ("required", "cool_off"))

_database = _env.database("DATABASE_URL")
_direct = _env.database("DATABASE_DIRECT_URL", "")
_listen = _env.database("DATABASE_LISTEN_URL", "")
if IS_PRODUCTION:
    _database = _env.encrypted("DATABASE_URL", _database)
    _listen = _env.encrypted("DATABASE_LISTEN_URL", _listen)
    _direct = _env.encrypted("DATABASE_DIRECT_URL", _direct)
_DATABASE_ROLE = _env.choice("DATABASE_ROLE", "app", ("app", "owner"))
if _DATABASE_ROLE == "owner" and not _direct:
    _env.refuse("DATABASE_DIRECT_URL", "is missing; DATABASE_ROLE=owner connects through it")
_chosen = _direct if _DATABASE_ROLE == "owner" else _database
# Web, workers and drain may not be the owner, nor anybody to whom no rule applies.
DATABASE_ROLE_IS_CHECKED = IS_PRODUCTION and _DATABASE_ROLE == "app"
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

# Where web processes listen for work, as the app's role; through a transaction pooler they cannot.
LISTEN_DATABASE = _listen or _database

REDIS_URL = _env.redis("REDIS_URL")
CELERY_BROKER_URL = celery_url(REDIS_URL)
if REDIS_URL:
    CELERY_BROKER_TRANSPORT = TRANSPORT
# Whoever reaches the queue could otherwise tell workers to stop.
CELERY_WORKER_ENABLE_REMOTE_CONTROL = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Otherwise Celery closes the connection to the database before and after each doorbell; answering
# one looks whether it still stands (`fusion_project/events/tasks.py`).
CELERY_DB_REUSE_MAX = 1_000_000
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 300,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
CELERY_TIMEZONE = "UTC"

# Models that are asked for opinions; names, addresses and prices as read in November 2026.
# DeepSeek's are those of its dear hours: what is spent is never told too low.
MODELS_ASKED = (
    model_settings(
        _env,
        "grok",
        url="https://api.x.ai/v1",
        model="grok-4.3",
        prices="1.25,0.20,2.50",
        more='{"reasoning_effort": "none"}',
    ),
    model_settings(
        _env,
        "deepseek",
        url="https://api.deepseek.com",
        model="deepseek-flash",
        answers_as="deepseek-flash,deepseek-v4.1-flash",
        format="json",
        prices="0.30,0.006,1.20",
        more='{"thinking": {"type": "disabled"}}',
    ),
    model_settings(_env, "local_llm"),
)

# Sent to sources of the TON chain by TLS alone; without it they answer once a second at most.
TON_API_KEY = _env.text("TON_API_KEY", "")
# Signs snapshots of reserves (Ed25519); without one they are unsigned and say so.
SIGNING_KEY = _env.hex_key("SIGNING_KEY", octets=32)

INSTALLED_APPS = [
    "fusion_project.ops.apps.OpsAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "rest_framework",
    "fusion_project.postgres",
    "fusion_project.events",
    "fusion_project.incidents",
    "fusion_project.second_person",
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
    "fusion_project.people_middleware.PeopleGZipMiddleware",
    "fusion_project.people_middleware.PeopleSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "fusion_project.people_middleware.PeopleAuthenticationMiddleware",
    "fusion_project.people_middleware.PeopleMessageMiddleware",
    "fusion_project.ops.sign_in.middleware.StaffPagesMiddleware",
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
    {"NAME": "fusion_project.ops.sign_in.passwords.AnotherPassword"},
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Wrong sign-ins until no more are compared: of one name from one address, from one address under
# all names, of one name from all addresses. The lock ends so many seconds after the last of them.
SIGN_IN_FAILURES_MAX = _env.integer("SIGN_IN_FAILURES_MAX", 5, low=3, high=20)
SIGN_IN_ADDRESS_FAILURES_MAX = _env.integer("SIGN_IN_ADDRESS_FAILURES_MAX", 20, low=5, high=1_000)
SIGN_IN_USER_FAILURES_MAX = _env.integer("SIGN_IN_USER_FAILURES_MAX", 100, low=20, high=1_000)
SIGN_IN_LOCK_SECONDS = _env.integer("SIGN_IN_LOCK_SECONDS", 900, low=60, high=86_400)
AXES_HANDLER = "fusion_project.ops.sign_in.guard.SignInGuard"
AXES_CLIENT_IP_CALLABLE = "fusion_project.ops.sign_in.guard.caller_address"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "ip_address", "username"]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
# Its middleware would answer with another page; ours is the sign-in page with one sentence more.
SILENCED_SYSTEM_CHECKS = ["axes.W002"]
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
CSRF_FAILURE_VIEW = "fusion_project.ops.views.errors.form_refused"
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
