"""All addresses of the studio, area by area: each area adds its line here.

Rule 1: an address with a name in it stands after those that are written out, so that no draft can hide a page.
"""

from starlette.routing import Route

from bot.web.studio import (
    carried,
    contacts,
    editing,
    files,
    flows,
    home,
    maps,
    marks,
    phone,
    publish,
    revisions,
    script,
    taking,
    teams,
    tests,
    texts,
)

ROUTES: list[Route] = [
    *home.ROUTES,
    *flows.ROUTES,
    *editing.ROUTES,
    *phone.ROUTES,
    *marks.ROUTES,
    *script.ROUTES,
    *texts.ROUTES,
    *carried.ROUTES,
    *files.ROUTES,
    *maps.ROUTES,
    *contacts.ROUTES,
    *teams.ROUTES,
    *publish.ROUTES,
    *revisions.ROUTES,
    *tests.ROUTES,
    *taking.ROUTES,
]
