"""Every function and operator this engine evaluates, declared in tables, one row for each way to call it."""

from __future__ import annotations

from architect.expressions.functions import arithmetic, conversion, dates, lists, logic, objects, text
from architect.expressions.overloads import tabulate

FUNCTIONS = tabulate(
    [
        *text.OVERLOADS,
        *logic.OVERLOADS,
        *arithmetic.OVERLOADS,
        *conversion.OVERLOADS,
        *lists.OVERLOADS,
        *dates.OVERLOADS,
        *objects.OVERLOADS,
    ]
)
"""By name in lower case. Operators go by their symbols, see `architect.expressions.tree`."""

LAZY = frozenset({"and", "or", "if", "?"})
"""What does not evaluate all its arguments."""

NOT_EVALUATED = frozenset(
    """
    Average ConvertCurrency DayOfWeek DetectLanguage EmailAddressDomainPart EmailAddressLocalPart
    FindSystemPrompt FindUserPrompt GetCurrencySymbol GetDayOfWeekOccurrence MakeEmailAddress MakeListCurrency
    Range RoundUp ToAudioBool ToAudioCurrency ToAudioDate ToAudioDateTime ToAudioNumber ToAudioNumberOrdinal
    ToAudioPercent ToAudioPhoneNumber ToAudioTime ToAudioTimeRange WeekNum
    """.lower().split()
)
"""More functions of the Architect expression help; an expression with one is refused."""
