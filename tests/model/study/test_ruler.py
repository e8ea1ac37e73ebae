"""The ruler: every vocabulary that ships cuts as the published one does, and every byte of a text is accounted for."""

from __future__ import annotations

import itertools
import time
from functools import cache
from pathlib import Path

import pytest
import tokenizers as published
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, models, normalizers, pre_tokenizers

from model import tokenizers
from model.made_of import shares
from model.study.ruler import Axis, Cut, Rule, by_characters
from model.tokenizer import Tokenizer
from model.tokenizers import FIELD, OWN, PLAIN, Vocabulary

NASTY = [
    "",
    " ",
    "Hello  World\tand\r\n\nmore   ",
    "a family 👨‍👩‍👧, a flag 🇫🇷, a thumb 👍🏽, a heart ❤️",
    "שלום עולם, مرحبا بالعالم \u202eabc\u202c",
    "e\u0301 n\u0303 Z\u0351\u036b\u0343 naïve Ångström ﬁ ½ ㍿ ﷺ",
    "人人生而自由，在尊严和权利上一律平等。すべての人間は 모든 인간은",
    "NUL \x00 and \x07\x1b[31m \ufeff\ufffd \U0010ffff",
    "a<|endoftext|>b [MASK] [CLS] </s> <s> <unk> <0x41>",
    "def f(x):\n\treturn  x**2  # 1,234.50\n",
    "unbelievable" * 12,
]
BYTE_LEVEL = ["openai-community/gpt2", "Xenova/gpt-4", "bpe", "byte"]
any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
vocabularies = pytest.mark.parametrize("vocabulary", tokenizers.available(), ids=lambda one: one.name)


@cache
def rule(name: str) -> Rule:
    """One vocabulary, read once."""
    vocabulary = next(one for one in (*OWN, *FIELD, *PLAIN) if one.name == name)
    return Rule(tokenizers.load(tokenizers.read(vocabulary)))


def fresh(normalizer: normalizers.Normalizer) -> Rule:
    """Characters as entries, of a text that is normalized first."""
    inner = published.Tokenizer(models.WordLevel({"[UNK]": 0, "a": 1, "é": 2, "b": 3}, unk_token="[UNK]"))
    inner.normalizer = normalizer
    inner.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), behavior="isolated")
    return Rule(Tokenizer(inner))


def covered(cut: Cut) -> list[tuple[int, int]]:
    return list(zip(cut.starts, cut.ends, strict=True))


@pytest.mark.parametrize("vocabulary", FIELD, ids=lambda one: one.name)
def test_ids_are_those_of_the_published_file(hub_cache: Path, vocabulary: Vocabulary) -> None:
    folder = hub_cache / f"models--{vocabulary.name.replace('/', '--')}" / "snapshots"
    (path,) = folder.glob("*/tokenizer.json")
    assert tokenizers.read(vocabulary) == path.read_text(encoding="utf-8"), "the file that ships is the published one"
    original = published.Tokenizer.from_file(str(path))
    original.encode_special_tokens = True  # no text can smuggle a special token in
    for text in NASTY:
        cut = rule(vocabulary.name).cut(Axis(text))
        assert list(cut.ids) == original.encode(text, add_special_tokens=False).ids, text


@pytest.mark.parametrize("name", [*BYTE_LEVEL, "microsoft/Phi-3-mini-4k-instruct"])
@given(text=any_text)
@example(NASTY[3])
@example(NASTY[7])
@settings(max_examples=25)
def test_tokens_of_bytes_are_the_bytes_of_the_text_one_behind_the_other(name: str, text: str) -> None:
    axis = Axis(text)
    cut = rule(name).cut(axis)
    assert cut.returns
    assert rule(name).lost(axis, cut) == 0
    for index, ((start, end), written) in enumerate(zip(covered(cut), cut.written, strict=True)):
        space = b" " if index == 0 and "/Phi" in name else b""  # SentencePiece puts one in front of a text
        assert written in (axis.data[start:end], space + axis.data[start:end])
    assert [0, *cut.ends][-1] == len(axis.data)
    assert all(end == start for end, start in zip(cut.ends, cut.starts[1:], strict=False))


@vocabularies
def test_tokens_stand_in_the_order_of_the_text_and_within_it(vocabulary: Vocabulary) -> None:
    for axis in map(Axis, NASTY):
        places = list(itertools.chain.from_iterable(covered(rule(vocabulary.name).cut(axis))))
        assert [0, *places, len(axis.data)] == sorted([0, *places, len(axis.data)]), axis.text


