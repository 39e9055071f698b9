"""The README's table of designs is the one that the software wrote."""

from pathlib import Path

START, END = "<!-- designs -->", "<!-- /designs -->"


def find_block(path: Path) -> str:
    """Return what stands between the two marks."""
    text = path.read_text(encoding="utf-8")
    return text[text.index(START) : text.index(END)]


def test_readme_has_the_table_of_the_page() -> None:
    """`ringfence stress depeg --out` writes the page; the README quotes it."""
    page = find_block(Path("docs/experiments/designs.md"))
    assert page == find_block(Path("README.md"))
    assert page.count("\n| `") == 3
