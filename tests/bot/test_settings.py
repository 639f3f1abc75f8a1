import base64
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.data_key import open_data_key, read_data_key
from bot.errors import SettingsError
from bot.setting_values import database_url, is_loopback
from bot.settings import NAMES, Mode, read_settings, read_whereabouts

Env = dict[str, str]


@pytest.fixture
def production(tmp_path: Path) -> Env:
    key = tmp_path / "data.key"
    key.write_text(base64.b64encode(bytes(32)).decode())
    key.chmod(0o600)
    access = tmp_path / "access.yaml"
    access.write_text("tenants: []\n")
    return {
        "MicrosoftAppId": "55555555-5555-4555-8555-555555555555",
        "MicrosoftAppPassword": "geheim",
        "MicrosoftAppTenantId": "11111111-1111-4111-8111-111111111111",
        "WEEGWIJZER_ACCESS_FILE": str(access),
        "WEEGWIJZER_DATA_KEY_FILE": str(key),
        "WEEGWIJZER_CMT_TEAM_ID": "19:team@thread.tacv2",
        "WEEGWIJZER_CMT_CHANNEL_ID": "19:kanaal@thread.tacv2",
    }


def _refusal(env: Env) -> str:
    with pytest.raises(SettingsError) as caught:
        read_settings(env, None)
    return str(caught.value)


def test_local_mode_needs_nothing_but_its_name():
    settings = read_settings({"WEEGWIJZER_MODE": "local"}, None)
    assert (settings.is_local, settings.host, settings.port, settings.identity) == (True, "127.0.0.1", 3978, None)
    assert all(is_loopback(host) for host in settings.service_hosts)


def test_production_is_the_default_and_takes_a_complete_environment(production: Env):
    settings = read_settings(production, None)
    assert settings.mode is Mode.PRODUCTION
    assert settings.identity is not None
    assert settings.service_hosts == {"smba.trafficmanager.net"}
    assert settings.metrics_port == 9100


def test_another_time_than_the_real_one_is_for_local_mode(production: Env):
    assert "WEEGWIJZER_NOW: another time" in _refusal({**production, "WEEGWIJZER_NOW": "2026-11-25 22:00"})
    assert "WEEGWIJZER_NOW: 'x' is no moment" in _refusal({"WEEGWIJZER_MODE": "local", "WEEGWIJZER_NOW": "x"})
    local = read_settings({"WEEGWIJZER_MODE": "local", "WEEGWIJZER_NOW": "2026-07-01 22:00"}, None)
    assert local.now == datetime(2026, 7, 1, 20, 0, tzinfo=UTC)
    assert read_settings(production, None).now is None


def test_a_password_is_not_in_the_settings_text(production: Env):
    assert "geheim" not in repr(read_settings(production, None))


def test_everything_that_is_missing_is_named_at_once():
    text = _refusal({})
    for name in ("MicrosoftAppId", "MicrosoftAppTenantId", "MicrosoftAppPassword"):
        assert f"{name}: missing; " in text
    for name in ("DATA_KEY_FILE", "ACCESS_FILE", "CMT_TEAM_ID", "CMT_CHANNEL_ID"):
        assert f"WEEGWIJZER_{name}: missing; " in text


def _drop(name: str) -> Callable[[Env], None]:
    return lambda env: env.pop(name) and None


def _put(name: str, value: str) -> Callable[[Env], None]:
    return lambda env: env.update({name: value})


