"""How hard the tests of this folder try, and what their inputs are made of.

`make test` gives each of them a few dozen inputs, `make fuzz` thousands, for as long as it is told.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

_COMMON = {
    "deadline": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large],
}
settings.register_profile("seconds", max_examples=80, stateful_step_count=15, **_COMMON)
settings.register_profile("minutes", max_examples=1000, stateful_step_count=50, print_blob=True, **_COMMON)

fuzz = settings.get_profile(os.environ.get("FUZZ_PROFILE", "seconds"))
"""What each test here is decorated with."""

ODD = st.sampled_from(
    [
        "\x00", "\x1b", "\r\n", "\u2028", "\u202e", "\ufeff", "\ud800", "\udfff", "\U0010ffff", "\u00e9", "e\u0301",
        "\u0130", "\u1e9e", "\ufdfa", "\u2103", "\u0661", "\u00b2", "\uff11", "\u200b", "\u00a0", "9" * 400, "0" * 40,
        "-" * 40, "%25" * 20, "a" * 300, "(" * 80, "[" * 80, "{" * 80, '"' * 9, "\\" * 9, "1e999", "NaN", "../", "${",
    ]
)  # fmt: skip
"""Pieces that parsers stumble over."""


def pieces(words: Sequence[str], *, most: int = 12) -> st.SearchStrategy[str]:
    """Return texts that are nearly of a language: its own words, with odd pieces and chance between them."""
    piece = st.one_of(st.sampled_from(words), st.sampled_from(words), ODD, st.text(max_size=4))
    return st.lists(piece, max_size=most).map("".join)


@st.composite
def damaged(draw: st.DrawFn, texts: Sequence[str]) -> str:
    """Return one of some good texts with a few places in it changed."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        other = draw(st.integers(0, len(text)))
        put = draw(st.one_of(ODD, st.just(""), st.text(max_size=6), st.just(text[other : other + 40])))
        text = text[:start] + put + text[end:]
    return text


@contextmanager
def bounded(seconds: float = 1) -> Iterator[None]:
    """Fail where what is done takes more than so much of this thread's own time, however busy the machine is."""
    began = time.thread_time()
    yield
    took = time.thread_time() - began
    assert took < seconds, f"took {took:.1f} seconds"
