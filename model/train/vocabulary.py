"""Learning a vocabulary: byte-level BPE for the GPTs, WordPiece for BERT, Unigram with sentinels for T5."""

from __future__ import annotations

import io
import itertools
from collections import Counter
from collections.abc import Iterable

import tokenizers
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers

END, END_ID = "<|endoftext|>", 0

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"

N_LETTERS = 200
"""Distinct characters of a WordPiece vocabulary; words with a rarer one are unknown."""

N_SENTINELS = 16
"""A text of n_ctx tokens has fewer spans."""
T5_PAD, T5_END, T5_UNK = "<pad>", "</s>", "<unk>"
SENTINELS = [f"<extra_id_{index}>" for index in range(N_SENTINELS)]


def id_of(tokenizer: tokenizers.Tokenizer, name: str) -> int:
    """The id of an entry. Raises ValueError where there is none."""
    id = tokenizer.token_to_id(name)
    if id is None:
        raise ValueError(f"the vocabulary has no entry {name!r}")
    return id


def byte_level_bpe(texts: Iterable[str], d_vocab: int) -> tokenizers.Tokenizer:
    """Byte-level BPE with GPT-2's pre-tokenization, no normalizer, and `<|endoftext|>` as entry 0."""
    tokenizer = tokenizers.Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=d_vocab,
        special_tokens=[END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def word_piece(texts: Iterable[str], d_vocab: int) -> tokenizers.Tokenizer:
    """WordPiece with BERT's rules: lower case, no accents, words apart; the special tokens are entries 0 to 4."""
    specials, texts = [PAD, UNK, CLS, SEP, MASK], list(texts)
    tokenizer = tokenizers.Tokenizer(models.WordPiece(unk_token=UNK))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    # The trainer numbers the letters that go on inside a word as it comes across them, in no fixed order, and settles
    # ties between merges by number. Given to it beforehand they have fixed ones, and the same text the same vocabulary.
    counts = Counter(itertools.chain.from_iterable(map(tokenizer.normalizer.normalize_str, texts)))
    letters = sorted(letter for letter, _ in counts.most_common(N_LETTERS) if not letter.isspace())
    inside = [f"##{letter}" for letter in letters]
    trainer = trainers.WordPieceTrainer(
        vocab_size=d_vocab,
        special_tokens=[*specials, *inside],
        initial_alphabet=letters,
        limit_alphabet=len(letters),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    # A new model, to which the letters are no special tokens.
    learned = tokenizers.Tokenizer(models.WordPiece(tokenizer.get_vocab(), unk_token=UNK))
    learned.normalizer, learned.pre_tokenizer = tokenizer.normalizer, tokenizer.pre_tokenizer
    learned.decoder = decoders.WordPiece()
    learned.add_special_tokens(specials)
    learned.post_processor = processors.TemplateProcessing(
        single=f"{CLS} $A {SEP}",
        pair=f"{CLS} $A {SEP} $B:1 {SEP}:1",
        special_tokens=[(CLS, specials.index(CLS)), (SEP, specials.index(SEP))],
    )
    return learned


def unigram(texts: Iterable[str], d_vocab: int) -> tokenizers.Tokenizer:
    """Unigram as SentencePiece learns it (Kudo 2018): `<pad>`, `</s>`, `<unk>` and the sentinels come first.

    A sentinel takes in the space on its left, so that "I <extra_id_0> you." reads as a text that `spans.corrupt` cut.
    """
    import sentencepiece  # needed to learn a vocabulary, not to train with one

    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=model,
        model_type="unigram",
        vocab_size=d_vocab,
        hard_vocab_limit=False,
        character_coverage=0.9998,
        num_threads=1,  # more of them add up in no fixed order
        pad_id=0,
        eos_id=1,
        unk_id=2,
        bos_id=-1,
        pad_piece=T5_PAD,
        eos_piece=T5_END,
        unk_piece=T5_UNK,
        user_defined_symbols=SENTINELS,
        minloglevel=2,
    )
    learned = sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())
    pieces = [(learned.id_to_piece(id), learned.get_score(id)) for id in range(learned.get_piece_size())]
    tokenizer = tokenizers.Tokenizer(models.Unigram(pieces, unk_id=2, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(tokenizers.Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    tokenizer.add_special_tokens([T5_PAD, T5_END, T5_UNK])
    sentinels = [tokenizers.AddedToken(sentinel, lstrip=True, special=True) for sentinel in SENTINELS]
    tokenizer.add_special_tokens(sentinels)
    tokenizer.post_processor = processors.TemplateProcessing(single=f"$A {T5_END}", special_tokens=[(T5_END, 1)])
    return tokenizer
