"""Author's tests in the studio: run with progress, the failing line in its file, edited and added."""

import pytest

from bot.flow.bundle import TESTS
from bot.studio.editing.edits import WriteFile
from bot.web.studio.trial_runs import TrialRuns
from tests.fakes import InlineBench
from tests.web.stage import Stage
from tests.web.studio_forms import form_of

GENTLE = f"{TESTS}danger-no.chat"


@pytest.fixture
async def draft(studio_stage) -> str:
    """A draft in which nothing was changed yet."""
    await studio_stage.door.open()
    return str((await studio_stage.workshop.begin("Essais", by="s5")).id)


async def written(stage: Stage, draft: str, path: str, old: str, new: str) -> None:
    text = (await stage.workshop.bundle(draft))[path]
    assert old in text
    await stage.workshop.edit(draft, [WriteFile(path, text.replace(old, new, 1), text)], by="s5", action=new)


async def test_all_are_listed_with_what_they_are_about(author, studio_stage, draft) -> None:
    page = (await author.get(f"/studio/d/{draft}/tests")).text

    assert f'href="/studio/d/{draft}/tests/danger-no"' in page
    assert "A gentle no closes it" in page
    assert studio_stage.says("trials.not-run") in page


async def test_a_handful_is_run_for_a_script(author, draft) -> None:
    said = (await author.post(f"/studio/d/{draft}/tests/run?batch=0")).json()

    assert said["of"] > 1
    assert {result["passed"] for result in said["results"]} == {True}
    assert (await author.post(f"/studio/d/{draft}/tests/run?batch=999")).json()["results"] == []
    assert (await author.post(f"/studio/d/{draft}/tests/run?batch=x")).json()["results"] == []


async def test_the_line_that_did_not_go_as_written_is_shown_in_its_file(author, studio_stage, draft) -> None:
    await written(studio_stage, draft, GENTLE, "< bot.we-were-here", "< bot.still-safe")

    page = (await author.get(f"/studio/d/{draft}/tests/danger-no")).text

    assert 'id="line-12" class="bad"' in page
    assert studio_stage.says("trials.expected") in page
    assert "&lt; bot.we-were-here" in page


async def test_a_test_is_changed(author, studio_stage, draft) -> None:
    base = (await studio_stage.workshop.bundle(draft))[GENTLE]

    answer = await author.post(
        f"/studio/d/{draft}/tests/danger-no", data={"text": base.replace("# A gentle", "# A kind").replace("\n", "\r\n"), "base": base}
    )

    assert answer.headers["location"].endswith("?said=saved")
    now = (await studio_stage.workshop.bundle(draft))[GENTLE]
    assert now == base.replace("# A gentle", "# A kind")


async def test_what_was_typed_stays_when_somebody_else_was_quicker(author, studio_stage, draft) -> None:
    base = (await studio_stage.workshop.bundle(draft))[GENTLE]
    await written(studio_stage, draft, GENTLE, "# A gentle no", "# Their words")

    answer = await author.post(
        f"/studio/d/{draft}/tests/danger-no", data={"text": base.replace("# A gentle no", "# My words"), "base": base}
    )

    assert answer.status_code == 422
    assert "# My words" in answer.text
    assert "# Their words" in (await studio_stage.workshop.bundle(draft))[GENTLE]


async def test_a_test_is_added_and_taken_away(author, studio_stage, draft) -> None:
    answer = await author.post(f"/studio/d/{draft}/tests", data={"name": "Mine", "flow": "return"})
    assert answer.headers["location"] == f"/studio/d/{draft}/tests/mine"
    assert (await author.get(f"/studio/d/{draft}/tests/mine")).status_code == 200

    await author.post(f"/studio/d/{draft}/tests/mine/remove")
    assert f"{TESTS}mine.chat" not in await studio_stage.workshop.bundle(draft)
    assert (await author.get(f"/studio/d/{draft}/tests/mine")).status_code == 404


@pytest.mark.parametrize(("name", "why"), [("danger-no", "taken"), ("../x", "name"), ("", "name")])
async def test_a_name_that_cannot_be_is_refused(author, studio_stage, draft, name, why) -> None:
    answer = await author.post(f"/studio/d/{draft}/tests", data={"name": name, "flow": "return"})

    assert answer.status_code == 422
    assert studio_stage.says(f"trials.add.no.{why}") in answer.text


async def test_flows_with_problems_hold_the_tests_up_and_say_so(author, studio_stage, draft) -> None:
    await written(studio_stage, draft, "flows/return.yaml", "go: child", "go: chid")

    for address in ("", "/danger-no"):
        assert studio_stage.says("trials.blocked") in (await author.get(f"/studio/d/{draft}/tests{address}")).text


async def test_what_was_run_is_not_run_again(studio_stage, draft) -> None:
    bundle = await studio_stage.workshop.bundle(draft)
    few = bundle
    for path in bundle.test_paths()[2:]:
        few = few.without_file(path)
    runs = TrialRuns()

    assert runs.known(few) is None
    first = await runs.run(InlineBench(), few)

    assert runs.known(few) == first
    assert first.failed == ()
    assert first.of == first.passed > 0


async def failing(stage: Stage, draft: str) -> None:
    """A test that expects what does not come: a question fewer, and other words."""
    await written(stage, draft, GENTLE, "< bot.we-were-here", "< bot.still-safe")


async def test_what_came_now_is_shown_line_by_line_and_taken_over(author, studio_stage, draft) -> None:
    base = (await studio_stage.workshop.bundle(draft))[GENTLE]
    await failing(studio_stage, draft)
    assert f'href="/studio/d/{draft}/take?test=danger-no"' in (await author.get(f"/studio/d/{draft}/tests/danger-no")).text

    page = (await author.get(f"/studio/d/{draft}/take?test=danger-no")).text
    form = form_of(page, 'class="taking"')

    assert "&lt; bot.still-safe" in page
    assert "&lt; bot.we-were-here" in page
    assert studio_stage.says("taking.lost.question") in page  # what asks whether writing is safe is gone from the test
    refused = await author.post(f"/studio/d/{draft}/take", data=form)
    assert refused.status_code == 422
    assert studio_stage.says("taking.no.lost") in refused.text
    answer = await author.post(f"/studio/d/{draft}/take", data={**form, "lose": ["danger-no#0"]})
    assert answer.headers["location"].endswith("?test=danger-no&taken=1&left=0")
    assert (await studio_stage.workshop.bundle(draft))[GENTLE] == base
    assert studio_stage.says("taking.none") in (await author.get(f"/studio/d/{draft}/take?test=danger-no&taken=1")).text


async def test_nothing_is_written_but_what_was_shown(author, studio_stage, draft) -> None:
    await failing(studio_stage, draft)
    form = form_of((await author.get(f"/studio/d/{draft}/take?test=danger-no")).text, 'class="taking"')
    await written(studio_stage, draft, GENTLE, "# A gentle", "# Their")

    answer = await author.post(f"/studio/d/{draft}/take", data={**form, "lose": ["danger-no#0"]})

    assert answer.status_code == 422
    assert studio_stage.says("taking.no.other") in answer.text
    assert "< bot.still-safe" in (await studio_stage.workshop.bundle(draft))[GENTLE]
