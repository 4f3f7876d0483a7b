"""Settings from the environment: typed, and every mistake is told at once."""

import fcntl
from pathlib import Path

import pytest

from crm import config


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    names = "TRUNK_DEMO DATABASE_URL DATABASE_OWNER_URL REDIS_URL SECRET_KEY ALLOWED_HOSTS CLOCK_OFFSET PORT LOG_LEVEL"
    for name in names.split():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TRUNK_VAR", str(tmp_path))
    monkeypatch.setattr(config, "sys", type("NoTests", (), {"modules": {}}))


def load_with(monkeypatch: pytest.MonkeyPatch, **values: str) -> config.Config:
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return config.load()


def test_without_anything_it_starts_on_servers_of_its_own(tmp_path: Path) -> None:
    loaded = config.load()
    assert loaded.port == 8000
    assert loaded.servers == tmp_path / "servers"
    assert config.load().secret_key == loaded.secret_key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


def test_all_mistakes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(config.ConfigError) as error:
        load_with(
            monkeypatch,
            PORT="eighty",
            TRUNK_HTTPS="perhaps",
            CLOCK_OFFSET="60",
            DATABASE_URL="mysql://db/trunk",
            REDIS_URL="http://redis",
            LOG_LEVEL="LOUD",
        )
    told = str(error.value)
    names = (
        "PORT",
        "TRUNK_HTTPS",
        "CLOCK_OFFSET",
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "ALLOWED_HOSTS",
    )
    assert [name for name in (*names, "LOG_LEVEL") if name not in told] == []


def test_the_clock_is_moved_in_the_demo_only(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(config.ConfigError, match="CLOCK_OFFSET"):
        load_with(monkeypatch, CLOCK_OFFSET="604800")
    assert load_with(monkeypatch, CLOCK_OFFSET="-604800", TRUNK_DEMO="1").clock_offset == -604800


def test_commands_beside_a_running_demo_share_its_clock(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "demo").write_text("done")
    (tmp_path / "clock_offset").write_text("604800")
    assert config.load().clock_offset == 0  # nobody runs: a left-over file counts for nothing
    with open(tmp_path / "supervisor.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert config.load().clock_offset == 604800
        assert load_with(monkeypatch, CLOCK_OFFSET="5").clock_offset == 5


@pytest.mark.parametrize(
    ("url", "host", "port", "user", "password"),
    [
        ("postgresql://u:p%20w@db:5433/trunk", "db", 5433, "u", "p w"),
        ("postgresql://trunk_app@/trunk?host=/run/x", "/run/x", "", "trunk_app", ""),
        ("postgres://db/trunk?sslmode=require", "db", "", "", ""),
    ],
)
def test_addresses_of_databases(url: str, host: str, port: object, user: str, password: str) -> None:
    found = config.database(url)
    assert (found["HOST"], found["PORT"], found["USER"], found["PASSWORD"]) == (host, port, user, password)
    assert found["NAME"] == "trunk"


def test_addresses_of_redis() -> None:
    assert config.redis_db("redis://r:6379/0", 1) == "redis://r:6379/1"
    assert config.redis_db("unix:///run/v.sock", 1) == "unix:///run/v.sock?db=1"
    assert config.broker("unix:///run/v.sock") == "redis+socket:///run/v.sock?virtual_host=0"


def test_mail_goes_to_files_without_a_server_and_to_the_server_that_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    loaded = config.load()
    assert loaded.mail["EMAIL_FILE_PATH"] == str(tmp_path / "mail")
    assert loaded.site_url == "http://localhost:8000"
    named = load_with(
        monkeypatch, EMAIL_URL="smtp://me%40x:a%2Fb@mail.example:587?tls=1", SITE_URL="https://crm.example/"
    )
    assert (named.mail["EMAIL_HOST"], named.mail["EMAIL_PORT"]) == ("mail.example", 587)
    assert (named.mail["EMAIL_HOST_USER"], named.mail["EMAIL_HOST_PASSWORD"]) == ("me@x", "a/b")
    assert (named.mail["EMAIL_USE_TLS"], named.mail["EMAIL_USE_SSL"]) == (True, False)
    assert named.site_url == "https://crm.example"
    with pytest.raises(config.ConfigError) as error:
        load_with(monkeypatch, EMAIL_URL="http://mail.example", SITE_URL="crm.example")
    assert "EMAIL_URL" in str(error.value) and "SITE_URL" in str(error.value)