_WRONG: list[tuple[str, Callable[[Env], None]]] = [
    *[
        (name, _drop(name))
        for name in (
            "MicrosoftAppId",
            "MicrosoftAppPassword",
            "MicrosoftAppTenantId",
            "WEEGWIJZER_ACCESS_FILE",
            "WEEGWIJZER_DATA_KEY_FILE",
            "WEEGWIJZER_CMT_TEAM_ID",
            "WEEGWIJZER_CMT_CHANNEL_ID",
        )
    ],
    *[
        (name, _put(name, value))
        for name, value in (
            ("MicrosoftAppId", ""),
            ("MicrosoftAppId", "not-a-guid"),
            ("MicrosoftAppTenantId", "gemeente.nl"),
            ("MicrosoftAppType", "MultiTenant"),
            ("WEEGWIJZER_MODE", "Local"),
            ("WEEGWIJZER_MODE", "test"),
            ("WEEGWIJZER_HOST", "http://x y"),
            ("PORT", "0"),
            ("PORT", "65536"),
            ("PORT", "drie"),
            ("WEEGWIJZER_METRICS_PORT", "3978"),
            ("WEEGWIJZER_DATABASE_URL", "postgresql:///db"),
            ("WEEGWIJZER_DATABASE_URL", "postgresql://host"),
            ("WEEGWIJZER_DATABASE_URL", "postgresql://host:port:x/?y"),
            ("WEEGWIJZER_DATABASE_SCHEMA", "Weeg; DROP"),
            ("WEEGWIJZER_DATABASE_URL", "sqlite:///"),
            ("WEEGWIJZER_DATABASE_URL", "sqlite:///:memory:"),
            ("WEEGWIJZER_DATABASE_URL", "weegwijzer.sqlite"),
            ("WEEGWIJZER_DATA_DIR", "/dev/null"),
            ("WEEGWIJZER_FRAMEWORK", "/no/such/framework.yaml"),
            ("WEEGWIJZER_ACCESS_FILE", "/no/such/access.yaml"),
            ("WEEGWIJZER_CMT_TEAM_ID", "team met spatie"),
            ("WEEGWIJZER_CMT_CHANNEL_ID", ".."),
            ("WEEGWIJZER_DATA_KEY_FILE", "/no/such/key"),
            ("WEEGWIJZER_ALLOWED_SERVICE_URLS", "*.trafficmanager.net"),
            ("WEEGWIJZER_ALLOWED_SERVICE_URLS", "user@smba.trafficmanager.net"),
            ("WEEGWIJZER_ALLOWED_SERVICE_URLS", "http://smba.trafficmanager.net"),
            ("WEEGWIJZER_ALLOWED_SERVICE_URLS", "smba.trafficmanager.net:8443"),
            ("WEEGWIJZER_ALLOWED_SERVICE_URLS", ","),
            ("WEEGWIJZER_LOGIN_URL", "https://login.evil.example"),
            ("WEEGWIJZER_LOGIN_URL", "https://login.microsoftonline.com.evil.example"),
            ("WEEGWIJZER_LOGIN_URL", "http://login.microsoftonline.com"),
            ("WEEGWIJZER_LOGIN_URL", "http://127.0.0.1@evil.example"),
            ("WEEGWIJZER_OPENID_METADATA_URL", "https://evil.example/keys"),
            ("WEEGWIJZER_OPENID_METADATA_URL", "http://192.168.1.1/keys"),
            ("WEEGWIJZER_OPENID_METADATA_URL", "file:///etc/passwd"),
        )
    ],
]


@pytest.mark.parametrize(("name", "spoil"), _WRONG)
def test_a_wrong_setting_stops_the_start_with_its_name_alone(name: str, spoil: Callable[[Env], None], production: Env):
    spoil(production)
    text = _refusal(production)
    assert text.startswith(f"{name}: ")
    assert "\n" not in text
    assert "; " in text  # what is wrong; how to mend it


def test_an_unknown_setting_is_an_error_with_a_guess(production: Env):
    assert "did you mean WEEGWIJZER_CMT_TEAM_ID?" in _refusal({**production, "WEEGWIJZER_CTM_TEAM_ID": "x"})


def test_a_complete_and_unusual_environment_is_taken(production: Env, tmp_path: Path):
    settings = read_settings(
        {
            **production,
            "MicrosoftAppType": "SingleTenant",
            "WEEGWIJZER_HOST": "0.0.0.0",
            "WEEGWIJZER_DATABASE_URL": "sqlite:////srv/weegwijzer.sqlite",
            "WEEGWIJZER_DATA_DIR": str(tmp_path),
            "WEEGWIJZER_FRAMEWORK": production["WEEGWIJZER_ACCESS_FILE"],
            "WEEGWIJZER_LOGIN_URL": "https://login.microsoftonline.com/",
            "WEEGWIJZER_MODE": "production",
        },
        None,
    )
    assert settings.host == "0.0.0.0"
    assert settings.database_url == "sqlite:////srv/weegwijzer.sqlite"
    assert settings.data_dir == tmp_path
    assert settings.login_url == "https://login.microsoftonline.com"
    local = read_settings({"WEEGWIJZER_MODE": "local", "WEEGWIJZER_HOST": "localhost"}, None)
    assert local.host == "localhost"


def test_other_programs_settings_are_none_of_ours(production: Env):
    read_settings({**production, "PATH": "/bin", "microsoftappid": "x"}, None)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "weegwijzer.example", ""])
def test_local_mode_never_listens_beyond_loopback(host: str):
    env = {"WEEGWIJZER_MODE": "local", "WEEGWIJZER_HOST": host}
    if host:
        assert _refusal(env).startswith("WEEGWIJZER_HOST: ")
    else:
        assert read_settings(env, None).host == "127.0.0.1"


def test_local_mode_speaks_to_loopback_hosts_only():
    env = {"WEEGWIJZER_MODE": "local", "WEEGWIJZER_ALLOWED_SERVICE_URLS": "smba.trafficmanager.net"}
    assert _refusal(env).startswith("WEEGWIJZER_ALLOWED_SERVICE_URLS: ")


