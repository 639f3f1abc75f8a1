"""The environment, read once: every setting of the contract, or one error that names all that is wrong.

Nothing is guessed in production: what is missing there stops the start.
"""

import difflib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field
from pydantic_settings import BaseSettings, DotEnvSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot import setting_values as values
from bot.data_key import read_data_key
from bot.errors import SettingsError
from bot.keepers import Keeper
from bot.setting_values import LOOPBACK_HOSTS, MICROSOFT_LOGIN, MICROSOFT_OPENID, TEAMS_HOST

T = TypeVar("T")

# What the demo's Playground is configured with.
DEMO_ACCESS_FILE = Path(__file__).resolve().parent / "demo" / "access.yaml"
DEMO_TEAM_ID = "team-cmt-id"
DEMO_CHANNEL_ID = "channel-cmt-id"

_PREFIX = "WEEGWIJZER_"


class Mode(StrEnum):
    """`local` is loopback only and without tokens; `production` is everything else."""

    LOCAL = "local"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the bot is to Microsoft: a single-tenant app registration."""

    app_id: str
    password: str = field(repr=False)
    tenant: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, checked; `identity` is None in local mode only."""

    mode: Mode
    identity: Identity | None
    host: str
    port: int
    database_url: str
    database_schema: str
    data_dir: Path
    framework: Path | None
    access_file: Path
    cmt_team_id: str
    cmt_channel_id: str
    channel_language: str
    data_key_file: Path
    organisation: tuple[str, str]
    keepers: tuple[Keeper, ...]
    service_hosts: frozenset[str]
    login_url: str
    openid_metadata_url: str
    metrics_port: int
    now: datetime | None = None

    @property
    def is_local(self) -> bool:
        """Tell whether the bot runs without tokens, on loopback only."""
        return self.mode is Mode.LOCAL


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the cases and their keys are, which framework a municipality added, and its code and name."""

    data_dir: Path
    database_url: str
    database_schema: str
    data_key_file: Path
    framework: Path | None
    organisation: tuple[str, str]


class _Given(BaseSettings):
    """The names of the contract and the values as they were typed."""

    model_config = SettingsConfigDict(case_sensitive=True, extra="ignore", populate_by_name=False)

    app_id: str = Field("", alias="MicrosoftAppId")
    app_password: str = Field("", alias="MicrosoftAppPassword", repr=False)
    app_type: str = Field("", alias="MicrosoftAppType")
    app_tenant: str = Field("", alias="MicrosoftAppTenantId")
    mode: str = Field("", alias="WEEGWIJZER_MODE")
    host: str = Field("", alias="WEEGWIJZER_HOST")
    port: str = Field("", alias="PORT")
    database_url: str = Field("", alias="WEEGWIJZER_DATABASE_URL", repr=False)
    database_schema: str = Field("", alias="WEEGWIJZER_DATABASE_SCHEMA")
    data_dir: str = Field("", alias="WEEGWIJZER_DATA_DIR")
    framework: str = Field("", alias="WEEGWIJZER_FRAMEWORK")
    access_file: str = Field("", alias="WEEGWIJZER_ACCESS_FILE")
    cmt_team_id: str = Field("", alias="WEEGWIJZER_CMT_TEAM_ID")
    cmt_channel_id: str = Field("", alias="WEEGWIJZER_CMT_CHANNEL_ID")
    channel_language: str = Field("", alias="WEEGWIJZER_CHANNEL_LANGUAGE")
    data_key_file: str = Field("", alias="WEEGWIJZER_DATA_KEY_FILE")
    keeper_keys: str = Field("", alias="WEEGWIJZER_KEEPER_KEYS")
    organisation: str = Field("", alias="WEEGWIJZER_ORGANISATION")
    allowed_service_urls: str = Field("", alias="WEEGWIJZER_ALLOWED_SERVICE_URLS")
    login_url: str = Field("", alias="WEEGWIJZER_LOGIN_URL")
    metrics_port: str = Field("", alias="WEEGWIJZER_METRICS_PORT")
    openid_metadata_url: str = Field("", alias="WEEGWIJZER_OPENID_METADATA_URL")
    now: str = Field("", alias="WEEGWIJZER_NOW")

    @classmethod
    def settings_customise_sources(  # type: ignore[override]  # the names of what is not read do not matter
        cls, settings_cls: type[BaseSettings], init_settings: PydanticBaseSettingsSource, **_: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what is handed over and nothing else: the caller decides on environment and file."""
        return (init_settings,)


NAMES: tuple[str, ...] = tuple(str(known.alias) for known in _Given.model_fields.values())


