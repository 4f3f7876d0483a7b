"""The containers' health checks: `python -m crm.ask http://…` or `python -m crm.ask heartbeat`."""

import sys
import urllib.error
import urllib.request


def page(address: str) -> bool:
    """Whether that page answers 200, asked as the proxy in front would ask."""
    request = urllib.request.Request(address, headers={"X-Forwarded-Proto": "https", "Host": "localhost"})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310 - our own address
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False


def heartbeat() -> bool:
    """Whether beat's heartbeat went through a worker lately."""
    import django

    django.setup()
    from core import health

    return not health.worker()


if __name__ == "__main__":
    sys.exit(not (heartbeat() if sys.argv[1] == "heartbeat" else page(sys.argv[1])))
