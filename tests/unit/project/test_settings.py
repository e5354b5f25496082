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
