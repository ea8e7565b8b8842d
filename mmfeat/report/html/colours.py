"""Colours of drawings: matplotlib draws with stand-ins, and the page's style says what they are.

So one drawing is right on white, on black and on paper.
"""

N_METHODS = 8
"""Methods that have a colour of their own; further ones begin again, with other dashes."""

INK = "#010101"
SOFT = "#010102"
GRID = "#010103"
CARD = "#010104"
GOOD = "#010105"
BAD = "#010106"
BAND = "#010107"

_METHODS = tuple(f"#0102{number:02x}" for number in range(N_METHODS))
STYLE_NAMES = {
    INK: "--ink",
    SOFT: "--soft",
    GRID: "--grid",
    CARD: "--card",
    GOOD: "--good",
    BAD: "--bad",
    BAND: "--band",
    **{colour: f"--m{number}" for number, colour in enumerate(_METHODS)},
}
"""The name of each stand-in in the page's style."""

DASHES = ("-", (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.6, 1.2, 1.6)))
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "h")


def method_colour(number: int) -> str:
    """Return the stand-in for the colour of a method."""
    return _METHODS[number % N_METHODS]


def method_dashes(number: int) -> str | tuple[float, tuple[float, ...]]:
    """Return the dashes of a method's lines: colours alone would not do on a grey print."""
    return DASHES[number % len(DASHES)]


def method_marker(number: int) -> str:
    """Return the shape of a method's points."""
    return MARKERS[number % len(MARKERS)]


_SHAPES = (
    "M14 2a3 3 0 1 0 .01 0z",
    "M11 2h6v6h-6z",
    "M14 1l4 4-4 4-4-4z",
    "M14 1l4 7h-8z",
    "M14 9l4-7h-8z",
    "M13 1h2v3h3v2h-3v3h-2v-3h-3v-2h3z",
    "M11 2l6 6M17 2l-6 6",
    "M14 1l3.5 2v4l-3.5 2-3.5-2v-4z",
)


def method_key(number: int) -> str:
    """Return a small drawing of a method's line and point, for a list of what they mean."""
    dashes = method_dashes(number)
    broken = "" if isinstance(dashes, str) else " ".join(f"{2 * part:g}" for part in dashes[1])
    colour = f"var(--m{number % N_METHODS})"
    return (
        f'<svg viewBox="0 0 28 10" aria-hidden="true"><path d="M0 5h28" stroke="{colour}" '
        f'stroke-width="1.6" stroke-dasharray="{broken}"/><path d="{_SHAPES[number % N_METHODS]}" '
        f'fill="{colour}" stroke="{colour}"/></svg>'
    )
