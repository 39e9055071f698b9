"""The same commands compiled and interpreted: `python -m tests.golden.two_modes [count] [seed]`.

Each mode runs in a process of its own, draws its own commands, and must come to the same digests.
"""

import json
import os
import subprocess
import sys

from tests.golden.journals import Plan, draw

COUNT = 20_000
SEED = 5


def run_here(count, seed):
    """Return the digests in the mode of this process."""
    return draw(Plan(seed, count)).list_digests()


def run_apart(count, seed, is_interpreted):
    """Return the digests of another process in a mode."""
    environment = os.environ | {"RINGFENCE_INTERPRETED": "1" if is_interpreted else "0"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.golden.two_modes", "--here", str(count), str(seed)],
        env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def main():
    """Compare both modes."""
    words = [word for word in sys.argv[1:] if word != "--here"]
    count = int(words[0]) if words else COUNT
    seed = int(words[1]) if len(words) > 1 else SEED
    if "--here" in sys.argv:
        print(json.dumps(run_here(count, seed)))
        return 0
    compiled, interpreted = (run_apart(count, seed, flag) for flag in (False, True))
    for name, value in compiled.items():
        same = "same" if interpreted[name] == value else f"DIFFERS: {interpreted[name]}"
        print(f"{name:12} {value}  {same}")
    return 0 if compiled == interpreted else 1


if __name__ == "__main__":
    sys.exit(main())
