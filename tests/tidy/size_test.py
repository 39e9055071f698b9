"""Sizes may not newly occur: bodies over 50 lines, files over 400, more than 8 parameters.

Widths are Ruff's.
"""

import ast

from tests.tidy.source import (
    compare_ratchet,
    get_name,
    list_files,
    list_functions,
    parse,
    read,
)

BODY_LINES_MAX = 50
FILE_LINES_MAX = 400
PARAMETERS_MAX = 8


def count_body_lines(function: ast.FunctionDef) -> int:
    """Return the lines of a body, its docstring left out."""
    first = function.body[0]
    if ast.get_docstring(function) is not None and len(function.body) > 1:
        first = function.body[1]
    return (function.end_lineno or 0) - first.lineno + 1


def test_bodies():
    found = {
        f"{get_name(path)} {function.name}": count_body_lines(function)
        for path in list_files(".py")
        for function in list_functions(parse(path))
        if count_body_lines(function) > BODY_LINES_MAX
    }
    wrong = compare_ratchet("body", found)
    assert not wrong, wrong


def test_files():
    found = {
        get_name(path): len(read(path).splitlines())
        for path in list_files(".py")
        if len(read(path).splitlines()) > FILE_LINES_MAX
    }
    wrong = compare_ratchet("file", found)
    assert not wrong, wrong


def test_parameters():
    found = {}
    for path in list_files(".py"):
        for function in list_functions(parse(path)):
            count = len(function.args.args) + len(function.args.kwonlyargs)
            if function.args.args and function.args.args[0].arg in {"self", "cls"}:
                count -= 1
            if count > PARAMETERS_MAX and not function.name.startswith("emit_"):
                found[f"{get_name(path)} {function.name}"] = count
    wrong = compare_ratchet("parameters", found)
    assert not wrong, wrong
