"""An address means one account, or is refused in words; it is never changed on the way."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokens.chain.address import Address, address_read, address_told
from tokens.errors import AddressInvalid

# The jetton of docs.ton.org's examples and one of this project's, in the forms explorers show.
FRIENDLY = "EQDSmz4RrDBFG-T1izwVJ7q1dpAq1mJTLrKwyMYJig6Wx_6y"
RAW = "0:d29b3e11ac30451be4f58b3c1527bab576902ad662532eb2b0c8c6098a0e96c7"
accounts = st.builds(Address, st.sampled_from([0, -1]), st.binary(min_size=32, max_size=32))


def test_both_forms_of_a_known_address_are_the_same_account():
    assert address_read(FRIENDLY) == address_read(RAW) == address_read(RAW.upper())
    assert address_read(FRIENDLY).raw == RAW
    assert address_read(RAW).friendly() == FRIENDLY


def test_a_non_bounceable_address_of_the_desk_is_read_and_written_as_it_is():
    text = "UQD1zAJPYZMYf3Y9B4SL7fRLFU-Vg5V7RcLMnEu2H_cNOK0G"
    told = address_told(text)
    assert (told.bounceable, told.test_only) == (False, False)
    assert told.address.friendly(bounceable=False) == text


@given(accounts, st.booleans(), st.booleans())
def test_what_is_written_is_read_back_with_its_flags(account, bounceable, test_only):
    text = account.friendly(bounceable=bounceable, test_only=test_only)
    told = address_told(text)
    assert (told.address, told.bounceable, told.test_only) == (account, bounceable, test_only)
    assert address_told(text.replace("-", "+").replace("_", "/")) == told
    assert address_told(account.raw).address == account


@given(accounts, st.integers(0, 47), st.sampled_from("ABCDwxyz0189"))
def test_one_altered_letter_is_refused(account, at, letter):
    text = account.friendly()
    altered = text[:at] + letter + text[at + 1 :]
    if altered != text:
        with pytest.raises(AddressInvalid):
            address_told(altered)


@given(accounts)
def test_a_lower_cased_address_is_not_taken(account):
    text = account.friendly()
    if text != text.lower():
        with pytest.raises(AddressInvalid):
            address_told(text.lower())


def test_an_address_of_the_test_network_is_refused_unless_that_is_meant():
    text = Address(0, bytes(32)).friendly(test_only=True)
    with pytest.raises(AddressInvalid, match="test network"):
        address_read(text)
    assert address_read(text, test_network=True) == Address(0, bytes(32))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no address"),
        (FRIENDLY[:-1], "no address"),
        (f"{FRIENDLY}A", "no address"),
        (f" {FRIENDLY}", "no address"),
        (FRIENDLY[:-1] + "z", "checksum"),
        (RAW[:-1], "no raw address"),
        (f"7:{'00' * 32}", "no workchain 7"),
        (f"0:{'zz' * 32}", "no raw address"),
        ("é" * 48, "no address"),
    ],
)
def test_what_is_no_address_is_refused_in_words(text, words):
    with pytest.raises(AddressInvalid, match=words):
        address_told(text)


def test_an_unknown_tag_with_a_right_checksum_is_refused():
    import binascii

    body = bytes([0x22, 0]) + bytes(32)
    text = base64.urlsafe_b64encode(body + binascii.crc_hqx(body, 0).to_bytes(2)).decode()
    with pytest.raises(AddressInvalid, match="tag"):
        address_told(text)


def test_two_alphabets_in_one_address_are_refused():
    mixed = next(
        text
        for number in range(500)
        if {"-", "_"} <= set(text := Address(0, number.to_bytes(32)).friendly())
    )
    with pytest.raises(AddressInvalid, match="alphabets"):
        address_told(mixed.replace("-", "+"))
