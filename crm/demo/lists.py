"""How people keep their lists: labels on leads (R0.2), and views under a name."""

from __future__ import annotations

from urllib.parse import urlencode

from accounts.saved import choose, save_view
from crm.demo.desk import stub
from crm.demo.persons import Person
from crm.demo.world import World
from leads import labels
from leads.models import Label

LABELS = [
    "连锁 Chain",
    "新开业 Opening soon",
    "医保对接 Insurance",
    "竞品在谈 Competitor in",
    "要上门 On site",
    "老板拍板 Owner decides",
]
# who, for everybody, name, what is asked
VIEWS: list[tuple[str, bool, str, dict[str, str]]] = [
    ("max", True, "展会线索 Expo leads", {"medium": "conference", "columns": "state,owner,created,source,campaign"}),
    ("max", False, "Live streams, open", {"medium": "live_stream", "ordering": "-created_at"}),
    ("mark", True, "On extension", {"on_extension": "true", "ordering": "due_at"}),
    ("mark", False, "East: competitor in", {"team": "East", "label": LABELS[3]}),
    ("rita", False, "My expo people", {"owner": "me", "medium": "conference", "ordering": "due_at"}),
    ("wei", False, "我的新开业诊所", {"owner": "me", "label": LABELS[1]}),
    ("wei", False, "我的SQL，快到期的在前", {"owner": "me", "state": "sql", "ordering": "due_at"}),
    ("olga", True, "西区全部SQL", {"team": "West", "state": "sql", "columns": "time,owner,next,touched"}),
]  # fmt: skip


def days(world: World) -> None:
    """The list of labels on the first morning; views once there is something to see."""
    world.at(world.start, make_labels)
    world.at(world.moment(world.day(world.days // 3), 9, 10), keep_views)


def make_labels(world: World) -> None:
    """Marketing agrees on few words."""
    for name in LABELS:
        labels.make(by=world.people["max"], name=name)


def label(world: World, person: Person, rep: str) -> None:
    """The rep puts a word or two on a lead."""
    names = world.rng.sample(LABELS, world.rng.choice([1, 1, 2]))
    labels.put(stub(person), by=world.people[rep], labels=list(Label.objects.filter(name__in=names)))


def keep_views(world: World) -> None:
    """Each keeps what is looked at every day."""
    for login, shared, name, asked in VIEWS:
        save_view(by=world.people[login], page="leads", name=name, query=urlencode(asked), shared=shared)
    columns = ["state", "time", "owner", "next", "touched", "medium", "labels"]
    choose(by=world.people["olga"], page="leads", columns=columns)
