"""Figures (R27–R30)."""

import re
from collections.abc import Iterator
from decimal import Decimal
from math import prod

import polars as pl

from donbas_recognition.checks.files import ROW
from donbas_recognition.checks.rules.registry import Hits, Tables, hits, rule

BOUNDS = {
    "exact": {"best"},
    "estimated": {"best"},
    "approx": {"best"},
    "nearly": {"best"},
    "at_least": {"low"},
    "more_than": {"low"},
    "up_to": {"high"},
    "range": {"low", "high"},
}
# Number words: Russian, Ukrainian, English, Polish, German.
_WORDS = {
    0: "zero",
    1: "один|одна|одне|one|jeden|eins",
    2: "два|две|дві|two|dwa|zwei",
    3: "три|three|trzy|drei",
    4: "четыре|чотири|four|cztery|vier",
    5: "пять|п'ять|five|pięć|fünf",
    6: "шесть|шість|six|sześć|sechs",
    7: "семь|сім|seven|siedem|sieben",
    8: "восемь|вісім|eight|osiem|acht",
    9: "девять|дев'ять|nine|dziewięć|neun",
    10: "десять|ten|dziesięć|zehn",
    11: "одиннадцать|одинадцять|eleven|jedenaście|elf",
    12: "двенадцать|дванадцять|twelve|dwanaście|zwölf",
}
_UNITS = {word: number for number, words in _WORDS.items() for word in words.split("|")}
_SCALES = {
    100: "hundred",
    1_000: (
        "k|thousand|тыс|тысяч|тысячи|тысяча|тысячу|тысячью|тысячах|тысячам|"
        "тис|тисяч|тисячі|тисяча|тисячу|тисячах|tys|tysięcy|tysiące|tysiąc|tausend|mila|mille|mil"
    ),
    1_000_000: "m|mn|million|millions|млн|миллион|миллиона|миллионов|мільйон|мільйона|мільйонів",
}
_FACTORS = {word: factor for factor, words in _SCALES.items() for word in words.split("|")}
_SCALE = rf"(?:hundred[-\s])?(?:{'|'.join(sorted(_FACTORS, key=len, reverse=True))})\b"
_NUMBER = re.compile(
    # Digits in groups of three or plain, with decimals; then perhaps a scale. Or a word, but not
    # the end of a compound («twenty-five»), of which only the numbers up to twelve are known.
    rf"(?<![\w.,])(?P<digits>\d{{1,3}}(?:[,.\s’']\d{{3}})+(?!\d)|\d+(?:[.,]\d+)?)"
    rf"(?:[-\s]?(?P<scale>{_SCALE})\.?)?"
    rf"|\b(?<!ty[-\s])(?P<word>{'|'.join(sorted(_UNITS, key=len, reverse=True))})\b"
    rf"(?:[-\s](?P<word_scale>{_SCALE}))?"
    rf"|\b(?P<half>half\s)?an?\s(?P<article_scale>{_SCALE})",
    re.IGNORECASE,
)
# What may stand between the two numbers of a range.
_BETWEEN = re.compile(r"\s*(?:[-–—/]|\b(?:to|and|or|до|и|или|і|та|або|bis|und|oder)\b)\s*", re.I)
# Two numbers in plain digits and nothing that could change them: "between 4,700 and 9,000".
_PLAIN = r"([0-9]{1,3}(?:,[0-9]{3})*)"
_PAIR = (
    rf"^(?:\P{{N}}*[^\w\p{{N}}.,])?{_PLAIN}(?:\s*[-–—]\s*|\s+(?:and|to)\s+){_PLAIN}"
    r"[^\p{L}\p{N}]*$"
)


def _value(match: re.Match[str]) -> tuple[Decimal, str | None]:
    """Number before its scale, and the scale."""
    if match["article_scale"]:
        return Decimal("0.5" if match["half"] else 1), match["article_scale"]
    if match["word"]:
        return Decimal(_UNITS[match["word"].lower()]), match["word_scale"]
    digits, scale = match["digits"], match["scale"]
    # 150.000 is grouped, 1.125 million is not.
    decimal = scale and re.fullmatch(r"\d{1,3}\.\d{3}", digits)
    if not decimal and re.fullmatch(r"\d{1,3}(?:[,.\s’']\d{3})+", digits):
        return Decimal(re.sub(r"\D", "", digits)), scale
    return Decimal(digits.replace(",", ".")), scale


def numbers(text: str) -> set[int]:
    """Whole numbers that a printed value gives.

    Understands digits in groups (150,000; 190 000; 150.000), decimals and scales (120k, 1.5
    thousand, 300 тысяч), number words up to twelve, "a hundred", "half a million". In "150 to 190
    thousand" the scale holds for both.

    Parameters
    ----------
    text : str
        A value as a source prints it.
    """
    text = re.sub(r"(?<=\w)’(?=\w)", "'", text.replace("\u00a0", " ").replace("\u202f", " "))
    result: set[int] = set()
    shared, start = 1, len(text)
    for match in reversed(list(_NUMBER.finditer(text))):
        value, scale = _value(match)
        if scale:
            shared = prod(_FACTORS[word] for word in re.split(r"[-\s]", scale.lower()))
        elif value >= 1_000 or not _BETWEEN.fullmatch(text, match.end(), start):
            shared = 1  # only a small number right before a scaled one shares its scale
        number = value * shared
        if number == number.to_integral_value():
            result.add(int(number))
        start = match.start()
    return result


