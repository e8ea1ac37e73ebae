"""What a model does not say, and why: the sentence that stands where its predictions would.

No torch here.
"""

from __future__ import annotations

from model.config import BertConfig, Config, T5Config

SILENT = "{model} predicts no token: {why}."
WITHOUT = "it was published without the head that says {which}"
REPLACED = (
    "its head says of each token whether it was replaced by another (as ELECTRA's discriminator does), not which it was"
)
INSTEAD = "it was published with {aside} and not with the one that says {which}. That head is left aside here"
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
    which = "which token was masked" if isinstance(config, BertConfig) else "which token comes next"
    if isinstance(config, BertConfig) and config.head == "replaced":
        why = REPLACED
    else:
        why = INSTEAD.format(aside=aside, which=which) if aside else WITHOUT.format(which=which)
    return SILENT.format(model=model, why=why) + (READS_TWICE if isinstance(config, T5Config) else "")
