"""What a person sent that is no text: who may open it, and what is said when it cannot be given."""

from collections.abc import AsyncGenerator

import pytest

from bot.conversation.cases.media import MediaDesk, MediaGone
from bot.engine.events import MediaSent
from tests.conversation.test_service import to_case
from tests.world import World, build_world

PIECES = (b"OggS", b"one", b"two")


class Files:
    """A channel that holds one file."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.counted: list[str] = []

    async def fetch(self, file: str) -> AsyncGenerator[bytes, None]:
        self.asked.append(file)
        if file != "voice-1":
            raise MediaGone("gone")
        for piece in PIECES:
            yield piece


async def _media(world: World) -> tuple[MediaDesk, Files]:
    files = Files()
    desk = MediaDesk(world.desk, files.counted.append)
    desk.sources["telegram"] = files
    return desk, files


async def _sent(world: World, code: str, file: str | None) -> int:
    await world.act(world.desk.claim(code, await world.member(), "claim"))
    await world.do(MediaSent(at=world.clock.now(), kind="voice", file=file))
    page = await world.desk.open(code, await world.member())
    assert page is not None
    return next(entry.n for entry in reversed(page.entries) if entry.media == "voice")


async def test_a_voice_note_is_passed_through_whole_to_who_may_open_the_case() -> None:
    world = await build_world()
    code = await to_case(world)
    n = await _sent(world, code, "voice-1")
    desk, files = await _media(world)

    pieces = await desk.open(code, n, await world.member())

    assert pieces is not None
    assert b"".join([piece async for piece in pieces]) == b"".join(PIECES)
    assert (files.asked, files.counted) == (["voice-1"], ["given"])


async def test_who_may_not_open_the_case_or_names_another_entry_gets_nothing_and_the_channel_is_not_asked() -> None:
    world = await build_world()
    code = await to_case(world)
    n = await _sent(world, code, "voice-1")
    desk, files = await _media(world)
    member = await world.member()

    assert await desk.open(code, n, await world.member("stranger", teams=("elsewhere",))) is None
    assert await desk.open(code, n, await world.member("boss", roles=("operator",))) is None
    assert await desk.open("AAA-AAA", n, member) is None
    assert await desk.open(code, n + 100, member) is None
    assert await desk.open(code, 0, member) is None
    assert files.asked == []


async def test_a_voice_note_with_words_after_it_is_given_and_one_of_before_another_team_had_the_case_is_not() -> None:
    world = await build_world()
    code = await to_case(world)
    n = await _sent(world, code, "voice-1")
    member = await world.member()
    await world.say("bonjour")
    desk, files = await _media(world)
    pieces = await desk.open(code, n, member)
    assert pieces is not None
    await pieces.aclose()

    await world.act(world.desk.transfer(code, member, "pass", team="return-desk"))

    assert await desk.open(code, n, await world.member("other", teams=("return-desk",))) is None
    assert files.asked == ["voice-1"]


async def test_words_are_no_media() -> None:
    world = await build_world()
    code = await to_case(world)
    await world.act(world.desk.claim(code, await world.member(), "a"))
    await world.say("bonjour")
    page = await world.desk.open(code, await world.member())
    assert page is not None
    n = next(entry.n for entry in page.entries if entry.text == "bonjour")
    desk, _ = await _media(world)

    assert await desk.open(code, n, await world.member()) is None


@pytest.mark.parametrize("file", [None, "voice-2"])
async def test_what_the_channel_has_no_more_is_said_to_be_gone(file: str | None) -> None:
    world = await build_world()
    code = await to_case(world)
    n = await _sent(world, code, file)
    desk, files = await _media(world)

    with pytest.raises(MediaGone) as gone:
        await desk.open(code, n, await world.member())

    assert gone.value.why == "gone"
    assert files.counted == ["gone"]
