"""The environment of the app's processes in a home: the launcher makes and keeps it, `manage.py`
finds it there. Nothing else puts one together.
"""

from collections.abc import Mapping
from pathlib import Path

from fusion_project.local.home.folder import Home, json_read, json_write
from fusion_project.local.home.options import RunOptions, RunRefused, home_path

# Settings that a secret's file may hold instead.
_SECRETS = ("SECRET_KEY", "DATABASE_URL", "DATABASE_DIRECT_URL", "REDIS_URL")
# Steers a run, or is set by it; must not reach the app as it stands outside.
_OURS = {
    *_SECRETS,
    *(f"{name}_FILE" for name in _SECRETS),
    "ALERTS",
    "CHAIN",
    "LOBES",
    "PORT",
    "FUSION_HOME",
    "DATABASE_ROLE",
    "REDIS",
    "SAMPLE_MARKET",
    "DJANGO_SETTINGS_MODULE",
    "MAKEFLAGS",
    "MAKELEVEL",
    "MFLAGS",
}
# What a person's shell may say otherwise; the rest is the run's own.
_DEFAULTS = ("ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "DEBUG", "HTTPS_ONLY", "LOG_LEVEL")


def site_settings(
    options: RunOptions,
    *,
    secret_key: str,
    database_url: str,
    owner_url: str,
    redis_url: str,
    models: Mapping[str, str],
) -> dict[str, str]:
    """The settings of a run's site, the owner's address of the database among them.

    `models`: those of models that the run starts itself.
    """
    return {
        **models,
        "ALLOWED_HOSTS": "127.0.0.1,localhost",
        "CSRF_TRUSTED_ORIGINS": f"{options.base_url},http://localhost:{options.port}",
        "DEBUG": "off",
        "HTTPS_ONLY": "off",
        "DJANGO_SETTINGS_MODULE": "fusion_project.settings",
        "LOG_LEVEL": options.log_level,
        "SECRET_KEY": secret_key,
        "DATABASE_URL": database_url,
        "DATABASE_DIRECT_URL": owner_url,
        "REDIS_URL": redis_url,
    }


def site_env(
    settings: Mapping[str, str], outside: Mapping[str, str], *, role: str = "app"
) -> dict[str, str]:
    """The environment of one process of the site; only the owner's knows the owner's address."""
    made = {**settings, "DATABASE_ROLE": role, "PYTHONUNBUFFERED": "1"}
    if role != "owner":
        del made["DATABASE_DIRECT_URL"]
    kept = {name: value for name, value in outside.items() if name not in _OURS}
    return {**kept, **made, **{name: kept[name] for name in _DEFAULTS if name in kept}}


def site_keep(home: Home, settings: Mapping[str, str]) -> None:
    """Let commands find the site while it runs; the file is private."""
    json_write(home.site, dict(settings))


def site_env_find(outside: Mapping[str, str], default_home: Path) -> dict[str, str]:
    """The environment of the site that runs in FUSION_HOME. Raises RunRefused in words."""
    home = Home(home_path(outside, default_home))
    settings = _settings_read(home)
    told = outside.get("DATABASE_URL", "").strip()
    if told and told != settings["DATABASE_URL"]:
        raise RunRefused(
            f"DATABASE_URL is set, and the installation in {home.path} uses another database. "
            "Unset it, or set SECRET_KEY and REDIS_URL too: then the environment counts."
        )
    return site_env(settings, outside, role=outside.get("DATABASE_ROLE", "").strip() or "app")


def _settings_read(home: Home) -> dict[str, str]:
    try:
        settings = json_read(home.site)
    except (OSError, ValueError) as error:
        raise RunRefused(f"{home.site} cannot be read ({error}); start `make run` anew.") from error
    if settings is None:
        raise RunRefused(
            f"No installation runs in {home.path}. Start one with `make run`, or name the folder "
            "of the one that runs with FUSION_HOME, or set SECRET_KEY, DATABASE_URL and REDIS_URL."
        )
    return dict(settings)
