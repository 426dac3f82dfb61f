"""Genesys Architect's expression language, offline: read, checked and evaluated without an organisation.

The rules are those of the Architect expression help and of Genesys' own expression parser; what these leave open is
listed in `architect.expressions.choices`.
"""

from architect.expressions.errors import CheckError, EvaluationError, ExpressionError
from architect.expressions.expression import Expression
from architect.expressions.phone_number import PhoneNumber
from architect.expressions.values import NOT_SET, Audio, AudioPart, Currency, Entity

__all__ = [
    "NOT_SET",
    "Audio",
    "AudioPart",
    "CheckError",
    "Currency",
    "Entity",
    "EvaluationError",
    "Expression",
    "ExpressionError",
    "PhoneNumber",
]
