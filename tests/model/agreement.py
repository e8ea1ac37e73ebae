"""How far what we load is from what `transformers` computes with it: logits and all attention probabilities.

`python -m tests.model.agreement` prints the worst difference of each architecture, the README's table.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from model import taps
from model.config import Place, T5Config
from model.pretrained import Pretrained
from model.transformer.capture import capture
from model.transformer.t5 import T5
from tests.model.published import DECODERS, ENCODER_DECODERS, N_TOKENS, PADDING_ID, random_peer, saved
from tests.model.published_encoders import ENCODERS

CASES = {**DECODERS, **ENCODERS, **ENCODER_DECODERS}


def random_ids(n_tokens: int = N_TOKENS, seed: int = 1) -> Tensor:
    """Two rows of token ids, none of them that of padding. *Shape:* (2, n_tokens)."""
    return torch.randint(5, 97, (2, n_tokens), generator=torch.Generator().manual_seed(seed))


def left_padding(n_tokens: int = N_TOKENS) -> Tensor:
    """True at real tokens: the second row begins with 7 others. *Shape:* (2, n_tokens)."""
    return torch.arange(n_tokens).ge(torch.tensor([[0], [7]]))


@dataclass
class Difference:
    """The worst seen so far, of logits and of attention probabilities."""

    logits: float = 0.0
    pattern: float = 0.0

    def or_worse(self, other: Difference) -> Difference:
        """The worse of the two, number by number."""
        return Difference(max(self.logits, other.logits), max(self.pattern, other.pattern))

    def note(self, kind: str, ours: Tensor, theirs: Tensor, rows: Tensor | None = None) -> None:
        """Compares (batch, pos, ...) or (batch, head, pos, key), in the rows that count: *Shape:* (batch, pos)."""
        assert ours.shape == theirs.shape, (kind, ours.shape, theirs.shape)
        if rows is not None:
            ours, theirs = (x.movedim(-2, 1)[rows] if x.dim() == 4 else x[rows] for x in (ours, theirs))
        worst = (ours - theirs).abs().max().item()
        assert worst == worst, f"{kind}: not a number"
        setattr(self, kind, max(getattr(self, kind), worst))


def run(module: nn.Module, names: list[str], *args: Any, **kwargs: Any) -> tuple[Any, dict[str, Tensor]]:
    """The output of a forward pass without gradients, and the named taps."""
    with torch.no_grad(), capture(module, names) as taken:
        output = module(*args, **kwargs)
    return output, taken


def patterns(n_layers: int, place: Place = "text") -> list[str]:
    """The names of the taps with the attention probabilities."""
    return [taps.PATTERN.at(place).name(layer) for layer in range(n_layers)]


def compare_decoder(loaded: Pretrained, peer: Any, padding: Tensor | None = None) -> Difference:
    """One pass over a text, and the same text token by token with a cache, against the peer's one pass."""
    ids = random_ids()
    theirs = peer_output(peer, ids, padding)
    names = patterns(loaded.config.n_layers)
    worst = Difference()
    mask = None if padding is None else padding[:, None, :]
    output, taken = run(loaded.module, names, ids, attention_mask=mask)
    worst.note("logits", output.logits, theirs.logits, padding)
    for name, attention in zip(names, theirs.attentions, strict=True):
        # A constant pattern would agree with a model that computes nothing.
        assert attention.var(dim=-1).max() > 1e-3
        worst.note("pattern", taken[name], attention, padding)

    past = None
    for start, end in [(0, 21), (21, 40), *((at, at + 1) for at in range(40, N_TOKENS))]:
        part_of_mask = None if mask is None else mask[:, :, :end]
        output, taken = run(loaded.module, names, ids[:, start:end], past=past, attention_mask=part_of_mask)
        past = output.cache
        rows = None if padding is None else padding[:, start:end]
        worst.note("logits", output.logits, theirs.logits[:, start:end], rows)
        for name, attention in zip(names, theirs.attentions, strict=True):
            worst.note("pattern", taken[name], attention[:, :, start:end, :end], rows)
    return worst


def compare_encoder(
    loaded: Pretrained, peer: Any, extra: Mapping[str, Any], padding: Tensor | None = None
) -> Difference:
    """One pass, all heads that there are."""
    ids = random_ids()
    if padding is not None:
        ids = ids.masked_fill(~padding, PADDING_ID)
    theirs = peer_output(peer, ids, padding, **extra)
    names = patterns(loaded.config.n_layers)
    mask = None if padding is None else padding[:, None, :]
    ours, taken = run(loaded.module, names, ids, extra.get("token_type_ids"), attention_mask=mask)
    worst = Difference()
    for name, attention in zip(names, theirs.attentions, strict=True):
        assert attention.var(dim=-1).max() > 1e-3
        worst.note("pattern", taken[name], attention, padding)
    worst.note("logits", ours.hidden, theirs.hidden_states[-1], padding)
    summary = torch.ones(2, dtype=torch.bool) if padding is None else padding[:, 0]
    ours_theirs = {
        "logits": "prediction_logits" if "prediction_logits" in theirs else "logits",
        "replaced": "logits",
        "next_sentence": "seq_relationship_logits",
        "pooled": "pooler_output",
    }
    for mine, other in ours_theirs.items():
        if getattr(ours, mine) is not None and getattr(theirs, other, None) is not None:
            rows = summary if mine in ("next_sentence", "pooled") else padding
            worst.note("logits", getattr(ours, mine), getattr(theirs, other), rows)
    return worst


