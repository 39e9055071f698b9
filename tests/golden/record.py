"""Record what comes of the stored journals: `python -m tests.golden.record`.

A change of these digests is a change of outcomes, or of the layout of state or events; it needs a
reason. `--draw` draws the journals anew as well, which is needed only if commands change.
"""

import sys

from tests.golden.journals import (
    FOLDER,
    PLANS,
    draw,
    load_journal,
    replay,
    store_expected,
    store_journal,
)


def main():
    """Record every journal."""
    FOLDER.mkdir(exist_ok=True)
    expected = {}
    for name, plan in PLANS.items():
        if "--draw" in sys.argv or not (FOLDER / f"{name}.npz").exists():
            store_journal(name, draw(plan).commands)
        expected[name] = replay(plan, load_journal(name)).list_digests()
        print(f"{name}: {expected[name]['event_count']} events")
    store_expected(expected)


if __name__ == "__main__":
    main()
