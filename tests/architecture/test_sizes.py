"""How long a file and a function may be, in Python and in SQL."""

import ast

from tests.architecture.source import named, sql_functions, tracked

FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
# Longer ones, each with the reason why it stays in one piece; a name that is not needed fails.
SQL_FUNCTIONS_LONGER: dict[str, str] = {}


def test_no_file_is_longer_than_400_lines() -> None:
    files = tracked("*.py", "*.sql", "*.html", "*.css", "*.js", "*.mjs", "*.pine", "Makefile")
    long = [
        f"{named(path)}: {count}"
        for path in files
        if "vendor" not in path.parts
        and path.name != "0001_initial.py"
        and (count := len(path.read_text().splitlines())) > FILE_LINES_MAX
    ]
    assert long == []


def test_no_python_function_is_longer_than_50_lines() -> None:
    long = []
    for path in tracked("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                if (count := node.end_lineno - node.lineno + 1) > FUNCTION_LINES_MAX:
                    long.append(f"{named(path)} {node.name}: {count}")
    assert long == []


def test_no_sql_function_is_longer_than_50_lines() -> None:
    long = {
        name: f"{named(path)}: {count}"
        for path in tracked("*.sql")
        for name, count in sql_functions(path.read_text()).items()
        if count > FUNCTION_LINES_MAX
    }
    assert long.keys() == SQL_FUNCTIONS_LONGER.keys(), long


def test_sql_functions_are_found_and_measured_one_by_one() -> None:
    text = (
        "CREATE FUNCTION one() RETURNS int LANGUAGE sql RETURN 1;\n"
        "CREATE FUNCTION two() RETURNS int AS $$\nSELECT 1;\nSELECT 2\n$$ LANGUAGE sql;\n"
        "CREATE OR REPLACE FUNCTION three(p text DEFAULT ';') RETURNS int\n"
        "LANGUAGE plpgsql AS $body$\nBEGIN\n    RETURN 3;\nEND\n$body$;\n"
    )
    assert sql_functions(text) == {"two": 4, "three": 6}


def test_every_body_in_an_sql_file_belongs_to_a_function_that_is_measured() -> None:
    """A function that the measure does not see would be as long as it likes."""
    for path in tracked("*.sql"):
        text = path.read_text()
        bodies = text.count("AS $") + text.count("DO $")
        assert bodies == len(sql_functions(text)) + text.count("DO $"), named(path)
