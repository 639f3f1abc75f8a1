"""Nodes of Patroni on this machine with etcd to agree by, and with the settings that docs/failover.md shows.

Debian's packages `patroni` and `etcd-server` have to be there.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import yaml

from tests.ports import free_port
from tests.postgres.programs import as_account, give_away, programs
from tests.postgres.servers import OWNER, Server, made
from tests.trust import report

_PAGE = report.ROOT / "docs" / "failover.md"
_PATIENCE = 120.0
# As little as the other servers of the tests take.
_SMALL = {"shared_buffers": "32MB", "unix_socket_directories": "", "dynamic_shared_memory_type": "mmap"}


class Node(Server):
    """A server that Patroni starts, lets follow another one, and promotes."""

    @property
    def name(self) -> str:
        """Give what Patroni calls it."""
        return f"db{self.port}"

    def start(self) -> None:
        """Start Patroni, and wait until its server takes connections."""
        self.process = _begun(self.home, "patroni", "patroni.yml")
        self._until_up()

    def kill_patroni(self) -> None:
        """End Patroni alone; its server goes on."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@dataclass
class Cluster:
    """Nodes of which one leads."""

    nodes: Sequence[Node]
    etcd: subprocess.Popen[bytes]

    @property
    def leader(self) -> Node:
        """Give the one that Patroni lets lead."""
        return self._members("Leader")[0]

    @property
    def url(self) -> str:
        """Give the address of the bot's database, whichever node it is at."""
        hosts = ",".join(f"127.0.0.1:{one.port}" for one in self.nodes)
        return f"postgresql://{OWNER}:{self.nodes[0].password}@{hosts}/{OWNER}?target_session_attrs=read-write"

    def until_whole(self) -> None:
        """Wait until all others follow the leader, and one of them may be promoted."""
        _until(self._is_whole, f"not every node follows: {[one.log[-2000:] for one in self.nodes]}")

    def _is_whole(self) -> bool:
        leaders = self._members("Leader")
        if not leaders or not self._members("Sync Standby"):
            return False
        follow = leaders[0].ask("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'")
        return follow == [(len(self.nodes) - 1,)]

    def switch_over(self) -> None:
        """Let the leader and a synchronous standby change places, as an administrator does."""
        [candidate, *_] = self._members("Sync Standby")
        self.control("switchover", "--leader", self.leader.name, "--candidate", candidate.name, "--force")

    def _members(self, role: str) -> list[Node]:
        told = {one["Member"]: one["Role"] for one in json.loads(self.control("list", "--format", "json"))}
        return [node for node in self.nodes if told.get(node.name) == role]

    def control(self, *arguments: str) -> str:
        """Ask something of Patroni's own command, and give its answer."""
        command = ["patronictl", "-c", str(self.nodes[0].home / "patroni.yml"), *arguments]
        done: subprocess.CompletedProcess[str]
        done = subprocess.run(command, cwd="/", text=True, capture_output=True, check=True, **as_account())
        return done.stdout


@contextmanager
def a_cluster(nodes: int, *, is_strict: bool) -> Iterator[Cluster]:
    """Run so many nodes and an etcd while the block runs, with an empty database of the bot's."""
    with ExitStack() as stack:
        etcd, address = stack.enter_context(_an_etcd())
        first, *others = [stack.enter_context(_a_node()) for _ in range(nodes)]
        cluster = Cluster([first, *others], etcd)
        for node in cluster.nodes:
            _configure(node, first.password, address, is_strict=is_strict)
            node.start()
        cluster.until_whole()
        cluster.leader.ask(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{first.password}'")
        cluster.leader.ask(f"CREATE DATABASE {OWNER} OWNER {OWNER}")
        yield cluster


@contextmanager
def _a_node() -> Iterator[Node]:
    place = made({})
    node = Node(place.home, place.port, place.password, {})
    try:
        yield node
    finally:
        node.remove()


def _configure(node: Node, password: str, etcd: str, *, is_strict: bool) -> None:
    """Write a node's settings: the page's, with this machine's places."""
    node.password = password
    [text] = re.findall(r"```yaml\n(.*?)```", _PAGE.read_text("utf-8"), re.DOTALL)
    told = yaml.safe_load(text)
    told |= {"name": node.name, "etcd3": {"hosts": [etcd]}}
    told["restapi"] = dict.fromkeys(told["restapi"], f"127.0.0.1:{free_port()}")
    told["bootstrap"]["dcs"]["synchronous_mode_strict"] = is_strict
    server = told["postgresql"] | dict.fromkeys(("listen", "connect_address"), f"127.0.0.1:{node.port}")
    places = {"data_dir": str(node.data), "bin_dir": str(programs()), "pgpass": str(node.home / "pgpass")}
    told["postgresql"] = {**server, **places, "parameters": _SMALL}
    for account in server["authentication"].values():
        account["password"] = password
    file = node.home / "patroni.yml"
    file.write_text(yaml.safe_dump(told), "utf-8")
    give_away(file)


@contextmanager
def _an_etcd() -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Run the one etcd of a try, and give it with its address."""
    home = made({}).home
    clients, peers = (f"127.0.0.1:{free_port()}" for _ in range(2))
    process = _begun(
        home,
        "etcd",
        *("--data-dir", str(home / "data"), "--name", "etcd1", "--initial-cluster", f"etcd1=http://{peers}"),
        *("--listen-client-urls", f"http://{clients}", "--advertise-client-urls", f"http://{clients}"),
        *("--listen-peer-urls", f"http://{peers}", "--initial-advertise-peer-urls", f"http://{peers}"),
    )
    try:
        yield process, clients
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home)


def _begun(home: Path, *command: str) -> subprocess.Popen[bytes]:
    with (home / "log").open("ab") as log:
        return subprocess.Popen(command, cwd=home, stdin=-3, stdout=log, stderr=log, **as_account())


def _until(holds: Callable[[], bool], otherwise: str) -> None:
    end = monotonic() + _PATIENCE
    while not holds():
        assert monotonic() < end, otherwise
        sleep(0.5)
