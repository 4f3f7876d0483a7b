"""Runs the reduced suite on servers that are not ours: Debian's PostgreSQL 15 and redis-server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.deploy.debian import Debian

BASE = Path(__file__).resolve().parent.parent
REDUCED = "reduced and not slow and not deploy and not browser"


def main() -> None:
    """Start them, run, stop them."""
    with Debian() as servers:
        env = os.environ | {
            "DATABASE_URL": servers.app_url,
            "DATABASE_OWNER_URL": servers.owner_url,
            "REDIS_URL": servers.redis_url,
        }
        command = [str(BASE / ".venv" / "bin" / "pytest"), "-q", "-m", REDUCED, *sys.argv[1:]]
        code = subprocess.run(command, cwd=BASE, env=env, stdin=subprocess.DEVNULL, check=False).returncode
    sys.exit(code)


if __name__ == "__main__":
    main()
