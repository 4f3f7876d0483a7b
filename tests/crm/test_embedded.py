"""The embedded servers: shared by all users of a data folder, stopped by the last one, whatever happens to whom."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
import redis

from crm import embedded

USER = """
import sys, time
from pathlib import Path
from crm import embedded
embedded.start(Path(sys.argv[1]), durable=False)
print("in", flush=True)
{then}
"""
STAY = "sys.stdin.read()"
FORK = """
import os
if os.fork() == 0:
    sys.exit()
os.wait()
sys.stdin.read()
"""


@pytest.fixture
def servers() -> Iterator[Path]:
    """A data folder of this test's own, with nothing left afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="trunk-embedded-"))
    yield folder / "servers"
    embedded.leave(folder / "servers", wait=20)
    for guard in ("servers", "test/servers"):
        (folder / guard).mkdir(parents=True, exist_ok=True)
    embedded.clean(folder)
    shutil.rmtree(folder)


def user(servers: Path, then: str = STAY) -> subprocess.Popen[bytes]:
    """Another process that uses the servers until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", USER.format(then=then), str(servers)],
        cwd=embedded.BASE,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    return process


def is_in(process: subprocess.Popen[bytes]) -> bool:
    assert process.stdout
    return process.stdout.readline() == b"in\n"


def end(process: subprocess.Popen[bytes], sign: signal.Signals | None = None) -> None:
    if sign:
        process.send_signal(sign)
    process.communicate()


def answers(servers: Path) -> bool:
    where = embedded.places(servers)
    try:
        psycopg2.connect(host=str(where.run), user=embedded.APP, dbname=embedded.DATABASE).close()
        with redis.Redis.from_url(where.redis_url) as client:
            return bool(client.ping())
    except (psycopg2.OperationalError, redis.RedisError):
        return False


def soon(condition: object, seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


def test_two_that_start_at_once_share_one_pair_and_the_last_one_out_stops_it(servers: Path) -> None:
    first, second = user(servers), user(servers)
    assert is_in(first)
    assert is_in(second)
    pids = embedded.state(servers)
    end(first)
    time.sleep(0.6)
    assert answers(servers)
    assert embedded.state(servers) == pids
    end(second)
    assert soon(lambda: all(gone(pid) for pid in pids.values()))


def test_killed_users_leave_no_server_and_no_lock_behind(servers: Path) -> None:
    first = user(servers)
    assert is_in(first)
    pids = embedded.state(servers)
    end(first, signal.SIGKILL)
    assert soon(lambda: all(gone(pid) for pid in pids.values()))
    again = user(servers)
    assert is_in(again)
    assert answers(servers)
    end(again)


def test_a_killed_guard_takes_its_servers_along_and_the_next_user_starts_new_ones(servers: Path) -> None:
    first = user(servers)
    assert is_in(first)
    pids = embedded.state(servers)
    os.kill(pids["guard"], signal.SIGKILL)
    assert soon(lambda: all(gone(pid) for pid in pids.values()))
    embedded.start(servers, durable=False)
    assert answers(servers)
    end(first)
    assert answers(servers)


def test_a_server_that_dies_is_started_again(servers: Path) -> None:
    embedded.start(servers, durable=False)
    pids = embedded.state(servers)
    os.kill(pids["postgres"], signal.SIGKILL)
    os.kill(pids["valkey"], signal.SIGKILL)
    assert soon(lambda: gone(pids["postgres"]) and gone(pids["valkey"]))
    assert soon(lambda: answers(servers))


def test_a_forked_child_that_ends_does_not_stop_them(servers: Path) -> None:
    process = user(servers, FORK)
    assert is_in(process)
    time.sleep(0.8)
    assert answers(servers)
    end(process)


def test_a_path_longer_than_a_sockets_may_be(servers: Path) -> None:
    long = servers.parent / ("long" * 20) / ("path" * 20) / "servers"
    embedded.start(long, durable=False)
    assert answers(long)
    embedded.leave(long, wait=20)
    home = embedded.places(long).home
    if home != long:
        shutil.rmtree(home)


def test_no_folder_above_is_opened_to_anybody(servers: Path) -> None:
    closed = servers.parent / "closed"
    closed.mkdir(mode=0o700)
    inside = closed / "checkout" / "var" / "servers"
    inside.mkdir(parents=True)
    above = [closed, servers.parent, *inside.parents]
    before = [stat.S_IMODE(folder.stat().st_mode) for folder in above]
    embedded.start(inside, durable=False)
    assert answers(inside)
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in above] == before
    embedded.leave(inside, wait=20)
    home = embedded.places(inside).home
    if home != inside:
        shutil.rmtree(home)


def test_a_copied_folder_gets_data_of_its_own_and_a_moved_one_keeps_its(servers: Path) -> None:
    embedded.start(servers, durable=False)
    embedded.leave(servers, wait=20)
    home = embedded.places(servers).home
    copy = servers.parent / "copy"
    shutil.copytree(servers, copy)
    assert embedded.places(copy).home != home
    shutil.rmtree(copy)
    if home != servers:
        moved = servers.rename(servers.parent / "moved")
        assert embedded.places(moved).home == home
        moved.rename(servers)


def test_the_ctype_knows_chinese(servers: Path) -> None:
    where = embedded.start(servers, durable=False)
    connection = psycopg2.connect(host=str(where.run), user=embedded.OWNER, dbname=embedded.DATABASE)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_trgm; SELECT cardinality(show_trgm('王小明'))")
        assert cursor.fetchone() == (4,)
    connection.close()
