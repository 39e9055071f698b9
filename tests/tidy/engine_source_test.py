"""What the engine's source may hold: integers, kernels by the verb grammar, one caller of Numba."""

import ast
import re
from collections import Counter

from tests.tidy.source import (
    DECORATORS,
    DRIVER,
    ENGINE,
    get_name,
    list_engine_files,
    list_functions,
    list_kernels,
    parse,
    read,
)

KNOWS_NUMBA = {"jit.py", "intrinsics.py", "inner_library.py", "warm.py"}

# What a kernel's name may begin with. Readers write no column; all others may.
READERS = {"is", "has", "get", "find", "check", "compute", "count", "sum", "clamp", "median",
           "prefetch"}
WRITERS = {
    "apply", "process", "emit", "post", "step", "allocate", "replay", "request", "take", "collect",
    "share", "sort", "sift",
}  # fmt: skip
# Names that are their own verb: arithmetic, and the row that the next event is written to.
WHOLE_NAMES = {"hash_pair", "_next", "_floor_capped"}
NOT_READERS = ("apply", "process", "emit", "post", "take", "step")

# Sums kept until a price changes: what a reader asks for is taken first (valuation.py).
MEMOS = {"_apply_refresh"}

SUM_READ = re.compile(r"backings\[[^]]*\]\.(full|initial|maintenance|gross)_minor")
GUARD_RESET = re.compile(r"\.safe_travel_e8 = 0\b")

# Readers that leave a note: a scratch row of the order on its way, or what the driver must know.
NOTES = {
    "check_incoming": "incoming",
    "check_strategy_order": "incoming",
    "_check_half": "incoming",
    "is_short": "clock",
    "check_events": "clock",
    "is_budget_left": "clock",
}

# Big kernels are copied to every place they are called from; one place each. Decision 0007.
CALLED_ONCE = {"process_match": "step_orders.py", "apply_match": "matching.py"}


def get_verb(name: str) -> str:
    return name.lstrip("_").split("_")[0]


def list_calls(tree: ast.AST) -> list[str]:
    return [
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    ]


def test_integers_only():
    """No float, no true division, no printing, no chance in anything that computes."""
    wrong = []
    for path in list_engine_files():
        for node in ast.walk(parse(path)):
            bad = (
                (isinstance(node, ast.Constant) and isinstance(node.value, float))
                or (isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div))
                or (isinstance(node, ast.Name) and node.id in {"print", "float"})
                or (isinstance(node, ast.Attribute) and node.attr in {"random", "true_divide"})
            )
            if bad:
                wrong.append(f"{get_name(path)}:{node.lineno}: {ast.unparse(node)}")
    assert not wrong, wrong


def test_who_knows_numba():
    """Numba and LLVM are imported by the files that are about them, and by no kernel file."""
    knowing = set()
    for path in ENGINE.glob("*.py"):
        if path.stem.endswith("_test"):
            continue
        for node in ast.walk(parse(path)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if any(name.split(".")[0] in {"numba", "llvmlite"} for name in names):
                knowing.add(path.name)
    assert knowing <= KNOWS_NUMBA, knowing - KNOWS_NUMBA
    assert KNOWS_NUMBA <= DRIVER


def test_verbs():
    """The first word of a kernel's name says its effect; the list is closed."""
    wrong = [
        f"{get_name(path)}: {function.name}"
        for path, function in list_kernels()
        if function.name not in WHOLE_NAMES
        and get_verb(function.name) not in READERS | WRITERS
    ]
    assert not wrong, wrong
    names = {function.name for _, function in list_kernels()}
    assert names >= WHOLE_NAMES, WHOLE_NAMES - names


def test_readers_write_nothing():
    """`check_`, `get_`, `find_` and their like assign to no column and call no writer."""
    wrong, noted = [], set()
    for path, function in list_kernels():
        if get_verb(function.name) not in READERS or function.name in WHOLE_NAMES:
            continue
        for node in ast.walk(function):
            targets = []
            if isinstance(node, ast.Assign):
                targets = node.targets
            elif isinstance(node, ast.AugAssign | ast.AnnAssign):
                targets = [node.target]
            for target in targets:
                if not isinstance(target, ast.Attribute | ast.Subscript):
                    continue
                row = ast.unparse(target.value)
                if NOTES.get(function.name) == row:
                    noted.add(function.name)
                else:
                    wrong.append(f"{get_name(path)}: {function.name} writes {ast.unparse(target)}")
        wrong += [
            f"{get_name(path)}: {function.name} calls {name}"
            for name in list_calls(function)
            if get_verb(name) in NOT_READERS and name not in MEMOS
        ]
    assert not wrong, wrong
    assert noted == set(NOTES), "a note that nobody leaves any more"


def test_one_writer_of_money_and_events():
    """Only `post` writes amounts; only `emit.py` writes event rows."""
    wrong = []
    for path in list_engine_files():
        for function in list_functions(parse(path)):
            for node in ast.walk(function):
                targets = node.targets if isinstance(node, ast.Assign) else []
                if isinstance(node, ast.AugAssign):
                    targets = [node.target]
                for target in targets:
                    if not isinstance(target, ast.Attribute):
                        continue
                    if target.attr == "amount_minor" and path.name == "ledger.py":
                        continue
                    is_balance = "balance" in ast.unparse(target.value) and (
                        target.attr == "amount_minor"
                    )
                    is_event = ast.unparse(target.value) == "event" and path.name != "emit.py"
                    if is_balance or is_event:
                        wrong.append(f"{get_name(path)}: {function.name}: {ast.unparse(target)}")
    assert not wrong, wrong


def test_big_kernels_have_one_call_site():
    """A kernel copied to a second place costs seconds of compiling."""
    sites = Counter()
    for path in list_engine_files():
        for name in list_calls(parse(path)):
            if name in CALLED_ONCE:
                sites[name, path.name] += 1
    assert sites == Counter(CALLED_ONCE.items())


def test_every_function_of_a_kernel_file_is_compiled():
    """A plain function beside kernels is a mistake, but where it is a kernel's plain body."""
    plain = {}
    for path in list_engine_files():
        functions = [node for node in parse(path).body if isinstance(node, ast.FunctionDef)]
        marks = {
            f.name: any(isinstance(d, ast.Name) and d.id in DECORATORS for d in f.decorator_list)
            for f in functions
        }
        if any(marks.values()):
            names = [name for name, is_kernel in marks.items() if not is_kernel]
            if names:
                plain[path.name] = names
    assert set(plain) <= {"fixed.py"}, plain


def test_sums_are_read_through_one_door():
    """Decision 0017: sums of what backs an account by `get_backing`, guards by `apply_unguard`."""
    wrong = []
    for path in list_engine_files():
        text = read(path)
        if SUM_READ.search(text):
            wrong.append(f"{get_name(path)} reads a sum of `backings`")
        if path.name != "travel.py" and GUARD_RESET.search(text):
            wrong.append(f"{get_name(path)} resets a guard")
    assert not wrong, wrong
