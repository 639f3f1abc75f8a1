"""The composition root: the one place that knows every part of the bot and puts them together."""

import asyncio
import gc
import logging
import os
import resource
import signal
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from importlib.metadata import version

from aiohttp import web

from bot.access.directory import Directory
from bot.access.people import AccessFile
from bot.access.roster import Roster
from bot.card_desk import CardDesk
from bot.cases import Cases
from bot.clock import Clock, clock_from
from bot.control import StoreSource, serve_control
from bot.errors import SettingsError, StoreUnavailable
from bot.keeping import KeepingDesk, complete_keepings
from bot.listening import QuietRunner
from bot.locks import Locks
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.rates import PRODUCTION, UNLIMITED, Rates
from bot.readiness import Readiness
from bot.settings import Settings
from bot.shelf import open_frameworks, open_wording
from bot.storage.database import open_locks, open_store
from bot.storage.keyring import origin_of
from bot.storage.tables import TableStore
from bot.teams.adapter import WeegwijzerAdapter
from bot.teams.connector import Connector, open_session
from bot.teams.credentials import ClientCredentials, Credentials, NoCredentials
from bot.teams.gate import Gate
from bot.teams.handler import TeamsHandler
from bot.teams.routes import Door, metrics_application, public_application
from bot.teams.service_url import ServiceUrls
from bot.teams.signing_keys import KeyStore
from bot.teams.speaking import TeamsChannel
from bot.teams.tokens import Tokens
from bot.turn import FrontDesk
from bot.watch import watch
from state.keeping import WAIT

_log = logging.getLogger(__name__)

_LOOK_AGAIN = 5.0
# Who stops a program and its group sends two signals for one: `timeout`, and whatever runs it in a terminal.
_ONE_STOP = 0.5


async def serve(settings: Settings) -> None:
    """Run the bot until SIGINT or SIGTERM, and end at once at a later one; raises SettingsError if it cannot start."""
    loop = asyncio.get_running_loop()
    stopped: asyncio.Future[float] = loop.create_future()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, _stop, stopped, number)
    async with running(settings):
        # What was made until now stays: looking for garbage in all of it took 70 ms, and turns waited for that.
        gc.freeze()
        gc.enable()
        _log.info("started", extra={"version": version("weegwijzer")})
        await stopped
    _log.info("stopped")


def _stop(stopped: asyncio.Future[float], number: signal.Signals) -> None:
    now = asyncio.get_running_loop().time()
    if not stopped.done():
        stopped.set_result(now)
    elif now > stopped.result() + _ONE_STOP:
        _log.warning("stopped_at_once")
        # As the power would: whatever was acknowledged is on disk.
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)


@asynccontextmanager
async def running(settings: Settings, clock: Clock | None = None) -> AsyncIterator[None]:
    """Hold the bot up while the block runs: it listens, and does owed work."""
    # Whatever the bot writes is for its own account only.
    os.umask(0o077)
    # A core dump would hold cases and keys in the clear.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _make_data_dir(settings)
    async with AsyncExitStack() as stack:
        store, locks = await _open_store(settings, stack)
        readiness = Readiness(store.try_keeping)
        stack.push_async_callback(readiness.close)
        metrics = Metrics()
        cases = Cases(store, open_frameworks(settings.framework))
        door, outbox = await _assemble(settings, store, cases, locks, metrics, stack, clock or clock_from(settings.now))
        source = StoreSource(store, key_file=settings.data_key_file)
        stack.push_async_callback(await serve_control(source, settings.data_dir))
        # What goes on beside turns ends after the last turn, and begins with the first: at 100 000 cases a start would
        # wait 0.4 s for the first steps of it.
        beside = await stack.enter_async_context(AsyncExitStack())
        public = public_application(door, readiness.is_ready, metrics if settings.is_local else None)
        await _listen(public, settings.host, settings.port, stack)
        if not settings.is_local:
            await _listen(metrics_application(metrics), "127.0.0.1", settings.metrics_port, stack)
        beside.push_async_callback(_finish, outbox, asyncio.create_task(outbox.run()))
        for work in (watch(store, metrics.damage, locks), _complete(store, cases, locks)):
            beside.push_async_callback(_cancel, asyncio.create_task(work))
        # The first of the end: turns that are under way are answered while the outbox comes to its own.
        stack.callback(outbox.stop)
        yield


