"""What execution carries out once two people want it; a key is collected by who asked for it."""

from execution.services.accounts import (
    ACCOUNT_CREATE,
    account_carry_out,
    account_check,
    account_words,
)
from execution.services.keys import KEY_ISSUE, key_check, key_words
from execution.services.limit_requests import (
    LIMITS_RAISE,
    limits_raise_carry_out,
    limits_raise_check,
    limits_raise_words,
)
from execution.services.subscriptions import (
    SUBSCRIBE,
    subscription_carry_out,
    subscription_check,
    subscription_words,
)
from execution.services.switches import RAISE, raise_carry_out, raise_check, raise_words
from fusion_project.second_person.kinds import RequestKind, kind_register

kind_register(RequestKind(RAISE, raise_words, raise_check, raise_carry_out))
kind_register(RequestKind(ACCOUNT_CREATE, account_words, account_check, account_carry_out))
kind_register(RequestKind(KEY_ISSUE, key_words, key_check))
kind_register(
    RequestKind(LIMITS_RAISE, limits_raise_words, limits_raise_check, limits_raise_carry_out)
)
kind_register(
    RequestKind(SUBSCRIBE, subscription_words, subscription_check, subscription_carry_out)
)