@vocabularies
def test_a_character_is_held_by_a_token_or_counted_as_lost(vocabulary: Vocabulary) -> None:
    """What is in no token and not read as a space, or in an unknown one, is in the count; nothing else is."""
    ruled = rule(vocabulary.name)
    for axis in map(Axis, NASTY):
        cut = ruled.cut(axis)
        lost = 0
        for (start, end), character in zip(itertools.pairwise(axis.places), axis.text, strict=True):
            touching = [index for index, (a, b) in enumerate(covered(cut)) if a < end and start < b and a < b]
            held = sum(min(cut.ends[index], end) - max(cut.starts[index], start) for index in touching)
            unknown = any(index in cut.unknown for index in touching)
            lost += unknown or (held < end - start and not ruled.reads_as_space(character))
        assert ruled.lost(axis, cut) == lost, axis.text


def test_what_is_read_as_a_space_is_not_lost() -> None:
    """The definition below the table leaves it aside; Flan-T5 reads what has no width as a space, BERT drops it."""
    flan, bert = rule("google/flan-t5-small"), rule("google-bert/bert-base-cased")
    for text in ("a\u200bb", "a \ufeff b", "\u200eab", "ab\u200d"):
        axis = Axis(text)
        assert flan.lost(axis, flan.cut(axis)) == 0, ascii(text)
    axis = Axis("a\u200db")
    assert bert.lost(axis, bert.cut(axis)) == 1
    family = Axis("👨\u200d👩")
    assert flan.lost(family, flan.cut(family)) == 2  # the two faces, of which it has no entry


def test_an_unknown_token_writes_nothing_and_keeps_its_place() -> None:
    axis = Axis("a 你 dog")
    bert = rule("google-bert/bert-base-uncased")
    cut = bert.cut(axis)
    assert [(axis.data[a:b].decode(), w) for (a, b), w in zip(covered(cut), cut.written, strict=True)] == [
        ("a", b"a"),
        ("你", b""),
        ("dog", b"dog"),
    ]
    assert cut.unknown == [1]
    assert bert.lost(axis, cut) == 1
    assert not cut.returns


def test_a_token_read_in_another_case_stands_where_it_was_typed() -> None:
    cut = rule("google-bert/bert-base-uncased").cut(Axis("The Café"))
    assert list(zip(cut.starts, cut.ends, cut.written, strict=True)) == [(0, 3, b"the"), (4, 9, b"cafe")]


def test_a_composed_accent_is_part_of_the_token_that_composed_it() -> None:
    axis = Axis("ae\u0301b")
    assert covered(fresh(normalizers.NFC()).cut(axis)) == [(0, 1), (1, 4), (4, 5)]
    qwen = rule("Qwen/Qwen2-VL-7B-Instruct")
    cut = qwen.cut(axis)
    assert cut.ends[-1] == len(axis.data)
    assert qwen.lost(axis, cut) == 0


def test_a_stripped_accent_is_lost() -> None:
    axis = Axis("ae\u0301b")
    stripping = fresh(normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]))
    assert stripping.lost(axis, stripping.cut(axis)) == 2  # the accent, and the e, which this vocabulary does not know


def test_tokens_that_share_a_character_divide_its_bytes() -> None:
    axis = Axis("x😀")
    whole = [(0, 1), *[(1, 2)] * 4]
    by_bytes = by_characters(axis, whole, [b"x", b"\xf0", b"\x9f", b"\x98", b"\x80"])
    assert by_bytes == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    starts, ends = by_characters(axis, [(0, 1), (1, 2), (1, 2)], [b"x", b"smile", b"y"])
    assert (starts[1], ends[-1]) == (1, 5)
    assert ends[1] == starts[2]


def test_a_byte_without_an_entry_is_left_out_and_lost() -> None:
    """StarCoder2's vocabulary has no entry for the byte F1."""
    axis = Axis("a\U00040000b")
    starcoder = rule("bigcode/starcoder2-15b")
    cut = starcoder.cut(axis)
    assert covered(cut) == [(0, 1), (2, 3), (3, 4), (4, 5), (5, 6)]
    assert starcoder.lost(axis, cut) == 1
    assert not cut.returns


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        Axis("a\ud800b")


@pytest.mark.parametrize(
    ("name", "kind", "around"),
    [
        ("openai-community/gpt2", "byte-level BPE", 0),
        ("microsoft/Phi-3-mini-4k-instruct", "BPE, rare bytes", 0),
        ("google-bert/bert-base-cased", "WordPiece", 2),
        ("google/flan-t5-small", "Unigram", 1),
    ],
)
def test_a_vocabulary_tells_its_kind_and_what_it_puts_around_a_text(name: str, kind: str, around: int) -> None:
    assert (rule(name).kind, rule(name).around) == (kind, around)


def test_many_tokens_of_one_character_run_are_shared_out_in_time_that_grows_with_the_text() -> None:
    """Each share once needed a sum over all of them: 10,000 times U+FDFA kept a server busy for half a minute."""
    n = 30_000
    begun = time.process_time()
    shared = shares(b"\xef\xb7\xba" * n, [b"x"] * n)
    assert time.process_time() - begun < 2.0  # the sum of sums took half a minute
    assert len(shared) == n
    assert shared[-1] == (3 * n - 3, 3 * n)
