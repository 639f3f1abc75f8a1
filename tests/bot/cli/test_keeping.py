"""`weegwijzer dossier due` and `certificates`, with the bot running and without."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.cases import Cases
from bot.control import StoreSource, serve_control
from bot.store import RegisterEntry, Write
from state import keeping as keep
from tests.bot.cli.test_store import grow, weegwijzer
from tests.bot.desk import FRAMEWORKS
from tests.bot.keeping_room import closed
from tests.contracts.rows import Growing
from tests.stores import open_store

TODAY = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
LONG_AGO = TODAY - timedelta(days=2000)


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a store with four closed cases: due, proposed, held, and one that is not due."""
    monkeypatch.setenv("WEEGWIJZER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "data" / "weegwijzer.sqlite"
    for number in range(1, 6):
        asyncio.run(close(path, Growing(f"{number:032x}", f"IL-2021-000{number}")))
    return path


async def close(path: Path, case: Growing) -> None:
    await grow(path, 3, case)
    store = open_store(path)
    due = TODAY.date() - timedelta(days=9) if case.number[-1] != "4" else date(TODAY.year + 3, 1, 31)
    kept = keep.Keeping(case.id, case.number, LONG_AGO, LONG_AGO, "21.1", due, keep.Parts("anja"))
    await store.commit(replace(case.write(), entry=case.entry(case.version, phase="finished"), keeping=kept))
    moment = TODAY - timedelta(days=1)
    if case.number[-1] in "25":
        await store.commit(Write(keeping=(kept := keep.propose(kept, "els", moment))))
    if case.number[-1] == "3":
        await store.commit(Write(keeping=keep.hold(kept, "els", moment, "kanarie-2c41")))
    if case.number[-1] == "5":
        entry = await store.entry(case.id)
        certificate = keep.certify(kept, kept.proposal, entry.version, entry.link, TODAY)
        await store.destroy(certificate, kept.version, (RegisterEntry(TODAY, "fleur", "destroy", "ok", case.id),))
    await store.close()


@asynccontextmanager
async def door(path: Path) -> AsyncIterator[None]:
    store = open_store(path)
    closing = await serve_control(StoreSource(store), path.parent)
    try:
        yield
    finally:
        await closing()
        await store.close()


def test_prints_what_is_due_with_what_to_do_next(path, capsys):
    code, out, _ = weegwijzer(capsys, "dossier", "due", "--json")
    rows = {row["number"]: row for row in json.loads(out)["due"]}
    assert code == 0
    assert {number: row["status"] for number, row in rows.items()} == {
        "IL-2021-0001": "due",
        "IL-2021-0002": "proposed",
        "IL-2021-0003": "held",
    }
    assert rows["IL-2021-0001"]["next"] == "a keeper proposes destruction: vernietig IL-2021-0001"
    assert f"confirms from {TODAY.date() + timedelta(days=6)}" in rows["IL-2021-0002"]["next"]
    assert f"on hold since {TODAY.date() - timedelta(days=1)}" in rows["IL-2021-0003"]["next"]
    assert rows["IL-2021-0001"]["category"] == "21.1"
    assert "kanarie" not in out


def test_the_table_says_the_same(path, capsys):
    code, out, _ = weegwijzer(capsys, "dossier", "due")
    assert code == 0
    assert "IL-2021-0001" in out
    assert "IL-2021-0004" not in out


def test_what_will_be_due_is_asked_with_a_day(path, capsys):
    _, out, _ = weegwijzer(capsys, "dossier", "due", "--json", "--until", f"{TODAY.year + 3}-01-31")
    assert [row["next"] for row in json.loads(out)["due"] if row["number"] == "IL-2021-0004"] == ["nothing yet"]
    code, _, err = weegwijzer(capsys, "dossier", "due", "--until", "morgen")
    assert (code, "no date" in err) == (2, True)


def test_says_when_nothing_is_due_and_nothing_was_destroyed(path, capsys, tmp_path, monkeypatch):
    monkeypatch.setenv("WEEGWIJZER_DATA_DIR", str(tmp_path / "new"))
    asyncio.run(grow(tmp_path / "new" / "weegwijzer.sqlite", 1))
    assert "Nothing is due" in weegwijzer(capsys, "dossier", "due")[1]
    assert "No case was destroyed" in weegwijzer(capsys, "dossier", "certificates")[1]


def test_prints_certificates(path, capsys):
    _, out, _ = weegwijzer(capsys, "dossier", "certificates", "--json")
    (row,) = json.loads(out)["certificates"]
    assert (row["number"], row["category"], row["events"]) == ("IL-2021-0005", "21.1", 3)
    assert row["print"] == row["link"][:16]
    assert row["by"] == ["dossier_keeper", "dossier_keeper"]
    assert row["destroyed"] == TODAY.date().isoformat()
    code, out, _ = weegwijzer(capsys, "dossier", "certificates")
    assert (code, row["print"] in out) == (0, True)


def test_a_destroyed_case_is_not_listed_exported_or_missed(path, capsys, tmp_path):
    _, out, _ = weegwijzer(capsys, "dossier", "list", "--json")
    assert "IL-2021-0005" not in out
    code, _, err = weegwijzer(capsys, "dossier", "export", "IL-2021-0005", "--out", str(tmp_path / "out"))
    assert (code, "IL-2021-0005" in err) == (2, True)


async def test_works_while_the_bot_runs_and_is_in_its_register(path, capsys):
    async with door(path):
        code, out, _ = await asyncio.to_thread(weegwijzer, capsys, "dossier", "due", "--json")
        assert (code, len(json.loads(out)["due"])) == (0, 3)
        code, out, _ = await asyncio.to_thread(weegwijzer, capsys, "dossier", "certificates", "--json")
        assert (code, len(json.loads(out)["certificates"])) == (0, 1)
    store = open_store(path)
    assert [entry.action for entry in await store.register()][-2:] == ["list", "list_certificates"]
    await store.close()


async def test_prints_of_a_case_that_was_destroyed_since_are_no_finding_when_its_certificate_fits(path):
    store = open_store(path)
    source, (certificate,) = StoreSource(store), await store.certificates()
    assert await source.compare({certificate.number: (2, "a" * 64), "IL-2021-0005": (3, certificate.link)}) == ()
    assert "of another record" in (await source.compare({certificate.number: (3, "a" * 64)}))[0]
    assert "no certificate" in (await source.compare({certificate.number: (4, "a" * 64)}))[0]
    assert "no certificate" in (await source.compare({"IL-2021-9999": (1, "a" * 64)}))[0]
    await store.close()


def test_an_exported_dossier_says_how_long_it_is_kept(path, capsys, tmp_path):
    async def keep_closed() -> None:
        store, work = open_store(path), closed(77, al_gedaan=("onderzoek_afgerond",))
        cases = Cases(store, FRAMEWORKS)
        write = cases.to_write(cases.fresh(work.case.id), work.case, work.transcript, "tenant")
        await store.commit(replace(write, owed=()))
        await store.close()

    asyncio.run(keep_closed())
    code, _, err = weegwijzer(capsys, "dossier", "export", "IL-2026-0077", "--out", str(tmp_path / "out"))
    assert (code, err) == (0, "")
    folder = tmp_path / "out" / "dossier-IL-2026-0077"
    metadata = (folder / "mdto" / "dossier.mdto.xml").read_text("utf-8")
    assert "<begripCode>12.1.7</begripCode>" in metadata
    assert "<termijnEinddatum>2036-11-25</termijnEinddatum>" in metadata
    # What was done would stand in the words of the list; they are in the record alone.
    assert "integriteit" not in metadata
    assert weegwijzer(capsys, "dossier", "verify", str(folder))[0] == 0
