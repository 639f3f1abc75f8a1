"""A framework with more questions than the real one: copies of one question, and of the rules that weigh it."""

import json
from pathlib import Path
from typing import Any

from bot.shelf import published
from state.nodes import read_nodes

_COPIED = "schade"


def write_larger_framework(path: Path, questions: int) -> Path:
    """Write a framework with so many questions."""
    framework: Any = read_nodes(published()[-1].read_text("utf-8")).value
    place = next(place for place, one in enumerate(framework["questions"]) if one["id"] == _COPIED)
    copies = range(1, questions - len(framework["questions"]) + 1)
    original = framework["questions"][place]
    framework["questions"][place + 1 : place + 1] = [_question(original, number) for number in copies]
    rules = [rule for rule in framework["rules"] if rule["when"].get("question") == _COPIED]
    framework["rules"] += [_rule(rule, number) for number in copies for rule in rules]
    path.write_text(json.dumps(framework), "utf-8")
    return path


def _question(question: dict[str, Any], number: int) -> dict[str, Any]:
    text = {language: f"{words} ({number})" for language, words in question["text"].items()}
    return {**question, "id": f"{_COPIED}_{number}", "text": text}


def _rule(rule: dict[str, Any], number: int) -> dict[str, Any]:
    return {**rule, "id": f"{rule['id']}{number:03d}", "when": {**rule["when"], "question": f"{_COPIED}_{number}"}}