@rule(
    "R27",
    "low, best and high are in this order, and the qualifier says which of them are set: at least "
    "and more than only low, up to only high, range low and high, all others best.",
    hint="Never a midpoint; see the qualifiers in the codebook.",
)
def bounds(t: Tables) -> Iterator[Hits]:
    for less, more in (("low", "best"), ("best", "high"), ("low", "high")):
        broken = pl.col(less) > pl.col(more)
        yield t.hits("military_figures", more, broken, f"{less} is more")
    for column in ("low", "best", "high"):
        using = [q for q, columns in BOUNDS.items() if column in columns]
        not_using = [q for q, columns in BOUNDS.items() if column not in columns]
        given = pl.col(column).is_not_null()
        yield t.hits(
            "military_figures",
            column,
            pl.col("qualifier").is_in(using) & ~given,
            pl.format("the qualifier {} needs this", "qualifier"),
        )
        yield t.hits(
            "military_figures",
            column,
            pl.col("qualifier").is_in(not_using) & given,
            pl.format("the qualifier {} leaves this empty", "qualifier"),
        )


@rule(
    "R28",
    "The digits of value_text agree with low, best and high.",
    hint="Copy the printed value, and write its number in full into the column of its qualifier.",
)
def printed(t: Tables) -> Iterator[Hits]:
    text, values = pl.col("value_text"), ("low", "best", "high")
    given = pl.sum_horizontal(pl.col(v).is_not_null() for v in values)
    frame = t["military_figures"].select(ROW, "value_text", *values).filter(given > 0)
    # Most values print their one number in digits, or two; only the others are parsed.
    simple = (
        (given == 1)
        & (text.str.replace_all(r"[^0-9]+", "") == pl.coalesce(values).cast(pl.String))
        & text.str.contains(r"^[^0-9]*[0-9]{1,3}(?:,[0-9]{3})*[^0-9]*$")
        & ~text.str.contains(r"[0-9][-\s]?\p{L}")
    )
    first, second = (text.str.extract(_PAIR, i).str.replace_all(",", "") for i in (1, 2))
    paired = pl.all_horizontal(
        value.is_null() | (value == first) | (value == second)
        for value in (pl.col(v).cast(pl.String) for v in values)
    )
    odd = frame.filter(~simple.fill_null(False)).filter(~paired.fill_null(False))
    lost = [
        row
        for row, printed, *numbered in odd.iter_rows()
        if printed is not None and not {n for n in numbered if n is not None} <= numbers(printed)
    ]
    broken = odd.filter(pl.col(ROW).is_in(lost))
    yield hits(broken, "military_figures", "value_text", "the printed value gives another number")


@rule(
    "R29",
    "The estimator is named exactly when its basis is named, and `unattributed` exactly when it is "
    "unattributed; it is the speaker unless a note or the cue says otherwise.",
    hint="Who counted? The speaker may only repeat it.",
)
def estimators(t: Tables) -> Iterator[Hits]:
    figures = t.follow(t["military_figures"], "military_figures", "estimator_id", kind="kind")
    nobody = pl.col("kind") == "unattributed"
    unattributed = pl.col("estimator_basis") == "unattributed"
    yield hits(
        figures.filter(nobody & ~unattributed),
        "military_figures",
        "estimator_basis",
        "the estimator is unattributed",
    )
    yield hits(
        figures.filter(~nobody & unattributed),
        "military_figures",
        "estimator_basis",
        "an estimator is named",
    )
    other = t.follow(
        figures.filter(~unattributed & ~nobody & pl.col("note").is_null()),
        "military_figures",
        "statement_id",
        speaker_id="speaker_id",
        on_behalf_of_id="on_behalf_of_id",
    ).filter(
        (pl.col("estimator_id") != pl.col("speaker_id"))
        & (pl.col("estimator_id") != pl.col("on_behalf_of_id")).fill_null(True)
    )
    citing = pl.col("cue").str.contains(
        r"(?i)according|citing|cited|quot|ссыл|по данным|за даними|посил"
    )
    cues = t["mentions"].select("statement_id", "cue")
    cited = cues.join(other, on="statement_id", how="semi").filter(citing)
    yield hits(
        other.join(cited, on="statement_id", how="anti"),
        "military_figures",
        "estimator_id",
        "the estimator is not the speaker, and no note says why",
    )


@rule(
    "R30",
    "A planned or projected figure does not refer to days before its statement, and no view takes "
    "it as current.",
    hint="Set time_ref to past or current, or correct the as-of dates.",
)
def planned(t: Tables) -> Iterator[Hits]:
    ahead = t["military_figures"].filter(pl.col("time_ref").is_in(["planned", "projected"]))
    early = t.follow(ahead, "military_figures", "statement_id", said="date_earliest").filter(
        pl.col("as_of_latest") < pl.col("said")
    )
    message = pl.format("the {} figure was said on {}", "time_ref", "said")
    yield hits(early, "military_figures", "as_of_latest", message)
