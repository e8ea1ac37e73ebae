"""`python -m model.train`: train the bundled models, fetch text to train on, write a card, draw loss curves.

On several GPUs, or on the cores of one CPU that others use too: `torchrun --nproc-per-node N -m model.train gpt ...`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from model.charts.picture import NoBrowserError
from model.config import PRESETS
from model.train import card, curve, everything, front_matter
from model.train.fetch import fetch
from model.train.loop import train
from model.train.plans import PLANS


def parser() -> argparse.ArgumentParser:
    """The command line."""
    main = argparse.ArgumentParser(prog="python -m model.train", description="Train the models of Cutaway.")
    commands = main.add_subparsers(dest="command", required=True)
    for name, plan in PLANS.items():
        recipe = plan.recipe
        text = f"train {name}, or go on with the run that --out holds"
        command = commands.add_parser(
            name, help=text, description=text.capitalize(), formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        folders(command)
        command.add_argument("--steps", type=int, default=recipe.steps, help="steps of the optimizer at most")
        command.add_argument("--hours", type=float, help="hours of training at most; the schedule ends with them")
        command.add_argument("--lr", type=float, default=recipe.lr, help="peak of the learning rate")
        command.add_argument(
            "--batch-tokens", type=int, default=recipe.batch_tokens, help="tokens in a batch of one process"
        )
        command.add_argument(
            "--label-smoothing", type=float, default=recipe.label_smoothing, help="probability spread evenly"
        )
        command.add_argument("--seed", type=int, default=recipe.seed, help="of the weights and the order of the data")
        command.add_argument(
            "--snapshots", type=int, default=0, help="moments to keep in timelapse.npz, on a log scale of steps"
        )
    text = "train every model that is not trained yet, one after the other, and write their cards"
    command = commands.add_parser("all", help=text, description=text.capitalize())
    folders(command)
    text = "download public text to train on into a folder that --data can name"
    command = commands.add_parser("fetch", help=text, description=text.capitalize())
    command.add_argument("--out", type=Path, default=Path("data"), help="the data folder (default: data)")
    text = "measure a trained model and write its CARD.md"
    command = commands.add_parser("card", help=text, description=text.capitalize())
    command.add_argument("name", choices=PLANS)
    folders(command)
    text = "write anew what the hub reads of cards, which stands in front of them and is made of them"
    command = commands.add_parser("front", help=text, description=text.capitalize())
    command.add_argument("folders", type=Path, nargs="+", help="folders of checkpoints, by the models' names")
    text = "draw the loss curves of runs, curve.svg, from their curve.csv"
    command = commands.add_parser("curves", help=text, description=text.capitalize())
    command.add_argument("folders", type=Path, nargs="+", help="folders of runs, or of checkpoints")
    return main


def folders(command: argparse.ArgumentParser) -> None:
    """Adds the data folder and the run's folder."""
    command.add_argument("--data", type=Path, required=True, help="folder with tinystories.txt[.xz] and the like")
    command.add_argument(
        "--out", type=Path, required=True, help="folder of the run: state, weights, loss curve; of all runs for `all`"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Does what the command line says."""
    args = parser().parse_args(arguments)
    if args.command == "fetch":
        try:
            fetch(args.out)
        except OSError as error:
            sys.exit(f"The text could not be fetched: {error}\nWith a network, the same command goes on from here.")
    elif args.command == "card":
        card.write(args.name, args.data, args.out)
        draw([args.out])
    elif args.command == "all":
        everything.train_all(args.data, args.out)
        draw(folder for name in PLANS if not curve.is_drawn(folder := args.out / name))
    elif args.command == "front":
        front_matter.rewrite(args.folders)
    elif args.command == "curves":
        draw(args.folders)
    else:
        given = ("steps", "hours", "lr", "batch_tokens", "label_smoothing", "seed")
        recipe = replace(PLANS[args.command].recipe, **{option: getattr(args, option) for option in given})
        train(PRESETS[args.command], recipe, args.data, args.out, PLANS[args.command].task, args.snapshots)
        if int(os.environ.get("RANK", 0)) == 0:  # of the processes that torchrun starts
            draw([args.out])


def draw(folders: Iterable[Path]) -> None:
    """Draws the curves of runs, or says why it cannot: their points are there either way."""
    try:
        curve.draw(folders)
    except NoBrowserError as error:
        sys.exit(f"{error}\nThe points are in curve.csv; `python -m model.train curves FOLDER` draws them later.")


if __name__ == "__main__":
    main()