def read_settings(env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """Give the settings of the environment, which wins, and of a `.env` file; raises SettingsError with all faults."""
    return _checked(_read, env, env_file)


def read_whereabouts(env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Whereabouts:
    """Give where the cases are, for commands that need no more than that; raises SettingsError."""
    return _checked(_whereabouts, env, env_file)


def read_app_id(env: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> str:
    """Give the bot's app id, empty when there is none; raises SettingsError."""
    return _checked(lambda checks: checks.take("app_id", values.guid, ""), env, env_file)


def _checked(read: "Callable[[_Checks], T]", env: Mapping[str, str] | None, env_file: Path | None) -> T:
    given = {**_from_file(env_file), **(os.environ if env is None else env)}
    checks = _Checks({name: value.strip() for name, value in given.items() if name in NAMES})
    checks.problems += _unknown(given)
    found = read(checks)
    if checks.problems:
        raise SettingsError("\n".join(checks.problems))
    return found


def _from_file(env_file: Path | None) -> dict[str, str]:
    if env_file is None:
        return {}
    try:
        found = DotEnvSettingsSource(_Given, env_file=env_file, case_sensitive=True).env_vars
    except (OSError, UnicodeDecodeError):
        raise SettingsError(f"{env_file}: cannot be read; make it a UTF-8 text that this account may read") from None
    return {name: value or "" for name, value in found.items()}


def _unknown(given: Mapping[str, str]) -> Iterator[str]:
    for name in sorted(given):
        if not name.startswith(_PREFIX) or name in NAMES:
            continue
        near = difflib.get_close_matches(name, NAMES, n=1)
        yield f"{name}: no such setting; " + (f"did you mean {near[0]}?" if near else "remove it")


class _Checks:
    """Reads settings one by one and keeps every complaint."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = _Given(**given)  # type: ignore[arg-type]  # by alias, which the plugin does not see
        self._names = {key: str(known.alias) for key, known in _Given.model_fields.items()}
        self.problems: list[str] = []

    def has(self, key: str) -> bool:
        """Tell whether a setting was given at all."""
        return bool(getattr(self._given, key))

    def take(self, key: str, read: Callable[[str], T], default: T) -> T:
        """Give a setting's value, or its default when it was not given or is wrong."""
        text = getattr(self._given, key)
        if not text:
            return default
        try:
            return read(text)
        except ValueError as error:
            self.problems.append(f"{self._names[key]}: {error}")
            return default

    def need(self, key: str, mend: str) -> None:
        """Complain when a setting was not given."""
        if not self.has(key):
            self.problems.append(f"{self._names[key]}: missing; {mend}")

    def complain(self, key: str, problem: str) -> None:
        """Keep a complaint about a setting."""
        self.problems.append(f"{self._names[key]}: {problem}")


def _whereabouts(checks: _Checks) -> Whereabouts:
    data_dir = checks.take("data_dir", values.directory, Path("data"))
    return Whereabouts(
        data_dir=data_dir,
        database_url=checks.take("database_url", values.database_url, f"sqlite:///{data_dir / 'weegwijzer.sqlite'}"),
        database_schema=checks.take("database_schema", values.schema, "weegwijzer"),
        data_key_file=checks.take("data_key_file", Path, data_dir / "data.key"),
        framework=checks.take("framework", values.readable_file, None),
        organisation=checks.take("organisation", values.organisation, ("onbekend", "organisatie niet ingesteld")),
    )


def _read(checks: _Checks) -> Settings:
    mode = checks.take("mode", _mode, Mode.PRODUCTION)
    is_local = mode is Mode.LOCAL
    where = _whereabouts(checks)
    hosts = LOOPBACK_HOSTS if is_local else frozenset({TEAMS_HOST})
    settings = Settings(
        mode=mode,
        identity=None if is_local else _identity(checks),
        host=checks.take("host", values.loopback if is_local else values.listen_host, "127.0.0.1"),
        port=checks.take("port", values.port, 3978),
        database_url=where.database_url,
        database_schema=where.database_schema,
        data_dir=where.data_dir,
        framework=where.framework,
        access_file=checks.take("access_file", values.readable_file, DEMO_ACCESS_FILE),
        cmt_team_id=checks.take("cmt_team_id", values.teams_id, DEMO_TEAM_ID),
        cmt_channel_id=checks.take("cmt_channel_id", values.teams_id, DEMO_CHANNEL_ID),
        channel_language=checks.take("channel_language", values.language, "nl"),
        data_key_file=where.data_key_file,
        organisation=where.organisation,
        keepers=checks.take("keeper_keys", values.keepers, ()),
        service_hosts=checks.take("allowed_service_urls", values.service_hosts, hosts),
        login_url=checks.take("login_url", values.microsoft_or_loopback(MICROSOFT_LOGIN), MICROSOFT_LOGIN),
        openid_metadata_url=checks.take(
            "openid_metadata_url", values.microsoft_or_loopback(MICROSOFT_OPENID), MICROSOFT_OPENID
        ),
        metrics_port=checks.take("metrics_port", values.port, 9100),
        now=checks.take("now", values.moment, None),
    )
    _check_local(settings, checks) if is_local else _check_production(settings, checks)
    return settings


def _identity(checks: _Checks) -> Identity:
    checks.need("app_id", "set the app registration's client id")
    checks.need("app_tenant", "set the Entra tenant's id")
    checks.need("app_password", "set the app registration's client secret")
    checks.take("app_type", values.app_type, "SingleTenant")
    return Identity(
        app_id=checks.take("app_id", values.guid, ""),
        password=checks.take("app_password", str, ""),
        tenant=checks.take("app_tenant", values.guid, ""),
    )


def _check_local(settings: Settings, checks: _Checks) -> None:
    if any(not values.is_loopback(host) for host in settings.service_hosts):
        checks.complain("allowed_service_urls", "local mode speaks to loopback hosts only; list 127.0.0.1 or remove it")


def _check_production(settings: Settings, checks: _Checks) -> None:
    if not settings.service_hosts:
        checks.complain("allowed_service_urls", f"names no host; remove it or list {TEAMS_HOST}")
    checks.need("data_key_file", "name a file with 32 bytes in base64 and mode 0600")
    checks.need("access_file", "name the YAML file with the people who may use the bot")
    checks.need("cmt_team_id", "set the id of the team that holds the CMT channel")
    checks.need("cmt_channel_id", "set the id of the channel for the advice cards")
    if checks.has("data_key_file"):
        checks.take("data_key_file", lambda name: read_data_key(Path(name)), b"")
    if checks.has("now"):
        checks.complain("now", "another time than the real one is for local mode only; remove it")
    if settings.metrics_port == settings.port:
        checks.complain("metrics_port", "is the public port; choose another one")


def _mode(text: str) -> Mode:
    if text not in tuple(Mode):
        raise ValueError(f"{text!r} is no mode; use local or production")
    return Mode(text)
