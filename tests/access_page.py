"""`docs/access.md` as people read it, for the tests that hold the program to it."""

from pathlib import Path

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "access.md").read_text("utf-8")


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def _table(*first: str) -> tuple[list[str], list[list[str]]]:
    """Give head and rows of the table whose head begins with these words."""
    for block in PAGE.split("\n\n"):
        lines = block.strip().splitlines()
        if lines and lines[0].startswith("|") and _cells(lines[0])[: len(first)] == list(first):
            return _cells(lines[0]), [_cells(line) for line in lines[2:]]
    raise AssertionError(f"no table {first}")


def rows_of(*first: str) -> list[list[str]]:
    """Give the rows of the table whose head begins with these words."""
    return _table(*first)[1]


def _columns(*first: str) -> list[str]:
    return _table(*first)[0]


ROLES = tuple(name.split(" ")[0] for name in _columns("action", "Dutch")[2:9])
PLACES = tuple(_columns("action", "Dutch")[9:])


def may_with() -> dict[str, tuple[set[str], set[str]]]:
    """Give for each action the roles that make eligible and the places that admit."""
    found = {}
    for action, _, *cells in rows_of("action", "Dutch"):
        marked = [name for name, cell in zip((*ROLES, *PLACES), cells, strict=True) if cell == "x"]
        found[action] = ({name for name in marked if name in ROLES}, {name for name in marked if name in PLACES})
    return found


def may_when() -> dict[tuple[str, str], set[str]]:
    """Give for each place in a case and moment what can be done there."""
    head = _columns("action", "holder asking (vragen)")
    moments = [(name.split(" ")[0], name.split(" ")[1]) for name in head[1:]]
    found: dict[tuple[str, str], set[str]] = {moment: set() for moment in moments}
    for action, *cells in rows_of("action", "holder asking (vragen)"):
        for moment in (moment for moment, cell in zip(moments, cells, strict=True) if cell == "x"):
            found[moment].add(action)
    return found
