"""Each mask against its definition as a loop over single pairs, past every window, stride and block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from transformers import MistralConfig
from transformers.masking_utils import create_sliding_window_causal_mask

from model import masks
from tests.model.util import places

N = 40
GLOBAL = torch.tensor([0, 5, 23])
BLOCKS = torch.from_numpy(masks.draw_random_blocks(10, 1, 2, seed=3, causal=False))

Pair = Callable[[int, int], bool]
CASES: dict[str, tuple[Callable[[Tensor, Tensor], Tensor], Pair]] = {
    "bidirectional": (masks.bidirectional, lambda q, k: True),
    "causal": (masks.causal, lambda q, k: k in range(q + 1)),
    "sliding window of 1": (lambda q, k: masks.sliding_window(q, k, 1), lambda q, k: k >= q),
    "sliding window of 7": (
        lambda q, k: masks.sliding_window(q, k, 7) & masks.causal(q, k),
        lambda q, k: k in range(q - 6, q + 1),
    ),
    "strided": (
        lambda q, k: masks.strided(q, k, 6),
        # Child et al. 2019, sec. 4.3: the union of both heads' index sets, with l = 6.
        lambda q, k: k in range(max(0, q - 6), q + 1) or k in [j for j in range(q + 1) if (q - j) % 6 == 0],
    ),
    "fixed": (
        lambda q, k: masks.fixed(q, k, 6, 2),
        # The same with c = 2: j mod l in {l - c, ..., l - 1}, or in the same block.
        lambda q, k: k in [j for j in range(q + 1) if j // 6 == q // 6 or j % 6 in (4, 5)],
    ),
    "both sides": (
        lambda q, k: masks.both_sides(q, k, 5),
        lambda q, k: k in range(q - 4, q + 5),
    ),
    "longformer": (
        lambda q, k: masks.longformer(q, k, 8, GLOBAL),
        lambda q, k: k in range(q - 4, q + 5) or q in (0, 5, 23) or k in (0, 5, 23),
    ),
    "longformer of an odd window": (
        lambda q, k: masks.longformer(q, k, 7, GLOBAL[:0]),
        lambda q, k: k in range(q - 3, q + 4),
    ),
    "bigbird": (
        lambda q, k: masks.bigbird(q, k, 4, 1, BLOCKS),
        lambda q, k: (
            q < 4
            or k < 4
            or k // 4 in (q // 4 - 1, q // 4, q // 4 + 1)
            or any(k in range(4 * block, 4 * block + 4) for block in BLOCKS[q // 4].tolist())
        ),
    ),
}
every_mask = pytest.mark.parametrize(("mask", "allows"), CASES.values(), ids=CASES)


@every_mask
def test_a_mask_is_its_definition_pair_by_pair(mask: Callable[[Tensor, Tensor], Tensor], allows: Pair):
    drawn = mask(places(N), places(N))
    assert drawn.dtype == torch.bool
    assert drawn.tolist() == [[[allows(q, k) for k in range(N)] for q in range(N)]]


@pytest.mark.parametrize(
    ("mask", "numbers"),
    [
        (masks.bidirectional, ()),
        (masks.causal, ()),
        (masks.sliding_window, (7,)),
        (masks.strided, (6,)),
        (masks.fixed, (6, 2)),
        (masks.longformer, (8, GLOBAL)),
        (masks.longformer, (8, GLOBAL[:0])),
        (masks.bigbird, (4, 1, BLOCKS)),
        (masks.document, ()),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_numpy_arrays_give_the_mask_that_tensors_give(mask: Callable[..., Any], numbers: tuple[Any, ...]):
    """Serving has no torch: the page builds its masks by the same body out of NumPy positions."""
    at = np.arange(N)[None]
    as_arrays = [number.numpy() if isinstance(number, Tensor) else number for number in numbers]
    array = mask(at, at, *as_arrays)
    assert isinstance(array, np.ndarray)
    assert np.array_equal(array, mask(places(N), places(N), *numbers).numpy())


@every_mask
def test_a_mask_of_the_last_tokens_is_the_end_of_the_whole_mask(mask: Callable[[Tensor, Tensor], Tensor], allows: Pair):
    """With a cache only the new tokens ask: their rows must be the same rows."""
    for n_past in (1, 6, 17, N - 1):
        assert torch.equal(mask(places(N - n_past, n_past), places(N)), mask(places(N), places(N))[:, n_past:])


@every_mask
def test_each_sequence_of_a_batch_has_its_own_positions(mask: Callable[[Tensor, Tensor], Tensor], allows: Pair):
    q, k = torch.stack([torch.arange(9), torch.arange(20, 29)]), torch.stack([torch.arange(12), torch.arange(18, 30)])
    together = mask(q, k)
    for row in range(2):
        assert torch.equal(together[row], mask(q[row : row + 1], k[row : row + 1])[0])


@pytest.mark.filterwarnings("ignore:.past_key_values. is deprecated:FutureWarning")  # renamed within transformers 5
@pytest.mark.parametrize("window", [1, 7, 39, 40, 100])
def test_causal_and_sliding_window_is_mistrals_mask(window: int):
    config = MistralConfig(sliding_window=window, attn_implementation="eager")
    theirs = create_sliding_window_causal_mask(
        config, inputs_embeds=torch.zeros(1, N, 4), attention_mask=None, past_key_values=None
    )
    ours = masks.causal(places(N), places(N)) & masks.sliding_window(places(N), places(N), window)
    assert torch.equal(ours, theirs[:, 0] == 0)


@pytest.mark.parametrize("name", ["longformer", "bigbird"])
def test_windows_and_global_tokens_are_mutual(name: str):
    """BigBird's random blocks are not: who is drawn need not look back."""
    mask = masks.longformer(places(N), places(N), 8, GLOBAL)
    if name == "bigbird":
        mask = masks.bigbird(places(N), places(N), 4, 1, BLOCKS[:, :0])
    assert torch.equal(mask, mask.mT)


