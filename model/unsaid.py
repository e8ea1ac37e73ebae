"""What a model does not say, and why: the sentence that stands where its predictions would.

No torch here.
"""

from __future__ import annotations

from model.config import BertConfig, Config, T5Config

SILENT = "{model} predicts no token: {why}."
WITHOUT = "it was published without {missing}"
REPLACED = (
    "its head says of each token whether it was replaced by another (as ELECTRA's discriminator does), not which it was"
)
INSTEAD = "it was published with {aside} and not with {missing}. That head is left aside here"
READS_TWICE = " Its decoder writes nothing: it reads the beginning of the same text, one token behind."
BESIDE = "{model} was published with {aside} too; that head is left aside here."


def sentence(model: str, config: Config) -> str | None:
    """Why a model predicts no token, and what was left aside of it; None where neither is the case.

    Args:
        model: what it is called.
        config: what it is made of.
    """
    aside = config.left_aside
    if config.predicts:
        return BESIDE.format(model=model, aside=aside) if aside else None
    if isinstance(config, BertConfig) and config.head == "replaced":
        why = REPLACED
    else:
        missing = _missing(config, "one" if aside else "head")
        why = INSTEAD.format(aside=aside, missing=missing) if aside else WITHOUT.format(missing=missing)
    return SILENT.format(model=model, why=why) + (READS_TWICE if isinstance(config, T5Config) else "")


def _missing(config: Config, head: str) -> str:
    """What would predict."""
    if not isinstance(config, BertConfig):
        return f"the {head} that says which token comes next"
    if config.positions.scheme == "t5":
        return "the decoder that reads what this encoder made, and writes"
    return f"the {head} that says which token was masked"
