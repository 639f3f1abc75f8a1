"""The picture in the docs: what a turn costs, and how long it takes, drawn as plain SVG."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from benchmarks.load import CLOSED, POISSON, RATE
from benchmarks.rounds import Medians
from benchmarks.servers import OURS, SERVERS

_WIDTH, _LABEL, _BAR, _ROW = 760, 300, 340, 26
_TOP, _BETWEEN = 58, 62
# Text follows the reader's theme; the bars' colours have contrast on light and on dark.
_STYLE = """\
text { font: 14px system-ui, sans-serif; fill: #1f2328; }
.title { font-weight: 600; font-size: 15px; }
.note { fill: #59636e; font-size: 12px; }
text.ours { fill: #0969da; font-weight: 600; }
.bar { fill: #8b949e; } .bar.ours { fill: #2f81f7; } .tail { opacity: 0.45; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3; } .note { fill: #9198a1; } text.ours { fill: #79b8ff; }
}"""


@dataclass(frozen=True, slots=True)
class _Bar:
    """A server's line: one value, or a value and a longer one behind it."""

    label: str
    is_ours: bool
    value: float
    tail: float
    says: str


def picture(found: Medians, day: str) -> str:
    """Give the SVG of a run."""
    panels = [
        ("CPU per turn, in milliseconds", list(_cpu(found))),
        (f"Latency at {RATE:.0f} turns a second, in milliseconds: median, and 99th percentile", list(_latency(found))),
    ]
    drawn: list[str] = []
    top = _TOP
    for title, bars in panels:
        drawn += _panel(title, bars, top)
        top += len(bars) * _ROW + _BETWEEN
    height = top - _BETWEEN + 44
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img" aria-labelledby="t d">',
        '<title id="t">This bot and its anchors: CPU and latency of a turn</title>',
        f'<desc id="d">{escape(_description(panels))}</desc>',
        f"<style>{_STYLE}</style>",
        *drawn,
        f'<text class="note" x="12" y="{height - 14}">Medians of one run on {day}; shorter is better. '
        "The ratios hold; absolute figures depend on the machine.</text>",
        "</svg>\n",
    ])


def _cpu(found: Medians) -> Iterator[_Bar]:
    for name, label in _shown():
        if one := found.get((name, CLOSED)):
            yield _Bar(label, name == OURS.name, one.cpu_ms, one.cpu_ms, f"{one.cpu_ms:.2f}")


def _latency(found: Medians) -> Iterator[_Bar]:
    for name, label in _shown():
        if one := found.get((name, POISSON)):
            yield _Bar(label, name == OURS.name, one.p50, one.p99, f"{one.p50:.1f}, {one.p99:.1f}")


def _shown() -> Iterable[tuple[str, str]]:
    labels = {
        OURS.name: "Weegwijzer",
        "echo": "botbuilder echo, stores nothing",
        "waterfall": "botbuilder WaterfallDialog, SQLite",
        "agents": "Agents SDK echo, stores nothing",
        "bare": "bare limit: one commit, one reply",
    }
    return [(name, labels.get(name, one.about)) for name, one in SERVERS.items() if one.identity is None]


def _panel(title: str, bars: Sequence[_Bar], top: int) -> Iterator[str]:
    yield f'<text class="title" x="12" y="{top - 20}">{escape(title)}</text>'
    longest = max((bar.tail for bar in bars), default=1)
    for place, bar in enumerate(bars):
        yield from _row(bar, top + place * _ROW, _BAR / longest)


def _row(bar: _Bar, top: int, scale: float) -> Iterator[str]:
    kind = " ours" if bar.is_ours else ""
    end = _LABEL + bar.tail * scale
    yield f'<text class="{kind.strip()}" x="{_LABEL - 10}" y="{top + 14}" text-anchor="end">{escape(bar.label)}</text>'
    if bar.tail > bar.value:
        yield f'<rect class="bar tail{kind}" x="{_LABEL}" y="{top}" width="{bar.tail * scale:.1f}" height="18" rx="2"/>'
    yield f'<rect class="bar{kind}" x="{_LABEL}" y="{top}" width="{max(bar.value * scale, 1):.1f}" height="18" rx="2"/>'
    yield f'<text class="{kind.strip()}" x="{end + 8:.1f}" y="{top + 14}">{bar.says}</text>'


def _description(panels: Iterable[tuple[str, Sequence[_Bar]]]) -> str:
    lines = [f"{title}: " + "; ".join(f"{bar.label} {bar.says}" for bar in bars) for title, bars in panels]
    return ". ".join(lines)