def test_service_hosts_may_be_written_as_hosts_or_as_addresses(production: Env):
    production["WEEGWIJZER_ALLOWED_SERVICE_URLS"] = "https://smba.trafficmanager.net/emea/, 127.0.0.1:5000 [::1]"
    assert read_settings(production, None).service_hosts == {"smba.trafficmanager.net", "127.0.0.1:5000", "[::1]"}


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000/x", "http://localhost:5000", "http://[::1]:5000"])
def test_an_identity_provider_on_loopback_is_allowed(url: str, production: Env):
    settings = read_settings({**production, "WEEGWIJZER_LOGIN_URL": url, "WEEGWIJZER_OPENID_METADATA_URL": url}, None)
    assert settings.login_url == settings.openid_metadata_url == url


def test_the_environment_wins_from_the_file(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("WEEGWIJZER_MODE=local\nPORT=4000\nWEEGWIJZER_METRICS_PORT=4001\n")
    settings = read_settings({"PORT": "5000"}, file)
    assert (settings.port, settings.metrics_port) == (5000, 4001)


def test_an_unknown_name_in_the_file_is_an_error_too(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("WEEGWIJZER_MODE=local\nWEEGWIJZER_MODUS=local\n")
    with pytest.raises(SettingsError, match=r"WEEGWIJZER_MODUS: no such setting; did you mean WEEGWIJZER_MODE"):
        read_settings({}, file)


def test_commands_that_look_for_the_cases_know_no_other_names_either():
    with pytest.raises(SettingsError, match=r"WEEGWIJZER_DATA_DR: no such setting; did you mean WEEGWIJZER_DATA_DIR\?"):
        read_whereabouts({"WEEGWIJZER_DATA_DR": "/srv/weegwijzer"}, None)


def test_a_file_that_is_not_utf_8_is_an_error(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_bytes(b"WEEGWIJZER_MODE=\xff\n")
    with pytest.raises(SettingsError, match="UTF-8"):
        read_settings({}, file)


def test_the_process_environment_is_read_by_default(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WEEGWIJZER_MODE", "local")
    assert read_settings(env_file=None).is_local


def test_every_setting_of_the_contract_is_known():
    assert len(NAMES) == 23


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8:80", True),
        ("localhost:3978", True),
        ("[::1]:80", True),
        ("::1", True),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("0.0.0.0", False),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_alone(host: str, expected: bool):
    assert is_loopback(host) is expected


def test_a_database_address_follows_the_usual_slashes():
    for good in ("sqlite:///data/a.sqlite", "sqlite:////srv/a.sqlite", "postgresql://u:p@127.0.0.1:5432/weegwijzer"):
        assert database_url(good) == good


# --- the data key ----------------------------------------------------------------------


def test_the_key_is_made_once_for_the_owner_alone(tmp_path: Path):
    file = tmp_path / "new" / "data.key"
    key = open_data_key(file, make=True)
    assert len(key) == 32
    assert file.stat().st_mode & 0o777 == 0o600
    assert open_data_key(file, make=True) == key


def test_no_key_is_made_in_production(tmp_path: Path):
    with pytest.raises(SettingsError, match=r"WEEGWIJZER_DATA_KEY_FILE: .*cannot be read"):
        open_data_key(tmp_path / "data.key")


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (base64.b64encode(bytes(32)), 0o640, "read by others"),
        (base64.b64encode(bytes(31)), 0o600, "holds 31 bytes"),
        (b"geen base64!", 0o600, "not base64"),
        (b"\xff" * 44, 0o600, "cannot be read"),
        (b"", 0o600, "holds 0 bytes"),
    ],
)
def test_a_key_file_that_is_not_right_is_refused_without_showing_it(
    content: bytes, mode: int, words: str, tmp_path: Path
):
    file = tmp_path / "data.key"
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(ValueError, match=words):
        read_data_key(file)


def test_a_place_where_no_key_can_be_made_is_named(tmp_path: Path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(SettingsError, match=r"WEEGWIJZER_DATA_DIR: .*cannot be made"):
        open_data_key(blocked / "data.key", make=True)


@pytest.mark.parametrize("wrong", ["gm0000", "Gemeente", "gm0000 \x07", "ge<m 0 x"])
def test_an_organisation_has_a_code_and_a_name(wrong: str):
    assert read_whereabouts({"WEEGWIJZER_ORGANISATION": "gm0000  Gemeente Voorbeeld "}, None).organisation == (
        "gm0000",
        "Gemeente Voorbeeld",
    )
    with pytest.raises(SettingsError, match="write the code and the name"):
        read_whereabouts({"WEEGWIJZER_ORGANISATION": wrong}, None)
