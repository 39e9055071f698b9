"""The folder of a study: the report, the numbers, and everything that is needed to run it again.

report.html           for people             population.csv        the crowd, as hashed
report.json           the result             case-<name>.csv       each timeline, step by step
report.md             the same as text   rulebook-<design>-<mark>.json  canonical bytes, as hashed
"""

from pathlib import Path

from ringfence.lab.case import Case
from ringfence.lab.study import Comparison
from ringfence.lab.study_markdown import build_study_page
from ringfence.lab.study_report import build_study_report
from ringfence.lab.study_result import encode_study
from ringfence.rulebook.canonical import encode_rulebook


def write_study(comparison: Comparison, folder: Path) -> None:
    """Write all files of a study.

    Parameters
    ----------
    comparison : Comparison
        Of any study.
    folder : Path
        Made, or with the files of an older run, which are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_bytes(encode_study(comparison))
    (folder / "report.md").write_text(build_study_page(comparison), encoding="utf-8")
    (folder / "report.html").write_text(build_study_report(comparison), encoding="utf-8")
    (folder / "population.csv").write_bytes(comparison.crowd.dump_csv())
    for name, designs in comparison.outcomes.items():
        for design, marks in designs.items():
            for mark, outcome in marks.items():
                (folder / f"rulebook-{design}-{mark}.json").write_bytes(
                    encode_rulebook(outcome.rulebook))
        case = designs["segregated"]["redemption"].case
        (folder / f"case-{name}.csv").write_text(_dump_case(case), encoding="utf-8")


def _dump_case(case: Case) -> str:
    columns = (case.time_s, case.prices, case.discount, case.dislocation, case.liquidity)
    lines = ["time_s,price,discount,dislocation,liquidity"]
    lines += [
        ",".join(repr(value) for value in row)
        for row in zip(*(column.tolist() for column in columns), strict=True)]
    return "\n".join(lines) + "\n"
