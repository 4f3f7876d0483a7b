"""The shape of a driver: it sends, reads receipts, and reads what people answer. It knows no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.util import find_spec
from typing import Any, ClassVar, Protocol


@dataclass(frozen=True)
class Setting:
    """One thing that an administrator fills in for a driver."""

    name: str
    label: Any
    secret: bool = False
    required: bool = True
    default: str = ""
    help: Any = ""
    choices: tuple[tuple[str, Any], ...] = ()
    most: int = 200
    long: bool = False


@dataclass(frozen=True)
class File:
    """A file that goes along."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Outgoing:
    """A message as a driver gets it. `key` is the same at every try: a provider that honours keys sends it once."""

    key: str
    to: str
    text: str
    subject: str = ""
    html: str = ""
    language: str = ""
    reply_to: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[File] = ()
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Sent:
    """The provider took it: under which id it reports on it."""

    provider_id: str = ""


class NotSent(Exception):
    """It did not leave and never will as it is: a wrong address, a text that is not allowed."""

    dead = False  # whether the address itself is dead


class DeadAddress(NotSent):
    """It did not leave, and nothing sent to this address ever will."""

    dead = True


class Later(Exception):
    """It did not leave; it may later (throttled, busy, no line). `after` seconds, if the provider said so; `down` when
    the provider itself is out of order, which counts towards the breaker."""

    def __init__(self, why: str, *, after: float | None = None, down: bool = False) -> None:
        self.after, self.down = after, down
        super().__init__(why)


class MayHaveLeft(Exception):
    """The line broke in the middle, or no answer came in time: nobody knows (R11.4)."""


class NotOurs(Exception):
    """A report that the provider has not signed, or that cannot be read."""


@dataclass(frozen=True)
class Receipt:
    """What a provider reports of a message: `delivered`, `bounced` (it will not arrive; `dead`: the address is dead),
    `complaint` (marked as spam), `opened`. `provider_id` or `key` says of which."""

    what: str
    provider_id: str = ""
    key: str = ""
    at: datetime | None = None
    why: str = ""
    dead: bool = False


@dataclass(frozen=True)
class Inbound:
    """What a person wrote back: from which number or address, and to which of our messages if that is said."""

    sender: str
    text: str
    subject: str = ""
    answers: Sequence[str] = ()  # keys or provider ids of messages it may answer
    at: datetime | None = None
    id: str = ""  # the provider's id of it: the same one twice is one


@dataclass(frozen=True)
class Incoming:
    """A provider's request to our hook."""

    method: str
    path: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes
    url: str = ""


class Driver(Protocol):
    """One way to send on one kind of channel. Made anew for each batch with the settings and opened secrets."""

    kind: ClassVar[str]
    code: ClassVar[str]
    label: ClassVar[Any]
    about: ClassVar[Any]  # a sentence for who chooses
    settings: ClassVar[tuple[Setting, ...]]
    keyed: ClassVar[bool]  # the provider honours keys: after `MayHaveLeft` the same key may be sent again
    reports: ClassVar[bool]  # something may come to the hook: its address is shown
    needs: ClassVar[tuple[str, str]]  # the module that must be installed, and the extra that brings it
    thanks: ClassVar[tuple[str, str]]  # what the provider wants to hear from the hook: content type, body

    def __init__(self, values: Mapping[str, str]) -> None: ...

    @classmethod
    def missing(cls) -> str:
        """The extra that has to be installed first; empty if nothing has."""
        ...

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        """What is wrong with settings that are all there: (name of the setting, a sentence)."""
        ...

    def send(self, message: Outgoing) -> Sent:
        """Hand one over. Raises NotSent, Later, MayHaveLeft."""
        ...

    def receipts(self, request: Incoming) -> list[Receipt]:
        """What a provider reports. Raises NotOurs."""
        ...

    def inbound(self, request: Incoming) -> list[Inbound]:
        """What people answered. Raises NotOurs."""
        ...

    def close(self) -> None:
        """Let go of lines that are open."""
        ...


class Plain:
    """What drivers have in common: settings as attributes of one dict, nothing reported, no line to close."""

    kind: ClassVar[str]
    code: ClassVar[str]
    label: ClassVar[Any]
    about: ClassVar[Any] = ""
    settings: ClassVar[tuple[Setting, ...]] = ()
    keyed: ClassVar[bool] = False
    reports: ClassVar[bool] = False
    needs: ClassVar[tuple[str, str]] = ("", "")
    thanks: ClassVar[tuple[str, str]] = ("application/json", '{"ok": true}')
    do_not_call_in_templates: ClassVar[bool] = True  # pages show the class itself

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = {s.name: values.get(s.name) or s.default for s in self.settings}
        self.hook = values.get(
            "hook", ""
        )  # where the provider reports, for those that are told with each message

    @classmethod
    def missing(cls) -> str:
        """The extra that has to be installed first; empty if nothing has."""
        module, extra = cls.needs
        try:
            return "" if not module or find_spec(module) else extra
        except ModuleNotFoundError:  # not even the package above it
            return extra

    @classmethod
    def faults(cls, values: Mapping[str, str]) -> list[tuple[str, Any]]:
        """Nothing that the settings' own descriptions do not say."""
        return []

    def receipts(self, request: Incoming) -> list[Receipt]:
        """Nothing is reported."""
        return []

    def inbound(self, request: Incoming) -> list[Inbound]:
        """Nothing comes back."""
        return []

    def close(self) -> None:
        """No line is held."""
