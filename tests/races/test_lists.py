"""What is kept under a name, by several windows at once: scripts with one default, views of a list (R2.4)."""

from __future__ import annotations

from functools import partial

import pytest

from accounts import saved
from accounts.models import ListChoice, SavedView
from calling.models import Script
from calling.services import save_script
from tests.races import scene
from tests.races.harness import race, tally

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS, AT_ONCE = 5, 6
STEPS = [{"title": "", "text": text, "questions": []} for text in "abc"]


def test_R2_4_of_several_new_defaults_one_is_the_default() -> None:
    by = scene.firm().max
    for n in range(ROUNDS):
        names = [f"Round {n}, script {place}" for place in range(AT_ONCE)]
        outcomes = race(
            partial(save_script, None, by=by, name=x, steps=STEPS, is_default=True) for x in names
        )
        assert tally(outcomes) == {"won": AT_ONCE}
        assert Script.objects.filter(is_default=True).count() == 1


def test_R2_4_a_script_s_name_is_given_once() -> None:
    by = scene.firm().max
    outcomes = race(partial(save_script, None, by=by, name="Same", steps=STEPS) for _n in range(AT_ONCE))
    assert sum(outcome.won for outcome in outcomes) == 1
    assert [o.refusal.errors[0].code for o in outcomes if o.refusal] == ["taken"] * (AT_ONCE - 1)


def test_a_view_is_renamed_chosen_and_deleted_at_once() -> None:
    by = scene.firm().max
    for _n in range(ROUNDS):
        one, two = (saved.save_view(by=by, page="leads", name=x, query="state=sql") for x in ("one", "two"))
        outcomes = race(
            [
                partial(saved.change_view, one, by=by, name="same", shared=False),
                partial(saved.change_view, two, by=by, name="same", shared=False),
                partial(saved.choose, by=by, page="leads", view=one),
                partial(saved.delete_view, one, by=by),
            ]
        )
        assert not {outcome.code for outcome in outcomes} - {"won", "not_found", "invalid"}
        assert not ListChoice.objects.filter(view=one).exists()
        SavedView.objects.all().delete()
