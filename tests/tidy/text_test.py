"""Rules, decisions, documents, changes: what is cited exists, what is named is there."""

import re
import subprocess
import sys

from tests.tidy.source import (
    PACKAGE,
    ROOT,
    get_name,
    list_files,
    list_functions,
    parse,
    read,
)

TEXTS = (".py", ".md", ".toml", ".txt", ".css", ".html", ".yml", ".yaml", ".sh")
RULE = re.compile(r"\*\*([A-Z]{3,5}-\d{3})\.\*\*")
DECISIONS = ROOT / "docs" / "decisions"
CHANGE_KINDS = ("rule", "venue", "engine", "lab", "desk", "web", "fix", "internal")


def list_texts():
    """All text of the project but what states the rules of this file."""
    return [path for path in list_files(*TEXTS) if path.parent.name != "tidy"]


def list_rules() -> dict[str, str]:
    """Return each rule's chapter by the rule's code."""
    rules: dict[str, str] = {}
    for path in sorted((PACKAGE / "rulebook").glob("*.md")):
        for code in RULE.findall(read(path)):
            assert code not in rules, f"{code} stands in {rules[code]} and in {path.name}"
            rules[code] = path.name
    return rules


def test_cited_rules_exist():
    """No citation dangles."""
    rules = list_rules()
    prefixes = "|".join(sorted({code.split("-")[0] for code in rules}))
    cited = re.compile(rf"\b(?:{prefixes})-\d{{3}}\b")
    wrong = [
        f"{get_name(path)}: {code}"
        for path in list_texts()
        for code in sorted(set(cited.findall(read(path))))
        if code not in rules
    ]
    assert not wrong, wrong


def test_cited_decisions_exist():
    numbers = {path.name[:4] for path in DECISIONS.glob("[0-9]*.md")}
    wrong = [
        f"{get_name(path)}: {number}"
        for path in list_texts()
        for number in re.findall(r"\b[Dd]ecision (\d{4})\b", read(path))
        if number not in numbers
    ]
    assert not wrong, wrong


def test_decisions_have_their_form():
    """At most 60 lines, five headings, and the printed index is the one printed now."""
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        text = read(path)
        assert len(text.splitlines()) <= 60, path.name
        headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
        wanted = ["Status", "Context", "Decision", "Consequences", "Alternatives"]
        assert headings == wanted, f"{path.name}: {headings}"
    printed = subprocess.run(
        [sys.executable, str(DECISIONS / "print_index.py")],
        capture_output=True, encoding="utf-8", check=True,
    ).stdout
    assert printed == read(DECISIONS / "README.md"), "run docs/decisions/print_index.py > README.md"


def test_links_resolve():
    """Relative links lead to files."""
    wrong = []
    for path in list_files(".md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", read(path)):
            where = target.split("#")[0]
            if where and "://" not in where and not (path.parent / where).exists():
                wrong.append(f"{get_name(path)}: {target}")
    assert not wrong, wrong


def list_names() -> set[str]:
    """Return every name that the sources define or that a file has."""
    names: set[str] = set()
    for path in list_files(".py", ".md", ".toml", ".txt", ".csv", ".css", ".json"):
        names |= {path.name, path.stem, get_name(path), path.parent.name}
    for path in list_files(".py"):
        names |= set(re.findall(r"\w+", read(path)))
    return names


def test_named_things_exist():
    """What ARCHITECTURE.md and STYLE.md put in backticks, if it looks like code, can be found."""
    names = list_names()
    wrong = []
    for document in ("ARCHITECTURE.md", "STYLE.md"):
        text = re.sub(r"```.*?```", "", read(ROOT / document), flags=re.DOTALL)
        for quoted in re.findall(r"`([^`\n]+)`", text):
            if not re.fullmatch(r"[\w./-]+(\(\))?", quoted):
                continue
            name = quoted.removesuffix("()").removesuffix("/")
            places = (ROOT / name, PACKAGE / name)
            if name.rstrip("_") in names or any(place.exists() for place in places):
                continue
            if all(part in names for part in re.split(r"[./-]", name) if part):
                continue
            wrong.append(f"{document}: {quoted}")
    assert not wrong, wrong


