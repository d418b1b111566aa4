"""A draft from its beginning to its publish: what may be done with it, by whom, and what is kept."""

import pytest
from msgspec import structs

from bot.conversation.keeping.library import Deed
from bot.flow.bundle import Bundle
from bot.ports import Stale
from bot.studio.drafts.parts import NotAllowed
from bot.studio.editing.edits import RemoveFile, WriteFile
from tests.checks.bundles import CLEAN, clean
from tests.checks.bundles import TRY as FLOW
from tests.studio.shop import TRY, Shop, shop, texts_kept

HOLA = FLOW.replace("Hello.", "Hola.")


async def refused(reason: str, deed) -> None:
    with pytest.raises(NotAllowed) as raised:
        await deed
    assert raised.value.reason == reason


async def in_force(made: Shop) -> str:
    head = await made.library.look()
    assert head is not None
    return head.revision


async def test_a_draft_begins_as_what_is_in_force_and_changes_nothing_live() -> None:
    made = await shop()
    head = await made.begin("  Mend the greeting ")

    edited = await made.write(head.id, HOLA)

    assert (head.title, head.state, head.files, head.base) == ("Mend the greeting", "open", (), clean().revision)
    assert edited.head.files == (TRY,)
    assert edited.head.authors == ("amina",)
    assert edited.head.revision == edited.bundle.revision == clean(**{"try": HOLA}).revision
    assert (await made.workshop.bundle(head.id))[TRY] == HOLA
    assert (await made.workshop.base(head.id)) == clean()
    assert await in_force(made) == clean().revision


async def test_an_act_sent_twice_is_done_once() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, HOLA, action="a1")
    await made.write(head.id, FLOW, action="a2")

    again = await made.workshop.edit(head.id, [WriteFile(TRY, HOLA, FLOW)], by="amina", action="a1")

    assert again.bundle[TRY] == FLOW
    assert (await made.workshop.begin("x", by="amina", action="b1")).id == (await made.workshop.begin("x", by="amina", action="b1")).id


async def test_an_edit_that_meets_other_words_is_given_back_and_again_when_it_is_sent_again() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, HOLA, by="karim")
    edits = [WriteFile(TRY, FLOW.replace("Hello.", "Salut."), FLOW), WriteFile("flows/tests/a.chat", "flow: try\n", None)]

    first = await made.workshop.edit(head.id, edits, by="amina", action="a1")
    second = await made.workshop.edit(head.id, edits, by="amina", action="a1")

    for edited in (first, second):
        assert [(clash.why, clash.mine, clash.theirs) for clash in edited.clashes] == [("changed", edits[0].text, HOLA)]
        assert edited.bundle["flows/tests/a.chat"] == "flow: try\n"
        assert edited.bundle[TRY] == HOLA


async def test_one_takes_back_ones_own_last_act_and_leaves_what_others_did_since() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, HOLA)
    await made.write(head.id, HOLA.replace("title: Try", "title: Test"), by="karim")

    assert set((await made.workshop.head(head.id)).undoable) == {"amina", "karim"}
    back = await made.workshop.undo(head.id, by="amina")
    assert set(back.head.undoable) == {"karim"}
    more = await made.workshop.undo(head.id, by="amina")

    assert back.bundle[TRY] == more.bundle[TRY] == FLOW.replace("title: Try", "title: Test")
    assert (await made.workshop.undo(head.id, by="karim")).bundle == clean()
    assert (await made.workshop.head(head.id)).files == ()


async def test_an_act_on_which_others_built_is_not_taken_back() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, HOLA)
    await made.write(head.id, HOLA.replace("Hola.", "Hola y adios."), by="karim")

    back = await made.workshop.undo(head.id, by="amina")

    assert "Hola y adios." in back.bundle[TRY]
    assert [(clash.mine.strip(), clash.theirs.strip()) for clash in back.clashes] == [("text: Hello.", "text: Hola y adios.")]


