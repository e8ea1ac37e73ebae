"""The command line: `python -m export build NAME`, and `verify`, `card`, `means` and `passages` likewise.

NAME is a bundled checkpoint, or the folder of any other; --all stands for every bundled one. A folder in Hugging Face
layout stays as it is: its graphs are written into the user's cache, where the commands then look. `build` writes the
graphs beside the weights, or with --precision those of a lower one, and what they change; with --upload it puts what is
there, and makes what is not, for servers without torch (export/upload.py); `verify` holds them against PyTorch, and its
exit status is 0 only where everything agrees; `card` prints which operation became which fused op, and who has a kernel
for it; `means` measures what each head and each MLP says on the average, for parts that are switched off; `passages`
looks for the held-out text that excites each hidden neuron most.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import model as model_package
from export.runtime import Precision

CHECKPOINTS = Path(model_package.__file__).parent / "checkpoints"


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and gives its exit status."""
    parser = argparse.ArgumentParser(prog="python -m export", description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    for name, about in (
        ("build", "write a checkpoint's graphs"),
        ("verify", "hold its graphs against PyTorch"),
        ("card", "print what was fused into what"),
        ("means", "measure what each head and MLP says on the average, and write it beside the weights"),
        ("passages", "look where in held-out stories each hidden neuron is furthest from zero, and write it there too"),
        ("smaller", "measure what fewer bits, weights, heads and layers cost on held-out text, and write it there too"),
        ("race", "run the 8-bit graphs beside float32 on this machine, and write there how long each takes"),
    ):
        command = commands.add_parser(name, help=about)
        which = command.add_mutually_exclusive_group(required=True)
        which.add_argument(
            "name", nargs="?", help="a bundled checkpoint, or a folder with config.json and model.safetensors"
        )
        which.add_argument("--all", action="store_true", help="every bundled checkpoint")
        if name == "build":
            command.add_argument(
                "--precision",
                choices=[name for name in get_args(Precision) if name != "float32"],
                help="write graphs of a lower precision instead, and say what that changes in the predictions",
            )
            command.add_argument(
                "--upload",
                metavar="OWNER/REPO",
                help="put graphs and weights onto the hub, for servers without torch, with the token in HF_TOKEN; NAME "
                "may be a model of the hub then",
            )
            command.add_argument(
                "--text",
                type=Path,
                help="a file of passages, divided by empty lines, to compare the predictions on; stories of our own, "
                "which no model was trained on, unless given",
            )
    given = parser.parse_args(arguments)
    if given.command == "build" and given.upload:
        if given.all or given.precision:
            parser.error("--upload takes one NAME, and float32 graphs")
        return put(given.name, given.upload)
    if given.all:
        folders = sorted(path.parent for path in CHECKPOINTS.glob("*/model.safetensors"))
        if not folders:
            parser.error(f"{CHECKPOINTS} holds no checkpoint with its weights; make train makes them")
    else:
        folders = [CHECKPOINTS / given.name if (CHECKPOINTS / given.name).is_dir() else Path(given.name)]
    try:
        made = {folder: exported(folder) for folder in folders if is_foreign(folder)}
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if made and given.command == "build" and not given.precision:
        return 0
    folders = [made.get(folder, folder) for folder in folders]
    for folder in folders:
        if lacking := [name for name in ("config.json", "model.safetensors") if not (folder / name).is_file()]:
            parser.error(f"{folder} has no {' and no '.join(lacking)}")
    status = 0
    for folder in folders:
        if given.all:
            print(f"{folder.name}\n{'=' * len(folder.name)}")
        try:
            if given.command == "build" and given.precision:
                status = max(status, reduce(folder, given.precision, given.text))
            else:
                run = {"build": build, "verify": verify, "card": card, "means": means, "passages": passages}
                run |= {"smaller": smaller, "race": race}
                status = max(status, run[given.command](folder))
        except (FileNotFoundError, ValueError) as error:
            print(f"{folder.name}: {error}", file=sys.stderr)
            status = 1
    return status


def is_foreign(folder: Path) -> bool:
    """Whether a folder holds a model as `transformers` saves it, or an adapter as `peft` does."""
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        return True
    try:
        told = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and "family" not in told


def exported(folder: Path) -> Path:
    """A checkpoint of ours with its graphs, made of a folder in Hugging Face layout. Raises as `from_hub.local`."""
    from export import from_hub
    from model import config as configs
    from model import unsaid

    there = from_hub.local(folder)
    print(f"{folder.name}: its graphs are in {there}", flush=True)
    if told := unsaid.sentence(folder.name, configs.load(there)):
        print(told, flush=True)
    return there


def build(folder: Path) -> int:
    """Writes every graph of the family; a graph appears whole or not at all."""
    from export import families, graphs, weights
    from model import config as configs

    config = configs.load(folder)
    for graph, interface in families.interfaces(config).items():
        print(f"{graph}.onnx: tracing ...", end="", flush=True)
        begun = time.perf_counter()
        model = graphs.build(families.load(folder), interface)
        weights.point_into(model, folder / "model.safetensors")
        graphs.save(model, folder / f"{graph}.onnx")
        size = (folder / f"{graph}.onnx").stat().st_size
        print(f" {len(list(model.graph))} nodes, {size / 1e3:.0f} kB, {time.perf_counter() - begun:.0f} s", flush=True)
    return 0


def put(name: str, repository: str) -> int:
    """Uploads a model, exported first where its graphs are not there; prints how a server is told to offer it."""
    from export import upload
    from export.runtime import ready
    from model import config as configs

    folder = CHECKPOINTS / name if (CHECKPOINTS / name).is_dir() else Path(name)
    try:
        if is_published := not folder.is_dir() and name.count("/") == 1:
            from export import from_hub

            folder = from_hub.fetch(name)
        elif any(not (folder / graph).is_file() for graph in ready.graphs(configs.load(folder))):
            build(folder)
        digest = upload.upload(folder, name if is_published else folder.name, repository)
    except (OSError, ValueError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    print(f"{repository} holds {name}. A server offers it with\n\n  cutaway serve --models {repository}@{digest}")
    return 0


def reduce(folder: Path, precision: Precision, text: Path | None) -> int:
    """Writes the graphs of a lower precision, and prints what that changes in the predictions over a text."""
    from export import predictions, reduced

    passages = predictions.passages(text or predictions.HELD_OUT)
    next(predictions.predictions(folder, "float32", passages))  # what cannot be compared is refused before the work
    print(f"{precision}: tracing ...", flush=True)
    reduced.build(folder, precision)
    change = predictions.change(folder, precision, passages)
    print("\n".join(reduced.report(folder, precision, change)))
    if not change.finite:
        print("Some predictions are no numbers: float16 overflowed. Use --precision int8, or float32.", file=sys.stderr)
        return 1
    return 0


def verify(folder: Path) -> int:
    """Prints how far each program is from PyTorch in float64, and which operators run where."""
    from export import census, families, parity
    from model import config as configs

    graphs = list(families.interfaces(configs.load(folder)))
    programs = ("eager float32", *graphs)
    print(f"{'largest difference from float64':<36}" + "".join(f"{program:>22}" for program in programs))
    print(f"{'':<36}" + f"{'absolute':>13}{'relative':>9}" * len(programs))
    failures = []
    for kind, by_program in parity.compare(folder).items():
        row = f"{kind:<36}"
        for program in programs:
            if program not in by_program:
                row += f"{'':>22}"
                continue
            difference = by_program[program]
            row += f"{difference.absolute:>13.1e}{difference.relative:>9.0e}"
            failures += [f"{program} differs in {kind}: {case}" for case in difference.beyond]
        print(row)
    for graph in graphs:
        filed, ran = census.in_file(folder / f"{graph}.onnx"), census.in_run(folder, graph)
        print(f"\n{graph}.onnx: {filed.total()} nodes in the file, {ran.total()} kernels run")
        for op in sorted(filed.keys() | {op for op, _ in ran}):
            places = ", ".join(f"{count} on {provider}" for (which, provider), count in ran.items() if which == op)
            print(f"  {op:<36}{filed[op]:>4}  {places or 'folded when loaded'}")
        failures += census.missing(folder, graph)
    print("\n" + "\n".join(failures or ["Everything agrees."]))
    return 1 if failures else 0


def card(folder: Path) -> int:
    """Prints the op table."""
    from export import card as cards

    print(cards.table(folder))
    return 0


def means(folder: Path) -> int:
    """Writes the means of a checkpoint's parts over held-out stories."""
    from export import means as measuring

    count = measuring.write(folder)
    print(f"means.safetensors: over {count:,} tokens of stories that no bundled model was trained on")
    return 0


def passages(folder: Path) -> int:
    """Writes where in held-out stories a checkpoint's neurons are furthest from zero."""
    from export import passages as looking

    count = looking.write(folder)
    print(f"passages.safetensors: of {count:,} tokens of stories that no bundled model was trained on")
    return 0


def smaller(folder: Path) -> int:
    """Writes what it costs to make a checkpoint smaller."""
    from export import shrinking

    count = shrinking.write(folder)
    print(f"smaller.json: over {count:,} predictions on stories that no model was trained on")
    return 0


def race(folder: Path) -> int:
    """Writes how a checkpoint's 8-bit graphs run beside float32."""
    from export import race as racing

    for row in racing.write(folder):
        print(
            f"{row['graph']}, {row['n_tokens']} tokens after {row['n_past']}: float32 {row['float32_ms']:.2f} ms, "
            f"int8 {row['int8_ms']:.2f} ms"
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
