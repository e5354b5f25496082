"""No circle of imports in any app, not even through functions or imports for types alone."""

from collections.abc import Iterator, Mapping, Set

import pytest

from tests.architecture.source import APPS, imports_of, modules

Graph = Mapping[str, Set[str]]
# Circles of rooms (not of modules) that are known; one that is gone must go from here too.
ROOM_CIRCLES: dict[tuple[str, ...], str] = {}


def circles(graph: Graph) -> list[tuple[str, ...]]:
    """Every set of nodes that reach each other (Tarjan 1972), each sorted."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[tuple[str, ...]] = []
    for root in sorted(graph):
        if root in index:
            continue
        walks: list[tuple[str, Iterator[str]]] = [(root, iter(sorted(graph[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        while walks:
            node, rest = walks[-1]
            following = next(rest, None)
            if following is None:
                walks.pop()
                if walks:
                    low[walks[-1][0]] = min(low[walks[-1][0]], low[node])
                found += _taken_off(stack, node) if low[node] == index[node] else []
            elif following not in index:
                index[following] = low[following] = len(index)
                stack.append(following)
                walks.append((following, iter(sorted(graph.get(following, ())))))
            elif following in stack:
                low[node] = min(low[node], index[following])
    return sorted(found)


def _taken_off(stack: list[str], root: str) -> list[tuple[str, ...]]:
    """The nodes above `root` on the stack, where they are more than itself."""
    at = stack.index(root)
    together = tuple(sorted(stack[at:]))
    del stack[at:]
    return [together] if len(together) > 1 else []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles({name: imports_of(name) for name in modules()}) == []


def _room(module: str) -> str:
    return ".".join(module.split(".")[:2])


@pytest.mark.parametrize("app", APPS)
def test_no_rooms_of_an_app_import_each_other_in_a_circle(app: str) -> None:
    rooms: dict[str, set[str]] = {}
    for name in modules():
        if name.startswith(f"{app}."):
            inside = {_room(one) for one in imports_of(name) if one.startswith(f"{app}.")}
            rooms.setdefault(_room(name), set()).update(inside - {_room(name)})
    known = {one for one in ROOM_CIRCLES if one[0].startswith(f"{app}.")}
    assert set(circles(rooms)) == known


def test_circles_are_found_wherever_they_are() -> None:
    graph = {
        "a": {"b", "e"},
        "b": {"c"},
        "c": {"b", "d"},
        "d": {"d"},
        "e": {"f"},
        "f": {"g"},
        "g": {"e", "d"},
    }
    assert circles(graph) == [("b", "c"), ("e", "f", "g")]
    assert circles({"a": {"b"}, "b": {"c"}, "c": set()}) == []
