"""How a fraction is written: 3/4, 2 3/4, 1/2kg."""

from __future__ import annotations

from speechd_neural import expressions as re

# A unit may follow at once where the fraction is one that people measure by: 1/4lb, 1/1000m³.
FRACTION = re.compile(
    r"(?:([0-9]{1,6})[ -])?([0-9]{1,6})([/⁄])([0-9]{1,6})(?i:ths?|rds?|nds?)?"
    r"(?:(?![\w/]|[.,:-][0-9])|(?<=/[23458])(?=(?:kg|lbs?|oz|cups?|in|mi|cm|mm|m|g|L|l|ml|tsp|tbsp|pt|qt|gal)(?!\w))"
    r"|(?<=/10|/16|/32)(?=(?:in|mi|cm|mm|m|kg)(?!\w))|(?<=/1000)(?=(?:kg|mm|m|g|L|l)[²³]?(?!\w)))"
)
