"""Signing a test's browser in at a running desk."""

import httpx

from bot.web.visits import cookie_name, form_token


async def sign_in(desk: httpx.AsyncClient, token: str) -> None:
    """Use a one-time link up; from then on the browser's forms bring their token back."""
    answer = await desk.post("/signin", data={"token": token})
    assert answer.status_code == 303, answer.status_code
    desk.headers["x-form-token"] = form_token(desk.cookies[cookie_name(secure=False)])
