"""The number of points that a message gives. Plain functions over folded text."""

import re

from bot.nlu.clauses import MONTH, NOT_THIS

NUMBER = re.compile(
    r"(?<![\d.,/:-])(\d{1,3}[ .,]\d{3}|\d{2,5})(?![\d/:]|[.,]\d|-\d|\s*(?:eur\w*|eiro|€|%|mm|d\b|"
    r"dien\w*|day\w*|gad\w*|min\w*|stund\w*|h\b|hour\w*|week\w*|nedel\w*|produkt\w*|product\w*|kamer\w*|lens\w*|objektiv\w*))"
)
MONEY = re.compile(r"\b(?:eiro|eur|euros?|naud\w*|money)\b|€")
MISSING = re.compile(r"(?:pietruk\w*|truk\w*|nepietiek|short|missing|lack\w*|vel|more) +(?:\w+ +)?$")
# Figures that are only compared or denied: "500 or 2500?", "I do not have 500".
OR_BEFORE, OR_AFTER = re.compile(r"\d\W*(?:\w+ )?(?:vai|or)\W*$"), re.compile(r"^\W*(?:\w+ )?(?:vai|or) \W*\d")
HAS_NOT = re.compile(
    r"\b(?:nav|nebija|(?:do|did)(?: not|n'?t) have|never had|have(?: not|n'?t)(?: got)?)\W+(?:\w+\W+)?$"
)
OF_POINTS = re.compile(r"^\W*(?:p\b|pts?\b|punkt\w*|points?\b|poin\w*|bonus\w*)")
# A total to come, and points that are added to the present ones.
IN_ALL = re.compile(
    r"\b(?:kopa|kopuma|bus|butu|total|in all|together|altogether|would have|will have|makes|vai ar)\b\W*$"
)
ON_TOP = re.compile(r"(?:\b(?:vel|klat|plus|another|extra)|\+) *$")
SUM = re.compile(r"(?<![\d.,/:-])(\d{2,5}) ?(?:p\w* )?(?:\+|plus\b) ?(?:\w+ )?(\d{2,5})\b")
FEW = 100  # points
# Once a number was told, another figure counts where the customer says to have it, supposes it, or says nothing else.
HAS = re.compile(
    r"\b(?:man|mums|ir|bija|bus|tagad|jau|sakraj\w*|ar|ja|have|has|had|i've|we've|got|reached|now|with|if|actually|"
    r"isteniba|pareizak|drizak|sorry|precizak|tikai|only)\b"
)
THRESHOLDS = {500, 2000, 2500, 2501}
MAX_WORDS_OF_FIGURE = 4
NEEDED = re.compile(r"\b(?:vajag|vajadz\w*|truk\w*|need\w*)\b(?: \w+)?\W*$")
ON_TOP_AFTER = re.compile(r"^ (?:more\b|klat\b)(?! than)")
# Points that are missing, and an earlier figure: "20 points short", "from 2700 to 2350".
SHORT = re.compile(r"(?:pietruk\w*|truk\w*|short|missing|lack\w*)\W+(?:\w+\W+)?$")
OF_SHORT = re.compile(r"^ ?(?:p|pts?|points?|punkt\w*)? ?(?:short|missing|pietruk|truk)")
FROM, TO = re.compile(r"\b(?:no|from)\W*$"), re.compile(r"^\W*(?:p\w*\W+)?(?:palika|atlika|lidz|uz|to|down to)\W+\d")
OF_DAY = re.compile(rf"^(?:st|nd|rd|th)\b|^\.(?!\d)|^\W*{MONTH}")
IN_YEAR = re.compile(r"\b(?:in|since|kops)\W*$")
YEARS = range(1990, 2100)
NEIGHBOURHOOD = 100  # characters before a figure that may say what it counts


def points_in(said: str, known: int = 0) -> int | None:
    """Return the number of points that a folded text gives, with or without the word; not the points that are missing.

    `known` is the number told before: additional points are added to it.
    """
    added = SUM.search(said)
    if added:
        return sum(int(re.sub(r"\D", "", figure)) for figure in added.groups())
    candidates = []
    is_short = len(said.split()) <= MAX_WORDS_OF_FIGURE
    of_money = bool(MONEY.search(said))
    for one in NUMBER.finditer(said):
        value = int(re.sub(r"\D", "", one[1]))
        before, after = said[max(0, one.start() - NEIGHBOURHOOD) : one.start()], said[one.end() :]
        of_points = bool(OF_POINTS.match(after))
        if of_money and not of_points:  # "100 euros? or 500?"
            continue
        if after.startswith("+"):  # "2500+", a limit
            continue
        if IN_ALL.search(before):
            return value
        if known and not NEEDED.search(before) and (ON_TOP.search(before) or ON_TOP_AFTER.match(after)):
            return known + value
        if OR_BEFORE.search(before) or OR_AFTER.match(after) or HAS_NOT.search(before):
            continue
        if NOT_THIS.search(before) or (MISSING.search(before) and not of_points):
            continue
        has = HAS.search(before)
        # "2000?? so how many am I short", "I read 1600 somewhere".
        if known and not has and (not is_short or ("?" in after and value in THRESHOLDS)):
            continue
        if known and not has and not of_points and value in {limit - known for limit in THRESHOLDS}:  # "so 600?"
            continue
        if not of_points and value < FEW <= known:  # hardly all of the points: "14 more is not much"
            continue
        if SHORT.search(before) or OF_SHORT.match(after) or (FROM.search(before) and TO.match(after)):
            continue
        if not of_points and value <= 31 and (OF_DAY.match(after) or re.search(rf"\b{MONTH}\W*$", before)):
            continue
        in_year = IN_YEAR.search(before) or re.search(rf"\b{MONTH}\W*$", before)
        if value in YEARS and (re.match(r"^\W*g(?:ad|\b)", after) or (in_year and not of_points)):
            continue
        candidates.append((not of_points, value))
    return min(candidates, key=lambda one: one[0])[1] if candidates else None
