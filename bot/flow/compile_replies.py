"""replies.yaml: from its model to what the desk offers, and what is wrong in it.

Rule 1: a reply names teams and flows that there are.
"""

from collections.abc import Mapping
from types import MappingProxyType

from bot.flow.compile_service import Looker
from bot.flow.model_service import RepliesModel
from bot.flow.names import World
from bot.flow.problem import Problems
from bot.flow.replies import Reply
from bot.flow.tree import Node


def compile_replies(replies: RepliesModel | None) -> Mapping[str, Reply]:
    """replies.yaml as the desk reads it; nothing if there is none."""
    given = replies.replies if replies is not None else {}
    return MappingProxyType({id_: Reply(id_, frozenset(one.teams), frozenset(one.needs)) for id_, one in given.items()})


def replies_problems(replies: RepliesModel, world: World, node: Node, problems: Problems) -> None:
    """Notes what is wrong in replies.yaml."""
    look = Looker(node, problems)
    for id_, reply in replies.replies.items():
        look.each("no-such-team", "team", ("replies", id_, "teams"), reply.teams, world.teams)
        look.each("no-such-place", "flow", ("replies", id_, "needs"), reply.needs, world.flows)
