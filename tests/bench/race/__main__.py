"""Runs the race, or some sections of it, and writes what came out.

    python -m tests.bench.race                      all, a quarter of an hour on an idle machine
    python -m tests.bench.race --quick              a trial of a minute or two; writes to build/race alone
    python -m tests.bench.race --only passes,typing --models gpt,smollm2
    python -m tests.bench.race --tell               draws and tells again what results/race.json has

Rows are kept as they come: a section that is run again takes the place of the same rows.
"""

from __future__ import annotations

import argparse
import json
import time
from functools import partial
from typing import Any

from tests.bench.race import charts, decoding, growth, keys, models, passes, readme, results, smaller

SECTIONS = {
    "passes": passes.run,
    "decoding": decoding.run,
    "smaller": smaller.run,
    "typing": keys.run,
    "growth": growth.run,
}


def main() -> None:
    """Runs what was asked for."""
    parser = argparse.ArgumentParser(description="Race Cutaway against what others would use.")
    parser.add_argument("--quick", action="store_true", help="a trial")
    parser.add_argument("--only", default=",".join(SECTIONS), help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--models", default=",".join(models.MODELS), help="which models")
    parser.add_argument("--tell", action="store_true", help="run nothing")
    given = parser.parse_args()
    if not given.tell:
        for section in given.only.split(","):
            begun = time.monotonic()
            SECTIONS[section](given.models.split(","), given.quick, partial(_note, results.Kept(section, given.quick)))
            print(f"{section}: {time.monotonic() - begun:.0f} s", flush=True)
    if not given.quick:
        told = results.read()
        charts.write(told)
        readme.write(told)


def _note(kept: results.Kept, row: dict[str, Any]) -> None:
    kept.add(row)
    print(json.dumps(row)[:2000], flush=True)


if __name__ == "__main__":
    main()
