"""What a pass left behind, in the pieces in which its tokens were computed. Passes share pieces.

Axes: pos, query, key (tokens); head, kv_head; d_head.
"""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar

import numpy as np

from app.running.memory import WHOLE, heap
from app.running.piece import FIRST, LAST, LOGITS, SMALL, SPARE_BYTES, WORTH, Piece, Runner, Store, forget
from export.runtime.session import Cache
from model import taps
from model.config import GPTConfig
from model.study import position_math
from model.trace import Array, ForwardTrace, LateLogits, LateTaps, Stretch, read_only

MOST_SMALL = 8
"""Past so many small pieces at the end of a pass, they are put together for good."""
REQUESTS = 2
"""What the last so many requests have read stays, however much it is."""

_together: ContextVar[frozenset[str]] = ContextVar("together", default=frozenset())


@contextlib.contextmanager
def reading(names: Iterable[str]) -> Iterator[None]:
    """Within, whoever reads one of these taps reads all of them: what a run over a long text left out is computed for
    these alone.
    """
    token = _together.set(frozenset(names))
    try:
        yield
    finally:
        _together.reset(token)


class Pieces(LateTaps):
    """The taps of a pass; one is put together when it is read, and what no exhibit reads never is. What a run left out
    is computed when it is first read, by a run over the same tokens; from then on no run leaves it out. What of it
    nobody reads any more is let go (`forget_unread`), and logits that are read as a whole at once.

    Args:
        config: of the model.
        pieces: each with how many of its tokens count.
        past: keys and values as graphs take them, of the first of these tokens.
        asked_at: when the last `REQUESTS` requests came, the oldest first.
    """

    def __init__(
        self,
        config: GPTConfig,
        pieces: tuple[tuple[Piece, int], ...],
        past: Cache | None = None,
        asked_at: tuple[int, ...] = (0,) * REQUESTS,
    ) -> None:
        self._config, self._table = config, taps.table(config)
        self._first = {tap.name(layer) for layer in range(config.n_layers) for tap in FIRST}
        self._pieces = pieces
        self._past = past
        self._asked_at = asked_at
        self._whole: dict[str, Array] = {}
        self._whole_read_at: dict[str, int] = {}

    @classmethod
    def of(cls, trace: ForwardTrace, run: Runner) -> Pieces:
        """Those of any pass of a GPT."""
        if isinstance(trace.taps, Pieces):
            return trace.taps
        assert isinstance(trace.config, GPTConfig)
        piece = Piece({**trace.taps, LOGITS: trace.logits}, trace.streams["text"].ids, 0, run)
        return cls(trace.config, ((piece, piece.n_tokens),))

    def names(self, *, all_of_them: bool) -> list[str]:
        """The taps that the next run is to leave behind: those that are, or were, there of the tokens before."""
        if all_of_them:
            return list(self._table)
        last = self._pieces[-1][0] if self._pieces else None
        there = self._first if last is None else last.there.keys() | last.read_at.keys()
        return [name for name in self._table if name in there]

    def cut(self, n_tokens: int) -> Pieces:
        """The same of the first tokens."""
        if n_tokens == self.n_tokens:
            return self
        kept = [(piece, min(n, n_tokens - piece.start)) for piece, n in self._pieces if piece.start < n_tokens]
        return Pieces(self._config, tuple(kept), self._past, self._asked_at)

    def and_then(self, ids: Sequence[int], run: Runner, *, all_of_them: bool) -> Pieces:
        """The same, and behind it the tokens that follow.

        Args:
            ids: these tokens.
            run: runs the model over them.
            all_of_them: whether all taps are left behind at once.
        """
        before = self._pieces
        small = 0
        while small < len(before) and before[-1 - small][1] < SMALL:
            small += 1
        if small >= MOST_SMALL:
            before = (*before[:-small], self._as_one(before[-small:]))
        past = self.past() if before else None
        ran = run(ids, self.names(all_of_them=all_of_them), past)
        said = {LOGITS: ran.logits} if all_of_them or len(ids) < SMALL else {LAST: ran.logits[:, -1:].copy()}
        new = Piece({**ran.taps, **said}, ids, self.n_tokens, run)
        return Pieces(self._config, (*before, (new, new.n_tokens)), past, self._asked_at)

    def _as_one(self, pieces: tuple[tuple[Piece, int], ...]) -> tuple[Piece, int]:
        shared = set.intersection(*(set(piece.there) for piece, _ in pieces))
        there = {name: self._joined(name, pieces) for name in shared}
        ids = tuple(id for piece, n in pieces for id in piece.ids[:n])
        return Piece(there, ids, pieces[0][0].start, pieces[-1][0].run), len(ids)

    def forget_unread(self) -> None:
        """Called when a request has come for a pass: of a long text, what the requests before it have not read is let
        go, but for a few megabytes and what the run left behind at once. Read again, it is computed again.
        """
        since, *others = self._asked_at
        self._asked_at = (*others, time.monotonic_ns())
        if self.n_tokens <= WHOLE:
            return
        long_ones = [piece for piece, _ in self._pieces if piece.n_tokens >= WORTH]
        for piece in long_ones:
            if (logits := piece.there.get(LOGITS)) is not None:
                piece.there.setdefault(LAST, logits[:, -1:].copy())
        first = self._first | {LAST}
        stores: list[Store] = [(piece.there, piece.read_at, first) for piece in long_ones]
        heap.let_go(forget([(self._whole, self._whole_read_at, ()), *stores], since, SPARE_BYTES))

    def _values(self, piece: Piece, name: str, *, keeps_logits: bool = False) -> Array:
        """What a piece has of a tap or of the logits: if need be by a run over its tokens, for all taps that it lacks
        or, within `reading`, for those that are read together.
        """
        piece.read_at[name] = time.monotonic_ns()
        there = piece.there.get(name)
        if there is not None:
            return there
        together = _together.get()
        wanted = () if name == LOGITS else self._table.keys() & together if name in together else self._table
        past = self.cut(piece.start).past() if piece.start else None
        ran = piece.run(piece.ids, [one for one in wanted if one not in piece.there], past)
        piece.there.update(ran.taps)
        if name == LOGITS and keeps_logits:
            piece.there[LOGITS] = ran.logits
        return ran.logits if name == LOGITS else ran.taps[name]

    def past(self) -> Cache:
        """The keys and values of all tokens, in the form that graphs take. What was made of them for the pass before
        is gone on from: between two keys, most of it is the same.
        """
        past = self._past
        if past is None or past[0][0].shape[2] != self.n_tokens:
            pairs = []
            for layer in range(self._config.n_layers):
                known = (None, None) if past is None else past[layer]
                names = (taps.ROT_K.name(layer), taps.V.name(layer))
                pairs.append(tuple(self._as_past(name, known[at]) for at, name in enumerate(names)))
            past = self._past = tuple((key, value) for key, value in pairs)
        return past

    def hand_over(self) -> None:
        """Called when another pass has gone on from this one: the past is that one's, and is made anew if need be."""
        self._past = None

    def _as_past(self, name: str, known: Array | None) -> Array:
        """*Shape:* (1, kv_head, pos, d_head)."""
        shape = self.shapes[name]
        n = shape[1]
        whole = np.empty((1, shape[2], n, shape[3]), np.float32)
        n_known = 0 if known is None else min(n, known.shape[2])
        if known is not None:
            whole[:, :, :n_known] = known[:, :, :n_known]
        for piece, n_own in self._pieces:
            first = max(n_known, piece.start)
            if first < piece.start + n_own:
                rows = piece.there[name][:, first - piece.start : n_own]
                whole[:, :, first : piece.start + n_own] = rows.transpose(0, 2, 1, 3)
        for piece, n_own in self._pieces:
            if n_own == piece.n_tokens >= WORTH:  # what lies in here need not lie there as well
                piece.there[name] = whole[:, :, piece.start : piece.start + n_own].transpose(0, 2, 1, 3)
        return whole

    @functools.cached_property
    def n_tokens(self) -> int:
        """How many tokens they are of."""
        return self._pieces[-1][0].start + self._pieces[-1][1] if self._pieces else 0

    @functools.cached_property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of each tap."""
        n = self.n_tokens
        sizes = taps.sizes(self._config) | {"batch": 1} | dict.fromkeys(("pos", "query", "key"), n)
        return {name: tuple(sizes[axis] for axis in tap.axes) for name, tap in self._table.items()}

    def __getitem__(self, name: str) -> Array:
        if name not in self._table:
            raise KeyError(name)
        self._whole_read_at[name] = time.monotonic_ns()
        whole = self._whole.get(name)
        if whole is None:
            whole = self._joined(name, self._pieces)
            if self._table[name] is taps.BIAS:
                whole = position_math.ahead(whole, self._config.positions.scheme)
            whole = self._whole[name] = read_only(whole)
        return whole

    def row(self, name: str, position: int) -> Array:
        if name in self._whole or self._has_scores(name):
            whole: Array = self[name][0, position]
            return whole
        for piece, n in self._pieces:
            if position < piece.start + n:
                at = position - piece.start
                if name == LOGITS and LAST in piece.there and at == piece.n_tokens - 1:
                    return read_only(piece.there[LAST][0, 0])
                return read_only(self._values(piece, name, keeps_logits=True)[0, at])
        raise IndexError(f"{name} has {self.n_tokens} rows; number {position} was asked for")

    @property
    def nbytes(self) -> int:
        """What the pieces take at most, and the past that was made of them, in which some of theirs lies."""
        past = sum(array.nbytes for pair in self._past or () for array in pair)
        return past + sum(array.nbytes for piece, _ in self._pieces for array in list(piece.there.values()))

    def stretches(self, name: str) -> Iterator[Stretch]:
        rest = (self._config.d_vocab,) if name == LOGITS else self.shapes[name][2:]
        for piece, n in self._pieces:
            shape = (self._config.n_heads, n, piece.start + n) if self._has_scores(name) else (n, *rest)
            yield Stretch(piece.start, functools.partial(self._stretch, piece, name, n), piece.kept(name, n), shape)

    def _stretch(self, piece: Piece, name: str, n: int) -> Array:
        """*Shape:* (pos, ...), or (head, query, key)."""
        return read_only(self._part(piece, name, n)[0])

    def _has_scores(self, name: str) -> bool:
        return name in self._table and "key" in self._table[name].axes

    def _part(self, piece: Piece, name: str, n: int) -> Array:
        """What a piece has of its first `n` tokens: a row for each, or of scores the keys up to the last of them."""
        values = self._values(piece, name)
        if n == piece.n_tokens:
            return values
        return values[:, :, :n, : piece.start + n] if self._has_scores(name) else values[:, :n]

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def __len__(self) -> int:
        return len(self._table)

    def logits(self) -> Array:
        """*Shape:* (1, pos, d_vocab)."""
        return self._joined(LOGITS, self._pieces)

    def _joined(self, name: str, pieces: tuple[tuple[Piece, int], ...]) -> Array:
        """A tap of the tokens of some pieces. None reads a later token: what it has of those that came in a later
        piece is 0.
        """
        parts = [self._part(piece, name, n) for piece, n in pieces]
        if not self._has_scores(name):
            rows: Array = np.concatenate(parts, axis=1)
            return rows
        (first, _), (last, n_last) = pieces[0], pieces[-1]
        end = last.start + n_last
        whole = np.zeros((*parts[0].shape[:2], end - first.start, end), parts[0].dtype)
        for (piece, n), part in zip(pieces, parts, strict=True):
            at = piece.start - first.start
            whole[:, :, at : at + n, : part.shape[-1]] = part
        return whole


class LogitsOf(LateLogits):
    """The logits of pieces."""

    def __init__(self, pieces: Pieces) -> None:
        last = pieces.row(LOGITS, pieces.n_tokens - 1)
        self._pieces = pieces
        self.shape = (1, pieces.n_tokens, len(last))

    def row(self, position: int) -> Array:
        return self._pieces.row(LOGITS, position)

    def stretches(self) -> Iterator[Stretch]:
        return self._pieces.stretches(LOGITS)

    @functools.cached_property
    def _all(self) -> Array:
        return read_only(self._pieces.logits())

    def whole(self) -> Array:
        return self._all
