"""Settings that only make sense together."""

import os
import subprocess
import sys

import pytest


def refusal(**env: str) -> str:
    """What loading the settings with this environment says on its way out."""
    ended = subprocess.run(
        [sys.executable, "-c", "import fusion_project.settings"],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )
    return ended.stderr if ended.returncode else ""


@pytest.mark.parametrize(
    ("env", "variable"),
    [
        ({"CLIENT_CERTIFICATE_SUBJECT_HEADER": "X-Subject"}, "CLIENT_CERTIFICATE_VERIFIED_HEADER"),
        ({"CLIENT_CERTIFICATE_VERIFIED_HEADER": "X-Ok"}, "CLIENT_CERTIFICATE_VERIFIED_HEADER"),
        (
            {
                "CLIENT_CERTIFICATE_SUBJECT_HEADER": "X-Subject",
                "CLIENT_CERTIFICATE_VERIFIED_HEADER": "X-Ok",
            },
            "needs TRUSTED_PROXY_COUNT",
        ),
        ({"TRADINGVIEW_ADDRESSES": "52.89.214.238,nowhere"}, "TRADINGVIEW_ADDRESSES"),
        ({"TRUSTED_PROXY_ADDRESSES": "10.0.0.1/8"}, "TRUSTED_PROXY_ADDRESSES"),
        ({"UNKNOWN_CALLERS_PER_MINUTE": "0"}, "UNKNOWN_CALLERS_PER_MINUTE"),
    ],
)
def test_settings_of_the_edge_that_do_not_fit_are_refused(
    env: dict[str, str], variable: str
) -> None:
    assert variable in refusal(**env)


def test_settings_of_the_edge_that_fit_are_taken() -> None:
    assert not refusal(
        TRUSTED_PROXY_COUNT="1",
        CLIENT_CERTIFICATE_SUBJECT_HEADER="X-Subject",
        CLIENT_CERTIFICATE_VERIFIED_HEADER="X-Ok",
    )


SITE = {"HTTPS_ONLY": "on", "ALLOWED_HOSTS": "desk.example.org"}


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"SECRET_KEY": "x" * 60}, "SECRET_KEY: repeats itself"),
        ({"SECRET_KEY": "x"}, "SECRET_KEY: is too short"),
        ({"ALLOWED_HOSTS": "desk.example.org,*"}, "ALLOWED_HOSTS: is *"),
        ({"ALLOWED_HOSTS": "."}, "ALLOWED_HOSTS: is *"),
        (
            {"HTTPS_ONLY": "off", "ALLOWED_HOSTS": "127.0.0.1.evil.org", "DEBUG": "on"},
            "DEBUG: is on",
        ),
        ({"DEBUG": "on"}, "DEBUG: is on"),
        ({"HTTPS_ONLY": "off", "DEBUG": "on"}, "DEBUG: is on"),
        ({"TRUSTED_PROXY_ADDRESSES": "0.0.0.0/0"}, "TRUSTED_PROXY_ADDRESSES: has '0.0.0.0/0'"),
        ({"TRUSTED_PROXY_ADDRESSES": "0.0.0.0/1,128.0.0.0/1"}, "has '128.0.0.0/1'"),
        ({"TRUSTED_PROXY_ADDRESSES": "::/0"}, "TRUSTED_PROXY_ADDRESSES: has '::/0'"),
        ({"TRADINGVIEW_ADDRESSES": "0.0.0.0/0"}, "TRADINGVIEW_ADDRESSES: has '0.0.0.0/0'"),
        ({"CSRF_TRUSTED_ORIGINS": "https://*"}, "CSRF_TRUSTED_ORIGINS: has 'https://*'"),
        (
            {"DATABASE_URL": "postgres://app:hunter2@db.example.org/fusion?sslmode=disable"},
            "DATABASE_URL: asks for sslmode=disable",
        ),
        (
            {"DATABASE_DIRECT_URL": "postgres://o:hunter2@10.0.0.7/fusion?sslmode=prefer"},
            "DATABASE_DIRECT_URL: asks for sslmode=prefer",
        ),
        *(
            ({"DATABASE_URL": f"postgres://{where}sslmode=disable"}, "asks for sslmode=disable")
            for where in (
                "/fusion?host=db.example.org&",
                "/fusion?service=elsewhere&",
                "app:hunter2@localhost/fusion?hostaddr=203.0.113.9&",
                "app:hunter2@127.example.org/fusion?",
                "app:hunter2@%2Frun%2Fpg,db.example.org/fusion?",
            )
        ),
        ({"DATABASE_URL": "postgres:///f?sslmode=disable", "PGHOST": "db.example.org"}, "sslmode"),
    ],
)
def test_a_site_that_others_can_reach_is_refused_what_opens_it(
    env: dict[str, str], words: str
) -> None:
    told = refusal(**{**SITE, **env})
    assert words in told
    assert "hunter2" not in told
    assert "xxxx" not in told


def test_a_site_that_fits_is_taken_and_its_remote_database_asked_for_tls() -> None:
    url = "postgres://app:pw@db.example.org/fusion"
    code = (
        "from fusion_project import settings;"
        "print(settings.DATABASES['default']['OPTIONS']['sslmode'])"
    )
    for given, taken in ((url, "require"), (f"{url}?sslmode=verify-full", "verify-full")):
        ended = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            env={**os.environ, **SITE, "DATABASE_URL": given},
            check=True,
        )
        assert ended.stdout.strip() == taken


@pytest.mark.parametrize("where", ["/fusion?host=/run/pg&", "app:pw@[::1]/fusion?"])
def test_a_database_on_this_machine_needs_no_tls(where: str) -> None:
    assert not refusal(**SITE, DATABASE_URL=f"postgres://{where}sslmode=disable")


def test_on_ones_own_machine_it_may_be_easier() -> None:
    own = {"HTTPS_ONLY": "off", "ALLOWED_HOSTS": "127.0.0.1,localhost,[::1]"}
    assert not refusal(**own, DEBUG="on")
    assert not refusal(**own, DATABASE_URL="postgres://a:b@db.example.org/f?sslmode=disable")
