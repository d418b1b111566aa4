"""The next case is one that the caseworker can answer, chosen when it is asked for."""

from msgspec import structs


async def test_danger_first_and_the_queue_when_there_is_nothing(stage, staff):
    assert (await staff.get("/desk/next")).headers["location"] == "/desk/M3-18K"
    for code, case in stage.desk.cases.items():
        if case.state == "waiting":
            stage.desk.cases[code] = structs.replace(case, state="claimed", claimant="Cèdre")

    assert (await staff.get("/desk/next")).headers["location"] == "/desk"
    assert "/desk/next" not in (await staff.get("/desk")).text


async def test_what_the_caseworker_does_not_speak_is_not_proposed(stage, staff):
    await staff.get("/desk")  # the stage opens
    await stage.staff.change(await stage.staff.member("s1"), speaks=("en",))

    assert (await staff.get("/desk/next")).headers["location"] == "/desk/R2-77Q"
    assert stage.says("desk.next") in (await staff.get("/desk")).text


async def test_nobody_is_proposed_anything_without_signing_in(web):
    assert (await web.get("/desk/next")).headers["location"] == "/signin"
