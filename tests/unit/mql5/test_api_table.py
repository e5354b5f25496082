"""The API table can be read, names its pages, and the runtime keeps what it promises."""

import re

import pytest

from mql5.host.api_table import FOLDER, Table, _add, _parameter, table
from mql5.host.build import RUNTIME
from mql5.host.header import header


def test_every_entry_names_a_page_of_the_reference() -> None:
    names = {*table().functions, *table().handlers, *table().constants, *table().types}
    assert names == set(table().pages)
    assert all(re.fullmatch(r"[a-z_0-9]+(/[a-z_0-9]+)+", page) for page in table().pages.values())


def test_no_name_stands_twice_but_for_functions_with_several_signatures() -> None:
    text = "\n".join(path.read_text() for path in sorted(FOLDER.glob("*.txt")))
    constants = re.findall(r"^const \w+ (\w+)", text, re.MULTILINE)
    members = [one.split(" ")[0] for all_of in table().enums.values() for one in all_of]
    both = constants + members
    assert len(both) == len(set(both))
    signatures = [
        (one.name, len(one.parameters)) for all_of in table().functions.values() for one in all_of
    ]
    assert len(signatures) == len(set(signatures))


def test_types_of_the_table_are_known_types() -> None:
    known = {*table().types, "string", "void", "T", "bool", "char", "uchar", "short", "ushort"}
    known |= {"int", "uint", "long", "ulong", "double", "datetime"}
    used = {
        part.type
        for all_of in table().functions.values()
        for one in all_of
        for part in one.parameters
    }
    assert used <= known


@pytest.mark.parametrize("line", ["int F(int)", "int F(in t a);", "const A = 1;", "enum E { A }"])
def test_a_line_that_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"cannot be read|no parameter"):
        _add(Table(), line, "page", handlers=False)


def test_a_parameter_is_read_with_all_it_says() -> None:
    one = _parameter("const uchar &data[]")
    assert (one.type, one.const, one.by_reference, one.array) == ("uchar", True, True, True)
    assert _parameter('string text = "a, b"').default == '"a, b"'


def test_generic_functions_of_the_table_are_templates_of_the_runtime() -> None:
    text = (RUNTIME / "runtime.hpp").read_text()
    generic = [name for name, all_of in table().functions.items() if all_of[0].generic]
    missing = [name for name in generic if not re.search(rf"^\w+ {name}\(", text, re.MULTILINE)]
    assert missing == ["EnumToString"]  # made for each enumeration


def test_what_needs_a_broker_asks_for_it_by_name_and_nothing_else_does() -> None:
    text = "\n".join(path.read_text() for path in sorted((RUNTIME / "broker").glob("*.cpp")))
    asks = set(re.findall(r'seen\("(\w+)"\)', text))
    needs = {
        name
        for name, all_of in table().functions.items()
        if any(one.needs_broker for one in all_of)
    }
    assert needs - asks == {"PositionGetSymbol", *_BY_ANOTHER_NAME}
    assert asks <= needs


# These ask through a function that they share; PositionGetSymbol through PositionGetTicket.
_BY_ANOTHER_NAME = {"PositionGetDouble", "PositionGetInteger", "PositionGetString"}


def test_the_header_declares_each_plain_function() -> None:
    text = header(table())
    for name, all_of in table().functions.items():
        if not all_of[0].generic:
            assert text.count(f" {name}(") == len(all_of), name
