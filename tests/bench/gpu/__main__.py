"""Runs the graphs on a GPU, and writes what came out.

    python -m tests.bench.gpu                      all; needs an NVIDIA driver for CUDA 13 or newer
    python -m tests.bench.gpu --quick              a trial; writes to build/gpu alone
    python -m tests.bench.gpu --device cpu --quick the same steps where there is no card: what it measures is no news
    python -m tests.bench.gpu --tell               tells again what results/gpu-*.json have

Where a node did not run on the card it says so and ends, with status 1; where an output is not PyTorch's it goes on and
does so at the end. Rows are kept as they come; only a full run on a card of which nothing is wrong is told.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.bench.gpu import ceilings, machine, models, parity, placement, readme, results, speed


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for, and gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.gpu", description="Run Cutaway's graphs on a GPU.")
    parser.add_argument("--device", choices=list(machine.DEVICES), default="cuda")
    parser.add_argument("--quick", action="store_true", help="a trial")
    parser.add_argument("--models", default=",".join(models.FULL), help=f"of {', '.join(models.MODELS)}")
    parser.add_argument("--tell", action="store_true", help="run nothing")
    given = parser.parse_args(arguments)
    names = given.models.split(",")
    if unknown := [name for name in names if name not in models.MODELS]:
        parser.error(f"no model {', '.join(unknown)}; there are {', '.join(models.MODELS)}")
    if not given.tell:
        try:
            run(machine.DEVICES[given.device], names, given.quick)
        except (machine.NoDeviceError, placement.ElsewhereError, parity.ApartError) as error:
            print(error, file=sys.stderr)
            return 1
    if given.tell or (given.device == "cuda" and not given.quick):
        readme.write(results.told())
    return 0


def run(device: machine.Device, names: Sequence[str], quick: bool) -> None:
    """Goes through the sections, model by model.

    Raises:
        NoDeviceError: the device is not there.
        ElsewhereError: a node ran on another one.
        ApartError: outputs are not PyTorch's; all sections were gone through.
    """
    device.prepare()
    kept = results.Kept(device, quick)
    measured = ceilings.measure(device, quick)
    kept.add("ceilings", measured.told())
    wrong: list[str] = []
    for name in names:
        folder = models.prepare(name)
        for row in placement.rows(name, folder, device):
            kept.add("placement", row)
        for row in parity.rows(name, folder, device, quick):
            kept.add("parity", row)
            wrong += filter(None, [parity.beyond(row)])
        for row in speed.rows(name, folder, device, measured, quick):
            kept.add("speed", row)
    if wrong:
        raise parity.ApartError("\n".join(wrong))


if __name__ == "__main__":
    raise SystemExit(main())
