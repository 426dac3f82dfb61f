"""Phone numbers as Architect reads them: telephone numbers and SIP addresses (choice `phone-numbers`)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_PUNCTUATION = str.maketrans("", "", " ()-./")
_NUMBER = re.compile(r"\+?([0-9]{3,15})", re.ASCII)
_SIP = re.compile(r"(sips?):([^@\s]+@[^@\s]+)@?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class PhoneNumber:
    """A number as it was written, from which all else is worked out."""

    raw: str

    @property
    def digits(self) -> str | None:
        """The digits of a telephone number, None for anything else."""
        text = self.raw.strip()
        number = _NUMBER.fullmatch((text[4:] if text[:4].lower() == "tel:" else text).translate(_PUNCTUATION))
        return number[1] if number else None

    @property
    def address(self) -> str | None:
        """A SIP address with its scheme, None for anything else."""
        sip = _SIP.fullmatch(self.raw.strip())
        return f"{sip[1].lower()}:{sip[2]}" if sip else None

    @property
    def uri(self) -> str:
        """The number with its scheme; what could not be read stays as it was written."""
        return f"tel:+{self.digits}" if self.digits else self.address or self.raw

    def properties(self) -> dict[str, object]:
        """List the properties an expression can read; None is NOT_SET."""
        scheme = self.uri.partition(":")[0] if self.digits or self.address else None
        return {
            "e164": f"+{self.digits}" if self.digits else None,
            "uri": self.uri,
            "raw": self.raw,
            "scheme": scheme,
            "isTel": self.digits is not None,
            "isSip": self.address is not None,
            "isGlobal": self.digits is not None,
        }

    def __eq__(self, other: object) -> bool:
        """Compare telephone numbers by digits, SIP addresses by address, all else as written (Architect's `==`)."""
        return isinstance(other, PhoneNumber) and self.uri == other.uri

    def __hash__(self) -> int:
        return hash(self.uri)
