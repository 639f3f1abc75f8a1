"""Who there is in a run, and the access file that lists them."""

import json
from pathlib import Path
from uuid import NAMESPACE_DNS, uuid5

from benchmarks.connector import TENANT


def people(count: int) -> dict[str, str]:
    """Give so many persons: Teams' id to Entra id."""
    return {f"29:u{number:05d}": str(uuid5(NAMESPACE_DNS, f"u{number}.example")) for number in range(count)}


def write_access_file(path: Path, everyone: dict[str, str]) -> Path:
    """Write the access file: all of them may weigh cases, and are members of the CMT channel."""
    listed = [
        {"id": object_id, "name": f"Naam {number}", "function": "directeur", "roles": ["assessor"]}
        for number, object_id in enumerate(everyone.values())
    ]
    path.write_text(json.dumps({"tenants": [TENANT], "people": listed}), "utf-8")
    return path
