"""Runs the compose file's services as processes, in its order, with its very commands, until their health checks pass.

Images are stood in for by Debian's programs (PostgreSQL, redis-server for Valkey, Caddy), host names by ports of the
loopback, volumes by folders.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.deploy import compose
from tests.deploy.debian import NotInstalled, free_port, newest_postgres

BASE = compose.BASE
VALUES = {
    "SITE": "localhost",
    "SECRET_KEY": "k" * 60,
    "OWNER_PASSWORD": "ownerofstack",
    "APP_PASSWORD": "appofstack",
}
STAND_INS = {"valkey-server": "redis-server", "valkey-cli": "redis-cli"}
INHERITED = ("LANG", "HOME", "SSL_CERT_FILE")


class Stack:
    """All services of docker-compose.yml, as a context."""

    def __init__(self) -> None:
        self.ports = {name: free_port() for name in ("postgres", "valkey", "web", "http", "https", "admin")}
        self.folder = Path(tempfile.mkdtemp(prefix="trunk-stack-"))
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.services: dict[str, Any] = compose.interpolated(VALUES)["services"]
        self.order = compose.start_order(self.services)
        self.as_user = "postgres" if os.geteuid() == 0 else None

    @property
    def address(self) -> str:
        """Where people would go."""
        return f"https://localhost:{self.ports['https']}"

    @property
    def authority(self) -> Path:
        """The root certificate of Caddy's own CA."""
        return self.folder / "caddy" / "caddy" / "pki" / "authorities" / "local" / "root.crt"

    def __enter__(self) -> Stack:
        for program in ("redis-server", "caddy"):
            if not shutil.which(program):
                raise NotInstalled(f"{program} is not installed")
        try:
            for name in self.order:
                self.start(name)
            for name in self.processes:
                self.wait_until_healthy(name, self.health_command(name))
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    # -- from containers to processes

    def here(self, word: str) -> str:
        """A word of the compose file, with this machine's addresses and folders."""
        swaps = {
            "@postgres:5432": f"@127.0.0.1:{self.ports['postgres']}",
            "valkey:6379": f"127.0.0.1:{self.ports['valkey']}",
            "0.0.0.0:8000": f"127.0.0.1:{self.ports['web']}",
            "127.0.0.1:8000": f"127.0.0.1:{self.ports['web']}",
            "web:8000": f"127.0.0.1:{self.ports['web']}",
            "127.0.0.1:2019": f"127.0.0.1:{self.ports['admin']}",
            "/etc/caddy/Caddyfile": str(BASE / "Caddyfile"),
        }
        for there, ours in swaps.items():
            word = word.replace(there, ours)
        return str(self.folder / "data") if word == "/data" else word

    def env(self, name: str) -> dict[str, str]:
        """What the service is told, and the little that a process needs to run at all."""
        given = {
            key: self.here(str(value)) for key, value in self.services[name].get("environment", {}).items()
        }
        path = f"{BASE / '.venv' / 'bin'}:{newest_postgres()}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"
        base = {key: os.environ[key] for key in INHERITED if key in os.environ}
        ours = {"PATH": path, "DJANGO_SETTINGS_MODULE": "crm.settings", "PGHOST": "127.0.0.1"}
        ours |= {"PGPORT": str(self.ports["postgres"])}
        if name == "caddy":
            ours |= {"HTTP_PORT": str(self.ports["http"]), "HTTPS_PORT": str(self.ports["https"])}
            ours |= {
                "CADDY_ADMIN": f"127.0.0.1:{self.ports['admin']}",
                "XDG_DATA_HOME": str(self.folder / "caddy"),
            }
            ours |= {"XDG_CONFIG_HOME": str(self.folder / "config")}
        return base | ours | given

    def command(self, name: str) -> list[str]:
        """The service's very command; to Debian's servers the port and folder are added that an image fixes."""
        words = [self.here(STAND_INS.get(str(word), str(word))) for word in self.services[name]["command"]]
        if name == "postgres":
            words += ["-D", str(self.folder / "pg" / "data"), "-p", str(self.ports["postgres"])]
            words += ["-c", f"unix_socket_directories={self.folder / 'pg'}"]
        if name == "valkey":
            words += ["--port", str(self.ports["valkey"]), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return words

    # -- starting

    def start(self, name: str) -> None:
        """Start one service; come back when it is done or, if another waits for that, healthy."""
        if name == "postgres":
            self._make_cluster()
        process = self.run(name, self.command(name), self.as_user if name == "postgres" else None)
        if "healthcheck" not in self.services[name]:
            if process.wait(180):
                raise RuntimeError(self.log(name))
            return
        self.processes[name] = process
        if name == "postgres":
            self.wait_until_healthy(name, ["pg_isready", "-d", "postgres"])
            self._run_to_end(
                "roles", ["psql", "-U", "trunk_owner", "-c", "CREATE DATABASE trunk", "postgres"]
            )
            env = {"POSTGRES_USER": "trunk_owner", "POSTGRES_DB": "trunk", **self.env(name)}
            self._run_to_end("roles", [str(BASE / "deploy" / "roles.sh")], env)
        if self._waited_for(name):
            self.wait_until_healthy(name, self.health_command(name))

    def _waited_for(self, name: str) -> bool:
        """Whether another service starts only when this one is healthy."""
        conditions = [service.get("depends_on", {}).get(name, {}) for service in self.services.values()]
        return any(condition.get("condition") == "service_healthy" for condition in conditions)

    def health_command(self, name: str) -> list[str]:
        """The service's health check as a command."""
        kind, *words = self.services[name]["healthcheck"]["test"]
        words = [self.here(STAND_INS.get(word, word)) for word in words]
        if name == "valkey":
            words[1:1] = ["-p", str(self.ports["valkey"])]
        return ["sh", "-c", words[0]] if kind == "CMD-SHELL" else words

    def wait_until_healthy(self, name: str, command: list[str], seconds: float = 60) -> None:
        """Repeat the health check until it passes; raises RuntimeError with the log when it does not."""
        until = time.monotonic() + seconds
        while self._quiet(command, self.env(name)):
            if self.processes[name].poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{name} is not healthy:\n{self.log(name)}")
            time.sleep(0.5)

    def run(self, name: str, command: list[str], user: str | None = None) -> subprocess.Popen[bytes]:
        """One process, its words going to a log of its own."""
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                command,
                cwd=BASE,
                env=self.env(name),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=user,
            )

    def manage(self, *args: str, given: str = "") -> str:
        """A command in the web service's surroundings, as `docker compose exec web python manage.py …` would."""
        command = ["python", "manage.py", *args]
        path = self.env("web")
        command[0] = str(BASE / ".venv" / "bin" / "python")
        done = subprocess.run(
            command, cwd=BASE, env=path, input=given, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stdout + done.stderr)
        return done.stdout.strip()

    def _make_cluster(self) -> None:
        folder = self.folder / "pg"
        folder.mkdir()
        if self.as_user:
            self.folder.chmod(0o755)
            os.chown(folder, pwd.getpwnam(self.as_user).pw_uid, -1)
        flags = ["-U", "trunk_owner", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        process = self.run("postgres", ["initdb", "-D", str(folder / "data"), *flags], self.as_user)
        if process.wait(60):
            raise RuntimeError(self.log("postgres"))

    def _run_to_end(self, name: str, command: list[str], env: dict[str, str] | None = None) -> None:
        done = subprocess.run(
            command, cwd=BASE, env=env or self.env("postgres"), capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stdout}{done.stderr}")

    @staticmethod
    def _quiet(command: list[str], env: dict[str, str]) -> int:
        nowhere = subprocess.DEVNULL
        return subprocess.run(
            command, cwd=BASE, env=env, stdout=nowhere, stderr=nowhere, check=False
        ).returncode

    def log(self, name: str) -> str:
        """What the service said last."""
        return (self.folder / f"{name}.log").read_text(errors="replace")[-4000:]

    def stop(self) -> None:
        """Stop all in the opposite order, as an engine does."""
        for name, process in reversed(self.processes.items()):
            process.send_signal(2 if name == "postgres" else 15)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
