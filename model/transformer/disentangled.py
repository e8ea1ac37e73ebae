"""Disentangled attention: scores that add what contents say of distances (DeBERTa, He et al. 2021, sec. 3.1).

    scores_ij = (q_i · k_j + q_i · kr_d(i,j) + k_j · qr_d(i,j)) / sqrt(d_head (1 + terms))

kr and qr are vectors of distances, projected in every block; d(i, j) is the row of the distance i - j. So transformers
and the published weights have it. It departs from the paper's equation 4 in the last term, where the paper has
qr_d(j,i), and in its buckets for far distances (`model.study.position_math.distance_rows`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from model.config import PositionConfig
from model.study import position_math
from model.transformer.attention import Attention
from model.transformer.passes import LayerPass
from model.transformer.positions import Learned, PositionScheme


class Disentangled(PositionScheme):
    """The vectors of distances, which all blocks share, and which of them stands for which distance.

    Where a published model normalizes the vectors (`norm_rel_ebd`), they are normalized as they are loaded.

    Args:
        absolute: vectors that are added to the embeddings besides; none unless given.
    """

    rows_by_distance: Tensor

    def __init__(self, rule: PositionConfig, *, d_model: int, absolute: Learned | None) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(2 * rule.n_buckets, d_model))
        self.absolute = absolute
        self.n_positions = None if absolute is None else absolute.n_positions
        self.max_distance = rule.max_distance
        rows = position_math.distance_rows(rule.n_buckets, rule.max_distance, rule.log_buckets)
        self.register_buffer("rows_by_distance", torch.tensor(rows, device="cpu"), persistent=False)

    def embed(self, positions: Tensor) -> Tensor | None:
        return None if self.absolute is None else self.absolute.embed(positions)

    def rows(self, q_positions: Tensor, k_positions: Tensor) -> Tensor:
        """Which of them stands between two tokens. *Shape:* (batch, query), (batch, key) -> (batch, query, key)."""
        distance = q_positions[:, :, None] - k_positions[:, None, :]
        index = distance.clamp(-self.max_distance, self.max_distance) + self.max_distance
        return nn.functional.embedding(index, self.rows_by_distance[:, None]).squeeze(-1)


class DisentangledAttention(Attention):
    """Attention whose position terms are dot products of contents with vectors of distances."""

    def __init__(
        self, rule: PositionConfig, *, d_model: int, n_heads: int, d_head: int, bias: bool, scale: float
    ) -> None:
        super().__init__(
            d_model=d_model,
            n_heads=n_heads,
            n_kv_heads=n_heads,
            d_head=d_head,
            bias=bias,
            biased_scores=True,
            scale=scale,
        )
        self.terms = rule.terms
        self.pos_k, self.pos_q = (
            nn.Linear(d_model, n_heads * d_head, bias=bias)
            if term in rule.terms and not rule.shared_projections
            else None
            for term in ("c2p", "p2c")
        )

    def _bias(self, q: Tensor, k: Tensor, layer_pass: LayerPass) -> Tensor:
        scheme = layer_pass.scheme
        assert isinstance(scheme, Disentangled)
        vectors, rows = scheme.weight[None], scheme.rows(layer_pass.q_positions, layer_pass.k_positions)
        added = []
        if "c2p" in self.terms:
            keys = (self.k if self.pos_k is None else self.pos_k)(vectors)
            added.append(self._of_distances(q, keys, rows))
        if "p2c" in self.terms:
            queries = (self.q if self.pos_q is None else self.pos_q)(vectors)
            added.append(self._of_distances(k, queries, rows.mT).mT)
        return (added[0] if len(added) == 1 else added[0] + added[1]) * self.scale

    def _of_distances(self, contents: Tensor, vectors: Tensor, rows: Tensor) -> Tensor:
        """The dot product of each token with the vector of its distance to each other one, head by head.

        Args:
            contents: *Shape:* (batch, pos, head x d_head).
            vectors: *Shape:* (1, 2 n_buckets, head x d_head).
            rows: *Shape:* (batch, pos, other).

        Returns:
            *Shape:* (batch, head, pos, other).
        """
        tokens, places = (x.unflatten(-1, (self.n_heads, -1)).transpose(1, 2) for x in (contents, vectors))
        return (tokens @ places.mT).gather(-1, rows[:, None].expand(-1, self.n_heads, -1, -1))
