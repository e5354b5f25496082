"""The MT5 return code table."""

import pytest

from execution.rules.retcodes import LOOK_UP, NO_OP, REJECT, RETRY, retcode_action, retcode_name


@pytest.mark.parametrize(
    ("code", "action"),
    [(10004, RETRY), (10012, LOOK_UP), (10031, LOOK_UP), (10019, REJECT), (10036, NO_OP)],
)
def test_a_code_says_what_to_do(code, action):
    assert retcode_action(code) == action


def test_a_code_nobody_knows_is_looked_up_and_never_resent():
    assert retcode_action(19999) == LOOK_UP
    assert retcode_name(19999) == "retcode_19999"
    assert retcode_name(None) == ""
