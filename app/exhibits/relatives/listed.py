"""The table of published models as markup: it depends on no text, so that it is written once."""

from __future__ import annotations

from html import escape

from model.relatives import parameters, table
from model.relatives.shape import Shape
from model.relatives.table import Relative

HEAD = ("blocks", "width", "heads", "feed-forward", "entries", "context", "parameters")
"""What stands over the numbers, behind the name."""


def markup() -> str:
    """A table with a body for each family."""
    heads = "".join(f'<th scope="col">{name}</th>' for name in HEAD)
    known = table.load()
    bodies = "".join(_family(name, said, known.of_family(name)) for name, said in known.families.items())
    rows = "tr[data-id]:not(.said)"
    return f"""<table data-rows="{rows}"><thead><tr><th scope="col">model</th>{heads}</tr></thead>{bodies}</table>"""


def _family(name: str, said: str, models: tuple[Relative, ...]) -> str:
    rows = "".join(_row(model) for model in models)
    columns = 1 + len(HEAD)
    title = f'<tr class="of-family"><th scope="rowgroup" colspan="{columns}"><b>{name}</b> {escape(said)}</th></tr>'
    return f"<tbody>{title}{rows}</tbody>"


def _row(model: Relative) -> str:
    """Two rows: the name with the numbers, and what it changed with where they stand."""
    name = (
        f'<th scope="row"><button type="button" class="plain" data-relative="{model.id}" aria-pressed="false">'
        f"{escape(model.name)}</button><small>{escape(model.by)}, {model.year}</small></th>"
    )
    sources = f'<small class="source">{escape(source_of(model))}</small>' if model.shape else ""
    below = f'<td colspan="{1 + len(HEAD)}"><span>{escape(model.changed)}</span>{sources}</td>'
    if model.shape is None:
        cells = f'<td class="undisclosed" colspan="{len(HEAD)}"><b>not published</b></td>'
        closed = f"{model.changed} {model.undisclosed}"
        below = f'<td colspan="{1 + len(HEAD)}"><span>{escape(closed)}</span></td>'
    else:
        told = zip(HEAD, _cells(model, model.shape), strict=True)
        cells = "".join(f'<td data-of="{of}">{said}</td>' for of, said in told)
    return f'<tr data-id="{model.id}">{name}{cells}</tr><tr class="said" data-id="{model.id}">{below}</tr>'


def _cells(model: Relative, shape: Shape) -> tuple[str, ...]:
    depth = f"{shape.n_layers}" + (f" + {shape.n_decoder_layers}" if shape.n_decoder_layers else "")
    heads = f"{shape.n_heads}" if shape.n_heads else "–"
    if shape.n_heads != shape.n_kv_heads and not shape.latent:
        heads += f"<small>{shape.n_kv_heads} of keys, values</small>"
    if shape.latent:
        heads += "<small>one latent</small>"
    wide = f"{shape.d_ff:,}" if shape.d_ff else ""
    if shape.experts:
        wide = f"{shape.experts.n} × {shape.experts.d_ff:,}<small>{shape.experts.chosen} of them a token</small>"
    total, active = parameters.total(shape), parameters.active(shape)
    used = f"<small>{short(active)} a token</small>" if shape.experts else ""
    stated = f"{model.published}" + (f", {model.active} a token" if model.active else "")
    context = f"{shape.n_ctx:,}" if shape.n_ctx else "–"
    return (
        depth,
        f"{shape.d_model:,}",
        heads,
        wide or "–",
        f"{shape.d_vocab:,}",
        context,
        f"<b>{short(total)}</b>{used}<small>stated: {stated}</small>",
    )


def source_of(model: Relative) -> str:
    """Where the numbers of a row stand, and the count: "sizes: …; entries: …; count: …"."""
    by_source: dict[str, list[str]] = {}
    for number, source in model.sources.items():
        by_source.setdefault(source, []).append(NAMES.get(number, number))
    sizes = "; ".join(f"{', '.join(numbers)}: {source}" for source, numbers in by_source.items())
    return f"{sizes}; count stated: {model.published_in}"


NAMES = {
    "all": "sizes",
    "d_vocab": "entries",
    "n_ctx": "context",
    "d_ff": "feed-forward",
    "d_head": "width of a head",
    "n_heads": "heads",
    "n_positions": "positions",
    "n_segments": "segments",
    "n_windowed": "layers with a window",
}
"""What a number is called whose source is another than that of the others."""


def short(count: int) -> str:
    """A count in four figures: 109.5 M, 8.191 B, 671.0 B."""
    value, unit = (count / 1e9, "B") if count >= 1e9 else (count / 1e6, "M")
    return f"{value:.{max(0, 4 - len(str(int(value))))}f}&nbsp;{unit}"
