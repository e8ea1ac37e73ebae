"""The order of examples."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from model.train import pools
from model.train.pools import Pools

Made = tuple[str, int, int]


def pools_of(seed: int = 0) -> Pools[Made]:
    """Two sources; what is made of an item has a random size."""
    return Pools(
        {"a": 700, "b": 90},
        lambda name, i, rng: (name, i, int(rng.integers(1, 30))),
        lambda made: (made[2],),
        200,
        seed,
    )


def test_batches_are_no_larger_than_asked_and_waste_little():
    taken = [pools_of().take({"a": 1}) for _ in range(1)] + [
        batch for p in [pools_of()] for batch in (p.take({"a": 1}) for _ in range(80))
    ]
    padded = [len(batch) * max(made[2] for made in batch) for batch in taken]
    assert max(padded) <= 200
    assert sum(made[2] for batch in taken for made in batch) > 0.9 * sum(padded)


def test_examples_of_two_texts_share_a_batch_with_others_whose_both_texts_are_as_long():
    """A two-word answer beside a translation would be padded to its length."""

    def make(name: str, i: int, rng: np.random.Generator) -> Made:
        return name, int(rng.integers(5, 60)), 2 if name == "judged" else int(rng.integers(5, 60))

    order = Pools({"judged": 500, "translated": 500}, make, lambda made: (made[2], made[1]), 2000, 0)
    taken = [order.take({"judged": 1, "translated": 1}) for _ in range(100)]
    padded = [len(batch) * (max(made[1] for made in batch) + max(made[2] for made in batch)) for batch in taken]
    assert max(padded) <= 2000
    assert sum(made[1] + made[2] for batch in taken for made in batch) > 0.85 * sum(padded)


def test_an_epoch_has_every_item_once(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pools, "POOL", 90)
    order = pools_of()
    for _ in range(3):
        seen: Counter[int] = Counter()
        while sum(seen.values()) < 90:
            seen.update(made[1] for made in order.take({"b": 1}))
        assert seen == Counter(range(90))


def test_sources_are_drawn_by_their_shares_as_they_change():
    order = pools_of()
    seen: list[str] = []
    while len(seen) < 2 * pools.POOL:
        shares = {"a": 3, "b": 1} if len(seen) < pools.POOL else {"b": 1.0}
        seen += [made[0] for made in order.take(shares)]
    assert seen[: pools.POOL].count("a") == pools.POOL * 3 // 4
    assert seen[pools.POOL :].count("a") == 0


@pytest.mark.parametrize("taken", [0, 1, 60, 300])
def test_restored_pools_go_on_where_they_were(taken: int):
    order, restored = pools_of(), pools_of()
    for _ in range(taken):
        order.take({"a": 1, "b": 1})
    restored.restore(order.state())
    for _ in range(150):
        assert order.take({"a": 1}) == restored.take({"a": 1})


def test_the_order_is_a_function_of_the_seed():
    assert [pools_of(1).take({"a": 1})] == [pools_of(1).take({"a": 1})] != [pools_of(2).take({"a": 1})]


def test_a_source_without_items_is_named():
    with pytest.raises(ValueError, match="nothing to train on in b"):
        Pools({"a": 1, "b": 0}, lambda *_: np.zeros(1), lambda made: (len(made),), 10, 0)