def test_every_token_may_attend_to_itself():
    for mask, _ in CASES.values():
        assert mask(places(N), places(N))[0].diagonal().all()


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("n_blocks", [1, 3, 4, 5, 12])
def test_each_block_draws_of_those_that_it_does_not_see_anyway(n_blocks: int, causal: bool):
    """As many as are asked for wherever there are as many: also in the shortest text that has any."""
    drawn = masks.draw_random_blocks(n_blocks, 1, 2, seed=7, causal=causal)
    assert drawn.shape == (n_blocks, min(n_blocks, 2))
    for q, row in enumerate(drawn.tolist()):
        others = {k for k in range(1, n_blocks) if q > 0 and abs(q - k) > 1 and (k < q or not causal)}
        chosen = [k for k in row if k >= 0]
        assert len(chosen) == len(set(chosen)) == min(2, len(others))
        assert set(chosen) <= others


def test_random_blocks_are_the_same_for_the_same_seed_and_others_for_another():
    drawn = masks.draw_random_blocks(12, 1, 2, seed=7, causal=False)
    assert np.array_equal(drawn, masks.draw_random_blocks(12, 1, 2, seed=7, causal=False))
    assert not np.array_equal(drawn, masks.draw_random_blocks(12, 1, 2, seed=8, causal=False))


def test_every_other_block_is_as_likely_to_be_drawn():
    counted = np.zeros(9)
    for seed in range(400):
        counted += np.bincount(masks.draw_random_blocks(9, 1, 1, seed, causal=False)[4], minlength=9)
    assert set(np.flatnonzero(counted)) == {1, 2, 6, 7, 8}
    assert counted[counted > 0].min() > 50


def test_less_than_no_random_block_is_refused():
    with pytest.raises(ValueError, match="n_random is -1; choose 0 or more"):
        masks.draw_random_blocks(12, 1, -1, seed=0, causal=True)


def test_padding_hides_keys_from_every_query():
    is_token = torch.tensor([[True, True, False], [True, False, False]])
    mask = masks.causal(places(3), places(3)) & masks.padding(is_token)
    assert mask.tolist() == [
        [[True, False, False], [True, True, False], [True, True, False]],
        [[True, False, False], [True, False, False], [True, False, False]],
    ]


def test_a_callers_mask_takes_away_and_never_gives():
    mask = masks.causal(places(3), places(3))
    assert masks.restrict(mask, None) is mask
    first_only = torch.tensor([[[True, False, False]], [[True, True, True]]])
    restricted = masks.restrict(mask, first_only)
    assert restricted.tolist() == [[[True, False, False]] * 3, mask[0].tolist()]


@pytest.mark.parametrize(
    "mask", [torch.ones(1, 5, 5), torch.ones(5, 5, dtype=torch.bool), torch.ones(1, 1, 5).long()], ids=str
)
def test_a_callers_mask_of_another_kind_is_refused(mask: Tensor):
    with pytest.raises(ValueError, match=r"attention_mask is torch\.\w+ \(.*\); give bool \(batch, query, key\)"):
        masks.restrict(masks.causal(places(5), places(5)), mask)


def test_documents_do_not_see_each_other():
    numbers = torch.tensor([[0, 0, 1, 1, 1, 0]])
    expected = [[a == b for b in numbers[0].tolist()] for a in numbers[0].tolist()]
    assert masks.document(numbers, numbers).tolist() == [expected]
    assert masks.document(numbers[:, 4:], numbers)[0].tolist() == expected[4:]
