"""A flow before and after, and how a change of it is made."""

from dataclasses import dataclass

from bot.studio.comparing.changes import Beside, Change, Value, Words
from bot.studio.comparing.naming import Names
from bot.studio.comparing.textdiff import Texts
from bot.studio.editing.edits import Path


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides of one flow that is there before and after."""

    before: Names
    after: Names
    flow: str
    file: str
    texts: Texts

    @property
    def title(self) -> Value:
        """What the flow is called now."""
        return self.after.flow(self.flow)

    def change(self, says: Words, *, step: str = "", path: Path = (), texts: tuple[Beside, ...] = ()) -> Change:
        """One change of this flow; `path` is in the step, if there is one."""
        within = ("steps", step if step.startswith("#") else f"@{step}") if step else ()
        return Change(says=says, area="flow", file=self.file, flow=self.flow, step=step, path=(*within, *path), texts=texts)

    def at(self, step: str) -> dict[str, Value]:
        """The flow and the step, as values of a sentence."""
        return {"flow": self.title, "step": self.after.step(self.flow, step)}
