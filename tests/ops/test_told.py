"""What the desk says when staff cannot be told in one way or another."""

import pytest

from bot.conversation.alerting.letters import MAIL_KEY
from bot.conversation.group.groups import ONE
from bot.conversation.group.groupstate import GROUP_KEY, STANDING
from tests.ops.houses import living, settings


@pytest.mark.parametrize(
    ("group", "mail", "said"),
    [
        ("", ("", 0), ""),
        ("no-group", ("", 0), "desk.group.no-group"),
        ("", ("no-tls", 120), "desk.lost.mail"),
        ("no-rights", ("network", 120), "desk.lost.both"),
        ("", ("network", 5), ""),  # busy for a moment
    ],
)
async def test_the_desk_says_which_way_to_staff_is_lost(tmp_path, group, mail, said):
    async with living(settings(tmp_path)) as house:
        house.groups = ONE
        now = house.clock.now()
        if group:
            await house.store.put_note(STANDING, GROUP_KEY, f"{group} {now - 120:.0f}".encode())
        if mail[0]:
            await house.store.put_note(STANDING, MAIL_KEY, f"{mail[0]} {now - mail[1]:.0f}".encode())
        shown = await house.web_parts().alarm()

        assert shown == said
        assert not shown or len({house.words.say(shown, language) for language in ("ar", "fr", "en")}) == 3


async def test_nobody_is_promised_an_answer_by_a_desk_without_accounts(tmp_path):
    async with living(settings(tmp_path)) as house:
        assert set(house.attendance.away.values()) == {None}
        assert set(house.attendance.away) == set(house.library.current().teams.teams)

        await house.staff.add("amina", teams=("protection",))
        await house.attendance.look()
        assert "protection" not in house.attendance.away
