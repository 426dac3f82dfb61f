"""Whether this machine's clock is right, by what others say the time is."""

from __future__ import annotations

from collections.abc import Mapping

from app.doctor.check import Check

TOLERATED_SECONDS = 60
NAME = "clock"


def clock(skews: Mapping[str, float]) -> Check:
    """Judge by the seconds that our clock is ahead of the clocks of those who answered, by their names."""
    if not skews:
        return Check(NAME, "skipped", "nobody answered who tells the time", "Put right what could not be reached.")
    who, skew = max(skews.items(), key=lambda each: abs(each[1]))
    if abs(skew) <= TOLERATED_SECONDS:
        return Check(NAME, "ok", f"within {max(1, round(abs(skew)))} s of {', '.join(sorted(skews))}")
    return Check(
        NAME,
        "warning",
        f"{abs(skew):.0f} s {'ahead of' if skew > 0 else 'behind'} that of {who}: tokens are refused before they "
        "expire, or not yet taken, and spans stand at the wrong time",
        "Let the network set the clock of whichever is wrong (NTP; `timedatectl set-ntp true`).",
    )
