"""Thirty ways to break a promise by one line, each with the test that must see it.

A saboteur is a change that someone could make in good faith: for speed, for convenience, by a slip. `old` occurs
exactly once in the file, so that a saboteur that no longer fits is noticed.
"""

from typing import NamedTuple


class Saboteur(NamedTuple):
    """What it does, the file, the text that it replaces and by what, and where it must be caught."""

    name: str
    file: str
    old: str
    new: str
    caught_by: str


SABOTEURS = (
    Saboteur(
        "acknowledges before the commit",
        "bot/storage/committing.py",
        "        await kept\n",
        "        kept.add_done_callback(lambda done: done.exception())\n",
        "tests/contracts tests/bot/storage/test_sqlite.py",
    ),
    Saboteur(
        "lets the disk write when it likes",
        "bot/storage/opening.py",
        '("synchronous", "FULL", 2)',
        '("synchronous", "NORMAL", 1)',
        "tests/bot/storage/test_opening.py tests/trust/test_e09_power.py",
    ),
    Saboteur(
        "takes a delivery that came before once more",
        "bot/storage/writes.py",
        "if kept.rowcount == 0:",
        "if False:",
        "tests/contracts",
    ),
    Saboteur(
        "appends wherever the case stands",
        "bot/storage/writes.py",
        "if write.rows and version != write.expected_version:",
        "if False:",
        "tests/contracts",
    ),
    Saboteur(
        "leaves deleted content on the disk",
        "bot/storage/opening.py",
        '("secure_delete", "ON", 1)',
        '("secure_delete", "OFF", 0)',
        "tests/bot/storage/test_opening.py",
    ),
    Saboteur(
        "binds what is encrypted to no place",
        "bot/storage/sealing.py",
        "text = orjson.dumps(place, default=bytes.hex)",
        'text = b""',
        "tests/bot/storage/test_checking.py",
    ),
    Saboteur(
        "does not look whether events are missing at the end",
        "bot/storage/reading.py",
        "if entry is None or len(rows) != entry.version:",
        "if entry is None:",
        "tests/bot/storage/test_checking.py",
    ),
    Saboteur(
        "keeps bodies as they are",
        "bot/storage/writes.py",
        'encrypt(cipher, ("event", case, row.seq), row.body)',
        "row.body",
        "tests/bot/storage/test_sqlite.py tests/contracts",
    ),
    Saboteur(
        "uses the same salt each time",
        "bot/cases.py",
        "salts = [secrets.token_bytes(32) for _ in recorded]",
        "salts = [bytes(32) for _ in recorded]",
        "tests/bot/test_cases.py",
    ),
    Saboteur(
        "keeps the key of a destroyed case",
        "bot/storage/records.py",
        "        self.keyring.discard(certificate.case)\n",
        "",
        "tests/trust/test_e17_destruction.py",
    ),
    Saboteur(
        "keeps the key of a sealed case",
        "bot/storage/keyring.py",
        '            self._db.execute("DELETE FROM wrapped WHERE name = ?", (case,))\n        self._forget(case)\n\n'
        "    def shares",
        "        self._forget(case)\n\n    def shares",
        "tests/trust/test_e18_sealed.py",
    ),
    Saboteur(
        "signs whatever the history says now",
        "bot/storage/records.py",
        "if before and self.link_at(case, before[0]) != before[1]:",
        "if False:",
        "tests/trust/test_e23_backups.py",
    ),
    Saboteur(
        "takes tokens for any bot",
        "bot/teams/tokens.py",
        '"strict_aud": True,',
        '"strict_aud": True, "verify_aud": False,',
        "tests/bot/teams/test_tokens.py",
    ),
    Saboteur(
        "takes tokens for ever",
        "bot/teams/tokens.py",
        "if not valid.not_before - _SKEW <= now <= valid.expires + _SKEW:",
        "if False:",
        "tests/bot/teams/test_tokens.py",
    ),
    Saboteur(
        "takes keys that were not made for Teams",
        "bot/teams/tokens.py",
        "if CHANNEL not in key.endorsements:",
        "if False:",
        "tests/bot/teams/test_tokens.py",
    ),
    Saboteur(
        "does not compare the token's service URL",
        "bot/teams/gate.py",
        'if claimed_url is not None and claimed_url != clean["serviceUrl"]:',
        "if False:",
        "tests/bot/teams/test_gate.py",
    ),
    Saboteur(
        "lets every tenant in",
        "bot/teams/gate.py",
        "if tenant not in self.tenants() or",
        "if",
        "tests/bot/teams/test_gate.py",
    ),
    Saboteur(
        "calls any host whose name ends well",
        "bot/teams/service_url.py",
        "is_listed = host in self._hosts and port is None",
        "is_listed = any(host.endswith(one) for one in self._hosts) and port is None",
        "tests/bot/teams/test_gate.py tests/bot/teams/test_connector.py",
    ),
    Saboteur(
        "asks the private chat who is a member",
        "bot/access/roster.py",
        "holder = await self._roster_holder(chat)",
        "holder = chat.conversation",
        "tests/bot/test_access_roster.py",
    ),
    Saboteur(
        "lets in whoever cannot be looked up",
        "bot/access/roster.py",
        "        except ChannelUnavailable:\n            raise AccessUnknown from None\n        return _is_insider",
        "        except ChannelUnavailable:\n            return True\n        return _is_insider",
        "tests/bot/test_access_roster.py",
    ),
    Saboteur(
        "lets a card be pressed by someone else",
        "bot/storage/records.py",
        "(known.person, known.conversation) == (person, conversation)",
        "True",
        "tests/contracts",
    ),
    Saboteur(
        "lets who is involved answer on",
        "state/permissions.py",
        "    Action.ANSWER: _rule(_WEIGHER, HOLDER),\n",
        "    Action.ANSWER: _rule(_WEIGHER, HOLDER, INVOLVED),\n",
        "tests/docs/test_access.py tests/state",
    ),
    Saboteur(
        "lets one person destroy alone",
        "state/permissions.py",
        "return person != proposer and bool(proposer) and may(",
        "return bool(proposer) and may(",
        "tests/state",
    ),
    Saboteur(
        "weighs sensitive answers for the channel",
        "state/weighing.py",
        "if framework.question_by_id[key].channel}",
        "}",
        "tests/state",
    ),
    Saboteur(
        "posts a card that a rule holds back",
        "state/involvement.py",
        "return not advice.no_card_rules and not case.involved",
        "return not case.involved",
        "tests/state tests/dialogs/test_conversation_posting.py",
    ),
    Saboteur(
        "reads without a word in the register",
        "dialogs/seeing.py",
        '    return None if action is None else _LESS.get(action, "read")',
        "    return None",
        "tests/trust/test_e22_conflict.py tests/bot/test_turn.py",
    ),
    Saboteur(
        "shows what people write as markup",
        "dialogs/cards/elements.py",
        'return {"type": "RichTextBlock", "inlines": list(pieces), **style}',
        'return {"type": "TextBlock", "text": "".join(piece["text"] for piece in pieces), **style}',
        "tests/dialogs/test_cards.py tests/dialogs/test_golden_cards.py",
    ),
    Saboteur(
        "logs the words of an exception",
        "bot/log.py",
        'event["error"] = type(error).__name__',
        'event["error"] = str(error)',
        "tests/bot/test_log.py",
    ),
    Saboteur(
        "posts the content at once",
        "bot/card_work.py",
        "card = placeholder_card(case.number, self._language, self._wording)",
        'card = __import__("json").loads(case.owed.card)',
        "tests/bot/test_outbox.py",
    ),
    Saboteur(
        "believes the advice in a dossier",
        "bot/dossier/verify.py",
        "        verdict.problems += _check_advice(dossier)\n",
        "",
        "tests/bot/dossier/test_verify.py",
    ),
)