async def test_a_file_that_is_added_goes_by_undo() -> None:
    made = await shop()
    head = await made.begin()
    edited = await made.write(head.id, "flow: new\n", file="flows/new.yaml")

    assert edited.head.files == ("flows/new.yaml",)
    assert (await made.workshop.undo(head.id, by="amina")).bundle == clean()


async def test_nobody_says_yes_to_what_they_wrote_and_a_yes_holds_for_one_revision() -> None:
    made = await shop()
    head = await made.begin()
    await refused("nothing", made.workshop.ask(head.id, by="amina", words=""))
    head = (await made.write(head.id, HOLA)).head
    await refused("not-asked", made.workshop.approve(head.id, head.revision, by="karim"))
    await made.workshop.ask(head.id, by="amina", words="Look.")

    await refused("own", made.workshop.approve(head.id, head.revision, by="amina"))
    await refused("changed", made.workshop.approve(head.id, clean().revision, by="karim"))
    approved = await made.workshop.approve(head.id, head.revision, by="karim")
    assert (approved.state, approved.approved.by if approved.approved else "") == ("approved", "karim")

    await made.write(head.id, HOLA.replace("Hola", "Hola a todos"), by="rym")
    after = await made.workshop.head(head.id)
    assert (after.state, after.approved, after.asked) == ("open", None, None)
    await refused("not-approved", made.workshop.publish(head.id, by="amina"))


async def test_whoever_wrote_once_stays_an_author_even_if_they_took_it_back() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, FLOW + "# mine\n", by="karim")
    await made.workshop.undo(head.id, by="karim")
    head = (await made.write(head.id, HOLA)).head
    await made.workshop.ask(head.id, by="amina", words="")

    await refused("own", made.workshop.approve(head.id, head.revision, by="karim"))


async def test_a_draft_is_sent_back_with_words() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, HOLA)
    await made.workshop.ask(head.id, by="amina", words="")

    back = await made.workshop.send_back(head.id, by="karim", words="The Arabic is missing.")

    assert (back.state, back.sent_back.words if back.sent_back else "") == ("open", "The Arabic is missing.")


async def test_publishing_keeps_who_wrote_who_said_yes_and_why_and_is_done_once() -> None:
    made = await shop()
    head = await made.to_approved(HOLA)

    revision = await made.workshop.publish(head.id, by="amina")
    again = await made.workshop.publish(head.id, by="amina")

    force = await made.library.look()
    assert force is not None
    deed = force.deeds[-1]
    assert revision == again == force.revision == clean(**{"try": HOLA}).revision
    assert (deed.by, deed.authors, deed.approved, deed.why, deed.draft) == ("amina", ("amina",), "karim", "Mend: Please look.", head.id)
    assert len(force.deeds) == 2
    assert (await made.workshop.head(head.id)).state == "published"
    assert await made.workshop.drafts() == []
    await refused("over", made.write(head.id, FLOW))