async def _assemble(
    settings: Settings,
    store: TableStore,
    cases: Cases,
    locks: Locks,
    metrics: Metrics,
    stack: AsyncExitStack,
    clock: Clock,
) -> tuple[Door, Outbox]:
    session = await stack.enter_async_context(open_session())
    service_urls = ServiceUrls(settings.service_hosts)
    credentials: Credentials = NoCredentials()
    tokens = None
    if settings.identity is not None:
        identity = settings.identity
        own = ClientCredentials(settings.login_url, identity.tenant, identity.app_id, identity.password, session)
        keys = KeyStore(settings.openid_metadata_url, session)
        stack.push_async_callback(own.close)
        stack.push_async_callback(keys.close)
        credentials, tokens = own, Tokens(identity.app_id, keys)
    connector = Connector(session, service_urls, credentials)
    channel = TeamsChannel(connector, settings.cmt_team_id, settings.cmt_channel_id)
    access = Directory(
        AccessFile(settings.access_file), Roster(connector, settings.cmt_team_id, settings.cmt_channel_id)
    )
    wording = open_wording()
    language = settings.channel_language
    outbox = Outbox(
        store=store,
        cases=cases,
        access=access,
        teams=channel,
        wording=wording,
        locks=locks,
        clock=clock,
        tell_depth=metrics.outbox,
        seal=partial(store.seal, keepers=settings.keepers) if settings.keepers else None,
        language=language,
    )
    keeping = KeepingDesk(
        store=store,
        access=access,
        wording=wording,
        locks=locks,
        clock=clock,
        wait=timedelta(0) if settings.is_local else WAIT,
    )
    rates = Rates(UNLIMITED if settings.is_local else PRODUCTION, count=metrics.refused)
    cards = CardDesk(
        store=store,
        cases=cases,
        access=access,
        wording=wording,
        locks=locks,
        clock=clock,
        rates=rates,
        wake_outbox=outbox.wake,
        language=language,
    )
    desk = FrontDesk(
        store=store,
        cases=cases,
        access=access,
        wording=wording,
        locks=locks,
        clock=clock,
        wake_outbox=outbox.wake,
        rates=rates,
        keeping=keeping,
        cards=cards,
        channel_language=language,
    )
    handler = TeamsHandler(
        desk,
        lambda locale, reference: wording.say(
            "error", "en" if locale.casefold().startswith("en") else "nl", reference=reference
        ),
    )
    adapter = WeegwijzerAdapter(channel, handler)
    return Door(Gate(access.tenants, service_urls), adapter, metrics, tokens), outbox


def _make_data_dir(settings: Settings) -> None:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"{settings.data_dir}: the data directory cannot be made ({error.strerror})") from None


async def _open_store(settings: Settings, stack: AsyncExitStack) -> tuple[TableStore, Locks]:
    """Give the store and the locks; a database that cannot be reached yet is waited for while the bot listens."""
    url, schema = settings.database_url, settings.database_schema
    store = open_store(
        url,
        schema,
        settings.data_dir,
        settings.data_key_file,
        make=settings.is_local,
        begin=True,
        origin=origin_of(settings.organisation[0]),
    )
    stack.push_async_callback(store.close)
    locks = open_locks(url, schema)
    stack.push_async_callback(locks.close)
    try:
        # The first job opens it, and finds whether this version may.
        await store.next_due()
    except StoreUnavailable:
        _log.error("store_unavailable")
    return store, locks


async def _listen(application: web.Application, host: str, port: int, stack: AsyncExitStack) -> None:
    runner = QuietRunner(application)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        raise SettingsError(f"{host}:{port} cannot be listened on ({error.strerror}); choose another PORT") from None


async def _complete(store: TableStore, cases: Cases, locks: Locks) -> None:
    """Begin the keeping of cases of earlier versions, when the store can be reached; once for a start."""
    while True:
        try:
            await complete_keepings(store, cases, locks)
        except StoreUnavailable:
            await asyncio.sleep(_LOOK_AGAIN)
        else:
            return


async def _finish(outbox: Outbox, work: asyncio.Task[None]) -> None:
    outbox.stop()
    await work


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
