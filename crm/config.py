"""The settings a deployer may give, read from the environment, typed, with every mistake reported at once."""

from __future__ import annotations

import fcntl
import os
import secrets
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from environs import Env, EnvValidationError

BASE = Path(__file__).resolve().parent.parent
APP_ROLE = "trunk_app"


class ConfigError(SystemExit):
    """Ends the start with one message that lists all mistakes, without a traceback."""

    def __init__(self, mistakes: list[str]) -> None:
        lines = "\n".join(f"  - {mistake}" for mistake in mistakes)
        super().__init__(f"Trunk CRM cannot start; please correct these settings:\n{lines}")


@dataclass
class Config:
    """What the environment says, checked."""

    var: Path
    demo: bool
    testing: bool
    debug: bool
    https: bool
    port: int
    secret_key: str
    allowed_hosts: list[str]
    csrf_trusted_origins: list[str]
    clock_offset: int
    log_level: str
    proxies: int
    static_root: Path
    database_url: str
    database_owner_url: str
    redis_url: str
    metrics_token: str
    site_url: str
    mail_from: str
    mail: dict[str, Any]
    internal_hosts: list[str]
    mistakes: list[str] = field(default_factory=list)

    @property
    def servers(self) -> Path:
        """The folder of the embedded servers: tests have their own, so that they run beside a demo."""
        return self.var / "test" / "servers" if self.testing else self.var / "servers"


def var_folder() -> Path:
    """The data folder: TRUNK_VAR, else `var/` in the checkout."""
    return Path(os.environ.get("TRUNK_VAR") or BASE / "var").expanduser().resolve()


def load() -> Config:
    """Read and check everything; raises ConfigError with all mistakes at once."""
    env = Env(eager=False)
    var = var_folder()
    testing = "pytest" in sys.modules or os.environ.get("TRUNK_TEST") == "1"
    demo = env.bool("TRUNK_DEMO", (var / "demo").exists())
    running = running_offset(var) if demo and not testing else 0
    config = Config(
        var=var,
        demo=demo,
        testing=testing,
        debug=env.bool("DEBUG", False),
        https=env.bool("TRUNK_HTTPS", False),
        port=env.int("PORT", 8000),
        secret_key=env.str("SECRET_KEY", ""),
        allowed_hosts=env.list("ALLOWED_HOSTS", []),
        csrf_trusted_origins=env.list("CSRF_TRUSTED_ORIGINS", []),
        clock_offset=env.int("CLOCK_OFFSET", running),
        log_level=env.str("LOG_LEVEL", "INFO"),
        proxies=env.int("TRUSTED_PROXIES", 0),
        static_root=Path(env.str("STATIC_ROOT", "") or BASE / "build" / "static"),
        database_url=env.str("DATABASE_URL", ""),
        database_owner_url=env.str("DATABASE_OWNER_URL", ""),
        redis_url=env.str("REDIS_URL", ""),
        metrics_token=env.str("METRICS_TOKEN", ""),
        site_url=env.str("SITE_URL", "").rstrip("/"),
        mail_from=env.str("MAIL_FROM", "") or "Trunk CRM <trunk@localhost>",
        mail=mail(env.str("EMAIL_URL", ""), var),
        internal_hosts=env.list("INTERNAL_HOSTS", []),
    )
    config.site_url = config.site_url or f"http://localhost:{config.port}"
    try:
        env.seal()
    except EnvValidationError as error:
        messages = error.error_messages
        for name, why in messages.items() if isinstance(messages, dict) else [("environment", messages)]:
            config.mistakes.append(f"{name}: {' '.join(why) if isinstance(why, list) else why}")
    _check(config)
    if config.mistakes:
        raise ConfigError(config.mistakes)
    return config


def running_offset(var: Path) -> int:
    """The clock offset that a running demo was started with, so that commands beside it share its clock."""
    try:
        with open(var / "supervisor.lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:  # somebody runs it
        try:
            return int((var / "clock_offset").read_text())
        except (OSError, ValueError):
            return 0
    except OSError:
        return 0
    return 0


def _check(config: Config) -> None:
    say = config.mistakes.append
    if config.clock_offset and not (config.demo or config.testing):
        say("CLOCK_OFFSET: moves the one clock and is for the demo (TRUNK_DEMO=1) and tests only.")
    for name, url in (
        ("DATABASE_URL", config.database_url),
        ("DATABASE_OWNER_URL", config.database_owner_url),
    ):
        if url and urlsplit(url).scheme not in {"postgres", "postgresql"}:
            say(f"{name}: must begin with postgresql://, PostgreSQL is the only database.")
    if config.database_owner_url and not config.database_url:
        say("DATABASE_OWNER_URL: is the migrating role beside DATABASE_URL, which is not set.")
    if config.redis_url and urlsplit(config.redis_url).scheme not in {"redis", "rediss", "unix"}:
        say("REDIS_URL: must begin with redis://, rediss:// or unix://.")
    if config.port is not None and not 0 < config.port < 65536:
        say("PORT: must be between 1 and 65535.")
    if str(config.log_level).upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
        say("LOG_LEVEL: must be DEBUG, INFO, WARNING, ERROR or CRITICAL.")
    if urlsplit(config.site_url).scheme not in {"http", "https"} or not urlsplit(config.site_url).hostname:
        say("SITE_URL: is where this site is reached from outside, such as https://crm.example.com.")
    if not config.mail:
        say("EMAIL_URL: must be smtp://user:password@host:587?tls=1, smtps://…:465, file: or console:.")
    if not config.secret_key:
        if config.testing:
            config.secret_key = "for tests only, never a secret, long enough for the check"  # noqa: S105
        elif config.database_url:
            say("SECRET_KEY: is needed with a database of your own; give at least 50 random characters.")
        else:
            config.secret_key = _own_secret(config.var)
    if config.database_url and not config.testing and not config.allowed_hosts:
        say("ALLOWED_HOSTS: is needed with a database of your own; the names this site answers to, by comma.")


def _own_secret(var: Path) -> str:
    """The key of an embedded start: made once, kept in the data folder, readable by its owner only."""
    path = var / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        var.mkdir(parents=True, exist_ok=True)
    draft = var / f".secret_key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(64))
    try:
        os.link(draft, path)  # the first of two that start at once wins, both read the same
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text().strip()


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry of a postgresql:// address; a `host` parameter may name a socket folder."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "trunk",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", None) or parts.hostname or "",
        "PORT": options.pop("port", None) or parts.port or "",
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def mail(url: str, var: Path) -> dict[str, Any]:
    """Django's mail settings of an address; without one, mails are files in the data folder. Empty if it is none."""
    backend = "django.core.mail.backends"
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return {}
    if parts.scheme in {"", "file"}:
        folder = Path(parts.path) if parts.path else var / "mail"
        return {"EMAIL_BACKEND": f"{backend}.filebased.EmailBackend", "EMAIL_FILE_PATH": str(folder)}
    if parts.scheme == "console":
        return {"EMAIL_BACKEND": f"{backend}.console.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        return {}
    safe = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": f"{backend}.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port or (465 if safe else 25),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": safe,
        "EMAIL_USE_TLS": dict(parse_qsl(parts.query)).get("tls") in {"1", "true", "yes"},
    }


def redis_db(url: str, number: int) -> str:
    """The same Redis server's database of that number."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


def broker(url: str) -> str:
    """The address as Celery wants it: a socket is `redis+socket://` there."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return f"redis+socket://{parts.path}?virtual_host=0"
    return redis_db(url, 0)
