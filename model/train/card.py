"""CARD.md: what a checkpoint was trained on and how, how good it is beside a baseline, and ten samples of it; in front
what the hub reads of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import safetensors.torch
import tokenizers
import torch
from torch import nn

from model import config as configs
from model.config import BertConfig, Config, GPTConfig
from model.pretrained import MODULES
from model.study import points as measured
from model.study.recipe import Recipe
from model.train import curve, front_matter
from model.train.plans import PLANS
from model.train.report import Trained


def load(folder: Path) -> tuple[Any, tokenizers.Tokenizer]:
    """The model and the vocabulary in a checkpoint folder, in float32."""
    config = configs.load(folder)
    module: nn.Module = MODULES[config.family](config)
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    module.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    return module.eval(), tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))


def shape_of(config: Config) -> str:
    """What the model is made of, in words."""
    gated = isinstance(config, BertConfig) or not config.gated_mlp
    heads = f"{config.n_heads} heads of width {config.head_width}"
    if config.kv_heads != config.n_heads:
        heads += f" on {config.kv_heads} heads of keys and values"
    layers = f"{config.n_layers} layers"
    if not isinstance(config, BertConfig | GPTConfig):
        layers = f"An encoder of {config.n_layers} and a decoder of {config.decoder_layers} layers"
    mlp = f"{config.activation}{'' if gated else ', gated'}"
    parts = [f"{layers} of width {config.d_model}", heads, f"feed-forward of width {config.d_mlp} ({mlp})"]
    if isinstance(config, GPTConfig) and (experts := config.experts) is not None:
        parts.append(
            f"in layers {', '.join(map(str, config.expert_layers))}, counted from 0, in its place {experts.n_experts} "
            f"experts of width {experts.d_expert}, of which each token takes {experts.top_k}"
        )
    return f"{'; '.join(parts)}. {config.d_vocab:,} entries, {config.n_ctx} tokens of context."


def command(state: dict[str, Any], name: str) -> str:
    """The command line of a run, from the `state.pt` that it left."""
    recipe, workers = state["made_by"], state["made_by"]["workers"]
    start = "python -m" if workers == 1 else f"torchrun --standalone --nproc-per-node {workers} -m"
    options = {
        **state["lasts"],
        **{option: recipe[option] for option in ("lr", "batch_tokens", "label_smoothing", "seed")},
    }
    words = (f"--{option.replace('_', '-')} {value}" for option, value in options.items() if value is not None)
    return f"{start} model.train {name} --data DIR --out DIR {' '.join(words)}"


def write(name: str, data: Path, out: Path) -> str:
    """Measures the checkpoint in `out`, writes `CARD.md` and its curve's baselines there; returns the card."""
    plan, (module, tokenizer) = PLANS[name], load(out)
    state, points = torch.load(out / "state.pt", map_location="cpu", weights_only=True), measured.read(out)
    fixed = {option: state["made_by"][option] for option in Recipe(steps=1).fixed()}
    recipe = Recipe(steps=state["lasts"]["steps"], **fixed)
    config = configs.load(out)
    task = plan.task.load(config, recipe, data, tokenizer)
    report = plan.report(Trained(config, module, tokenizer, task, recipe, out))
    if report.baselines:
        curve.write_baselines(report.baselines, out)
    text = CARD.format(
        name=name,
        what=report.what,
        shape=shape_of(config),
        data=report.data,
        n_seen=f"{points[-1].tokens / 1e6:.1f}",
        steps=f"{points[-1].step:,}",
        hours=f"{points[-1].hours:.2f}",
        command=command(state, name),
        held_out=report.held_out,
        samples=report.samples,
        limits=report.limits,
    )
    text = front_matter.of(name, text) + text
    (out / "CARD.md").write_text(text, encoding="utf-8")
    return text


CARD = """\
# {name}

{what}

{shape}

## Data

{data}

## Training

{n_seen} million predicted tokens in {steps} steps and {hours} hours.

```
{command}
```

With `--hours` the learning rate follows the clock, so another machine repeats the run closely; with `--steps` alone
the seed repeats it exactly.

![Loss against tokens seen](curve.svg)

## Held-out figures

{held_out}

## Ten samples

{samples}

## Limits

{limits}
"""