def test_tests_named_by_the_architecture_exist():
    """Every invariant names a test; `file::test` is defined there."""
    text = read(ROOT / "ARCHITECTURE.md")
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", text)
    assert len(named) >= 10
    for file, test in named:
        path = ROOT / file
        assert path.exists(), file
        assert test in {f.name for f in list_functions(parse(path))}, f"{file}::{test}"


def test_architecture_is_short():
    assert len(read(ROOT / "ARCHITECTURE.md").splitlines()) <= 400


def test_no_number_without_its_text():
    """Rules and decisions are cited by number because their text is here; nothing else is."""
    wrong = [
        f"{get_name(path)}:{number}: {line.strip()[:80]}"
        for path in list_texts()
        for number, line in enumerate(read(path).splitlines(), 1)
        if re.search(r"\b[Rr]ulings? \d|\bMR !?\d|\bissue #\d", line)
    ]
    assert not wrong, wrong


def test_leftovers():
    """Nothing half done, nothing commented out, no path of one machine, no registry host."""
    marks = re.compile(
        r"\b(FIXME|TODO|XXX|HACK)\b|\.\./shared/(?!data)|/work/|/home/\w|/root/|/tmp/\w|(?i:files\.pythonhosted|"
        r"index-url|\bpypi\.)"
    )
    wrong = []
    for path in list_texts():
        if get_name(path) == ".ci/run":
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            if marks.search(line):
                wrong.append(f"{get_name(path)}:{number}: {line.strip()[:80]}")
    assert not wrong, wrong


def test_no_code_in_comments():
    """A comment is a sentence; code is kept by the version control."""
    code = re.compile(r"^\s*# (?:\w+ = .+|\w+\(.*\)|(?:if|for|while|return|def|import|from) .*:?)$")
    tail = re.compile(r"[=()\[\]:]$")
    wrong = [
        f"{get_name(path)}:{number}: {line.strip()}"
        for path in list_files(".py")
        for number, line in enumerate(read(path).splitlines(), 1)
        if code.match(line) and tail.search(line.strip())
    ]
    assert not wrong, wrong


def test_changes_have_a_kind():
    """changes/<name>.<kind>.md, one sentence; a rule change says what it does to a replay."""
    for path in (ROOT / "changes").iterdir():
        if path.name == "README.md":
            continue
        assert re.fullmatch(rf"[a-z0-9-]+\.({'|'.join(CHANGE_KINDS)})\.md", path.name), path.name
        text = read(path).strip()
        assert text and len(text.splitlines()) <= 3, path.name
        if ".rule." in path.name:
            assert "Replay: " in text, f"{path.name} must end with what it does to a replay"


def test_every_module_is_used():
    """No source file that nothing imports, names, runs or collects."""
    mentioned: set[str] = set()
    for path in list_files(".py"):
        lines = [line for line in read(path).splitlines() if re.search(r"import|ringfence\.", line)]
        mentioned |= set(re.findall(r"\w+", " ".join(lines)))
        listed = re.findall(r"import \(([^)]*)\)", read(path))
        mentioned |= set(re.findall(r"\w+", " ".join(listed)))
    for path in list_files(".md", ".toml"):
        mentioned |= set(re.findall(r"(\w+)\.py\b", read(path)))
    mentioned |= {"__init__", "__main__", "conftest"}
    # The auditor looks its judges up by the names of the package.
    judges = {path.stem for path in list_files(".py") if path.parent.name == "simulation"}
    mentioned |= {stem for stem in judges if stem.startswith("audit_")}
    wrong = [
        get_name(path)
        for path in list_files(".py")
        if path.stem not in mentioned
        and not path.stem.endswith("_test")
        and '__name__ == "__main__"' not in read(path)
    ]
    assert not wrong, wrong