def compare_encoder_decoder(loaded: Pretrained, peer: Any, padding: Tensor | None = None) -> Difference:
    """One pass, and decoding token by token with a cache, the encoder and the cross-attention cache computed once."""
    ids, written = random_ids(), random_ids(30, seed=2)
    theirs = peer_output(peer, ids, padding, decoder_input_ids=written)
    mask = None if padding is None else padding[:, None, :]
    config, module, worst = loaded.config, loaded.module, Difference()
    assert isinstance(config, T5Config)
    assert isinstance(module, T5)
    kinds = {
        "encoder": (patterns(config.n_layers, "encoder"), theirs.encoder_attentions, padding),
        "decoder": (patterns(config.decoder_layers, "decoder"), theirs.decoder_attentions, None),
        "cross": (patterns(config.decoder_layers, "cross"), theirs.cross_attentions, None),
    }
    every = [name for names, _, _ in kinds.values() for name in names]
    output, taken = run(loaded.module, every, ids, written, attention_mask=mask, cross_mask=mask)
    headless = "logits" not in theirs  # a bare model writes with its embedding table, as `transformers` lets it
    said = theirs.last_hidden_state @ peer.shared.weight.T if headless else theirs.logits
    worst.note("logits", output.logits, said)
    for names, attentions, rows in kinds.values():
        for name, attention in zip(names, attentions, strict=True):
            assert attention.var(dim=-1).max() > 1e-3
            worst.note("pattern", taken[name], attention, rows)

    names = [*kinds["decoder"][0], *kinds["cross"][0]]
    past, cross = None, output.cross
    for at in range(written.shape[1]):
        with torch.no_grad(), capture(loaded.module, names) as taken:
            step = module.decode(written[:, at : at + 1], cross, past, cross_mask=mask)
        past = step.cache
        worst.note("logits", step.logits, said[:, at : at + 1])
        for name, attention in zip(names, [*theirs.decoder_attentions, *theirs.cross_attentions], strict=True):
            keys = slice(None) if ".cross_attn." in name else slice(at + 1)
            worst.note("pattern", taken[name], attention[:, :, at : at + 1, keys])
    return worst


def peer_output(peer: Any, ids: Tensor, padding: Tensor | None, **extra: Any) -> Any:
    """What `transformers` computes."""
    mask = None if padding is None else padding.long()
    with torch.no_grad():
        return peer(ids, attention_mask=mask, output_attentions=True, output_hidden_states=True, **extra)


def worst_of(name: str) -> Difference:
    """The worst difference of one case: without padding, padded on the left and on the right."""
    case = CASES[name]
    peer, worst = random_peer(case), Difference()
    with tempfile.TemporaryDirectory() as folder:
        loaded = saved(peer, Path(folder))
        for padding in (None, left_padding(), left_padding().flip(1)):
            if name in DECODERS:
                seen = compare_decoder(loaded, peer, padding)
            elif name in ENCODERS:
                seen = compare_encoder(loaded, peer, case.extra, padding)
            else:
                seen = compare_encoder_decoder(loaded, peer, padding)
            worst = worst.or_worse(seen)
    return worst


def table(worst: Mapping[str, Difference]) -> str:
    """The cases as Markdown, those of one architecture in a row; the README has it."""
    rows: dict[str, tuple[list[str], Difference]] = {}
    for name, difference in worst.items():
        architecture, _, variant = name.partition(", ")
        variants, so_far = rows.get(architecture, ([], Difference()))
        rows[architecture] = [*variants, *filter(None, [variant])], so_far.or_worse(difference)
    lines = ["| architecture | variants held | logits | attention probabilities |", "| --- | --- | ---: | ---: |"]
    lines += [
        f"| {architecture} | {'; '.join(variants)} | {difference.logits:.1e} | {difference.pattern:.1e} |"
        for architecture, (variants, difference) in rows.items()
    ]
    return "\n".join(lines)


def main() -> None:
    """Prints the table."""
    worst = {}
    for name in tqdm(CASES, unit="model"):
        worst[name] = worst_of(name)
    print(table(worst))


if __name__ == "__main__":
    main()
