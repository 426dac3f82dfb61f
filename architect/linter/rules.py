"""Every rule, by its name."""

from __future__ import annotations

from architect.linter.contract_rules import CONTRACT_RULES
from architect.linter.file_rules import FILE_RULES
from architect.linter.request_rules import REQUEST_RULES
from architect.linter.response_rules import RESPONSE_RULES

RULES = {rule.id: rule for rule in (*FILE_RULES, *CONTRACT_RULES, *REQUEST_RULES, *RESPONSE_RULES)}
