"""In how many runs is valuing by redemption no dearer than by the own book, after a real loss?

`python -m tests.validation.design_spread --accounts 150 400 --seeds 1 2 3 4` prints the table of
docs/experiments/designs-spread.md. Each seed draws another crowd and another flow.
"""

import argparse
import statistics

from ringfence.lab.crowd import draw_crowd
from ringfence.lab.population import load_settings
from ringfence.lab.staking_run import run_case
from ringfence.lab.study import POPULATION_FILE, build_cases, find_study, list_rulebooks

CASES = ("slash", "slash-falling", "long", "long-falling")
MILLION = 1e6


def run_cell(name, accounts, seed):
    """Return (loss of everybody in millions, whether it was halted) by design and mark."""
    study = find_study("depeg")
    (case,) = build_cases(study, name)
    settings = load_settings(POPULATION_FILE)
    settings["draw_seed"] += seed - 1
    crowd = draw_crowd(settings, accounts)
    cell = {}
    for design, mark, rulebook in list_rulebooks(study):
        if design != "segregated":
            outcome = run_case(design, mark, rulebook, case, crowd, seed)
            cell.setdefault(design, []).append(
                (outcome.losses.everybody / MILLION, outcome.is_halted))
    return cell


def main(arguments=None):
    """Print one row a case and design."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--accounts", nargs="+", type=int, default=[150, 400])
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3, 4])
    options = parser.parse_args(arguments)
    print("| case | design | runs | not dearer | median, redemption | median, own book "
          "| own book halted |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: |")
    for case in CASES:
        cells = [run_cell(case, accounts, seed)
                 for accounts in options.accounts for seed in options.seeds]
        for design in cells[0]:
            ours = [cell[design][0][0] for cell in cells]
            book = [cell[design][1][0] for cell in cells]
            good = sum(own <= other for own, other in zip(ours, book, strict=True))
            halted = sum(cell[design][1][1] for cell in cells)
            print(f"| {case} | {design} | {len(cells)} | {good} | {statistics.median(ours):.2f} "
                  f"| {statistics.median(book):.2f} | {halted} |", flush=True)


if __name__ == "__main__":
    main()