@pytest.mark.parametrize("meanwhile", ["taken back", "written in"])
async def test_a_yes_that_goes_while_the_tests_run_publishes_nothing(meanwhile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = await shop()
    head = await made.to_approved(HOLA)
    sound = made.workshop._must_be_sound

    async def slowly(bundle: Bundle) -> None:
        await sound(bundle)
        if meanwhile == "taken back":
            await made.workshop.send_back(head.id, by="karim", words="Stop, this number is wrong.")
        else:
            await made.write(head.id, HOLA.replace("Hola.", "Salut."))

    monkeypatch.setattr(made.workshop, "_must_be_sound", slowly)

    await refused("not-approved", made.workshop.publish(head.id, by="amina"))

    assert await in_force(made) == clean().revision


async def test_a_draft_of_what_was_recalled_is_not_published() -> None:
    made = await shop()
    first = await in_force(made)
    head = await made.to_approved(HOLA)
    await made.workshop.publish(head.id, by="amina")
    await made.library.recall(first, by="karim", why="harm")
    back = await made.to_approved(FLOW)

    await refused("recalled", made.workshop.publish(back.id, by="amina"))


async def test_a_yes_to_a_short_name_of_before_is_to_be_given_again() -> None:
    made = await shop()
    head = await made.to_approved(HOLA)
    shelf, short = made.workshop._shelf, head.revision[:16]
    record, version = await shelf.load(head.id)
    assert record.approved is not None
    before = structs.replace(record, revision=short, approved=structs.replace(record.approved, revision=short))
    await shelf.put(before, version)

    beside = made.beside()
    await refused("not-approved", beside.workshop.publish(head.id, by="amina"))
    found = await beside.workshop.head(head.id)
    assert (found.state, found.revision) == ("asked", head.revision)
    await beside.workshop.approve(head.id, (await beside.workshop.bundle(head.id)).revision, by="karim")
    assert await beside.workshop.publish(head.id, by="amina") == head.revision


async def test_what_never_was_in_force_cannot_be_gone_back_to() -> None:
    """A revision is kept before it is put in force: one whose publish came too late is no way around a second person."""
    made = await shop()
    late = clean(**{"try": HOLA})
    deed = Deed(at=made.clock.now(), by="amina", why="", revision=late.revision)
    with pytest.raises(Stale):
        await made.library.put_in_force(late, deed, onto="0" * 16)
    assert await made.library.bundle(late.revision) == late

    with pytest.raises(KeyError):
        await made.library.rollback(late.revision, by="amina", why="")

    assert await in_force(made) == clean().revision


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        (TRY, FLOW.replace("- end", "- go: nowhere"), "problems"),
        (TRY, "{]: hostile", "problems"),
        ("flows/tests/wrong.chat", "flow: where\n> (starts)\n< try.hello\n", "tests"),
    ],
)
async def test_what_is_wrong_can_be_kept_in_a_draft_and_is_never_live(file: str, text: str, reason: str) -> None:
    made = await shop()
    head = await made.begin()
    head = (await made.write(head.id, text, file=file)).head
    await made.workshop.ask(head.id, by="amina", words="")
    await made.workshop.approve(head.id, head.revision, by="karim")

    await refused(reason, made.workshop.publish(head.id, by="karim"))

    assert await in_force(made) == clean().revision
    assert (await made.workshop.bundle(head.id))[file] == text


async def test_a_draft_behind_what_is_in_force_is_brought_onto_it_first_and_asked_for_again() -> None:
    made = await shop()
    head = await made.to_approved(HOLA)
    await made.library.publish(clean(**{"try": FLOW.replace("title: Try", "title: Test")}), by="operator", why="meanwhile")
    await refused("behind", made.workshop.publish(head.id, by="amina"))

    fresh = await made.workshop.freshen(head.id, by="karim")

    assert fresh.clashes == ()
    assert fresh.bundle[TRY] == HOLA.replace("title: Try", "title: Test")
    assert (fresh.head.state, fresh.head.base, fresh.head.authors) == ("open", await in_force(made), ("amina",))
    await made.workshop.ask(head.id, by="amina", words="")
    await made.workshop.approve(head.id, fresh.head.revision, by="karim")
    assert await made.workshop.publish(head.id, by="amina") == fresh.bundle.revision


async def test_where_both_changed_the_same_words_the_drafts_stand_and_the_others_are_shown() -> None:
    made = await shop()
    head = await made.to_approved(HOLA)
    await made.library.publish(clean(**{"try": FLOW.replace("Hello.", "Salut.")}), by="operator", why="meanwhile")

    fresh = await made.workshop.freshen(head.id, by="amina")

    assert fresh.bundle[TRY] == HOLA
    assert [(clash.mine.strip(), clash.theirs.strip()) for clash in fresh.clashes] == [("text: Hola.", "text: Salut.")]


async def test_a_draft_that_was_given_up_is_there_for_30_days_and_then_nothing_of_it() -> None:
    made = await shop()
    head = await made.begin()
    await made.write(head.id, HOLA)
    await made.workshop.drop(head.id, by="amina")
    assert [one.id for one in await made.workshop.dropped()] == [head.id]
    assert await made.workshop.drafts() == []

    made.clock.pass_by(29 * 86400)
    assert (await made.workshop.take_up(head.id, by="karim")).state == "open"
    assert (await made.workshop.bundle(head.id))[TRY] == HOLA
    await made.workshop.drop(head.id, by="karim")
    made.clock.pass_by(31 * 86400)
    assert len(texts_kept(made)) == 1
    assert await made.workshop.sweep() == 1
    assert texts_kept(made) == []
    with pytest.raises(KeyError):
        await made.workshop.take_up(head.id, by="karim")


