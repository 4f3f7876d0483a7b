"""The compose file follows the compose specification and keeps its promises about who may do what."""

import re

import pytest
import yaml
from compose_spec import PyCompose

from tests.deploy import compose

VALUES = {"SITE": "crm.example.com", "SECRET_KEY": "s" * 60, "OWNER_PASSWORD": "owner", "APP_PASSWORD": "app"}


@pytest.fixture(scope="module")
def parsed() -> dict:
    return compose.interpolated(VALUES)


def test_it_validates_against_the_compose_specification(parsed: dict) -> None:
    file = PyCompose.from_yaml(yaml.safe_dump(parsed))
    file.validate()
    assert set(file.service_names()) == {
        "postgres",
        "valkey",
        "migrate",
        "web",
        "worker",
        "sender",
        "beat",
        "caddy",
    }


def test_the_validator_refuses_what_is_no_compose_file(parsed: dict) -> None:
    broken = {**parsed, "services": {"web": {"image": "x", "commands": ["typo"]}}}
    with pytest.raises(ValueError, match="commands"):
        PyCompose.from_yaml(yaml.safe_dump(broken))


@pytest.mark.parametrize("name", ["SITE", "SECRET_KEY", "OWNER_PASSWORD", "APP_PASSWORD"])
def test_it_does_not_start_without_its_secrets(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        compose.interpolated({key: value for key, value in VALUES.items() if key != name})


def test_every_variable_stands_in_the_example() -> None:
    example = (compose.BASE / ".env.example").read_text()
    named = set(re.findall(r"^(\w+)=", example, re.MULTILINE))
    assert {name for name, _, _ in compose.VARIABLE.findall(compose.text())} - {"TRUNK_VERSION"} == named


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "sender", "beat"])
def test_our_containers_have_no_rights(parsed: dict, name: str) -> None:
    service = parsed["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["user"] not in {"", "0", "root"}
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_only_the_migration_knows_the_owner(parsed: dict) -> None:
    knows = {
        name for name, s in parsed["services"].items() if "DATABASE_OWNER_URL" in s.get("environment", {})
    }
    assert knows == {"migrate"}


def test_only_the_proxy_is_reached_from_outside(parsed: dict) -> None:
    assert {name for name, service in parsed["services"].items() if "ports" in service} == {"caddy"}


def test_whatever_runs_for_long_has_a_health_check(parsed: dict) -> None:
    without = {name for name, service in parsed["services"].items() if "healthcheck" not in service}
    assert without == {"migrate"}