async def test_there_is_a_limit_to_drafts_files_and_names() -> None:
    made = await shop()
    head = await made.begin()
    for number in range(39):
        await made.begin(str(number))
    await refused("many", made.begin("one more"))

    for file, text in (("../x.yaml", "a"), ("locales/../../x.po", "a"), ("flows/a\\b.yaml", "a"), (TRY, "\ud800"), (TRY, "a" * 1_500_001)):
        edited = await made.write(head.id, text, file=file)
        assert [clash.why for clash in edited.clashes] == ["form"], file
        assert edited.bundle == clean()


async def test_beginning_and_giving_up_does_not_fill_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.studio.drafts.workshop.DRAFTS_KEPT", 5)
    made = await shop()
    for number in range(5):
        head = await made.begin(str(number))
        await made.workshop.drop(head.id, by="amina")

    await refused("many", made.begin("one more"))

    assert (await made.workshop.take_up(head.id, by="amina")).state == "open"
    made.clock.pass_by(31 * 86_400)
    await made.begin("one more")


async def test_what_was_published_and_gone_back_from_can_be_mended_and_published_again() -> None:
    made = await shop()
    head = await made.to_approved(HOLA)
    await made.workshop.publish(head.id, by="amina")
    await refused("over", made.workshop.take_up(head.id, by="amina"))
    assert await made.workshop.dropped() == []
    await made.library.rollback(clean().revision, by="karim", why="hasty")
    assert [one.id for one in await made.workshop.dropped()] == [head.id]

    again = await made.workshop.take_up(head.id, by="amina")
    edited = await made.write(head.id, HOLA.replace("Hola.", "Ahla."))
    await made.workshop.ask(head.id, by="amina", words="")
    await made.workshop.approve(head.id, edited.head.revision, by="karim")

    assert (again.state, again.files, again.base) == ("open", (TRY,), clean().revision)
    assert await made.workshop.publish(head.id, by="amina") == edited.bundle.revision
    assert await made.workshop.dropped() == []


async def test_what_a_later_publish_holds_was_not_gone_back_from() -> None:
    made = await shop()
    first = await made.to_approved(HOLA)
    await made.workshop.publish(first.id, by="amina")
    second = await made.to_approved(HOLA.replace("title: Try", "title: Test"))
    await made.workshop.publish(second.id, by="amina")
    await made.library.rollback(first.revision, by="karim", why="")

    assert [one.id for one in await made.workshop.dropped()] == [second.id]


async def test_what_protects_people_is_taken_away_only_with_words_for_it() -> None:
    made = await shop(clean(danger=CLEAN["flows/danger.yaml"]))
    head = await made.begin()
    words = CLEAN["flows/words.yaml"]
    await made.write(head.id, words.replace(", stop w13]", ", stopp]"), file="flows/words.yaml")
    head = await made.workshop.ask(head.id, by="amina", words="")

    await refused("unsaid", made.workshop.approve(head.id, head.revision, by="karim", words="  "))
    await made.workshop.approve(head.id, head.revision, by="karim", words="Nobody ever wrote it.")
    await made.workshop.publish(head.id, by="amina")

    live = await made.library.look()
    assert live is not None
    assert live.deeds[-1].why == "Mend: Nobody ever wrote it."


async def test_a_flow_that_lost_its_last_test_is_never_published() -> None:
    made = await shop()
    head = await made.begin()
    test = "flows/tests/hello.chat"
    await made.workshop.edit(head.id, [RemoveFile(test, CLEAN[test])], by="amina", action="gone")
    head = await made.workshop.ask(head.id, by="amina", words="")
    await made.workshop.approve(head.id, head.revision, by="karim", words="It was slow.")

    await refused("problems", made.workshop.publish(head.id, by="amina"))
