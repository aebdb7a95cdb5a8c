"""Sliders that redraw a picture: one line in a notebook, a plain picture wherever widgets are missing.

The picture is an ordinary output that is updated in place, so that a stored notebook shows it on the web, where nothing
runs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

VIEW = "application/vnd.jupyter.widget-view+json"
WITHOUT = "Sliders need ipywidgets: pip install 'automated-mechanism-design[notebooks]'"


@dataclass(eq=False)
class Explorer:
    """A function of some settings that returns something to look at, with a control for each setting.

    `settings` are the values shown; `controls` holds the widgets (empty where ipywidgets is missing). Change a widget,
    or call `set`, and what is shown changes.
    """

    draw: Callable[..., Any]
    settings: dict[str, Any]
    controls: dict[str, Any] = field(default_factory=dict)
    handle: Any = None

    def picture(self) -> Any:
        """What is to be seen at the current settings; the message where they make no sense."""
        try:
            return self.draw(**self.settings)
        except ValueError as error:
            return Message(str(error))

    def set(self, **settings: Any) -> Any:
        """Changes some settings and returns the new picture, which takes the place of the old one. KeyError for
        others."""
        for name in settings:
            if name not in self.settings:
                raise KeyError(name)
        self.settings |= settings
        shown = self.picture()
        if self.handle is not None:
            self.handle.update(shown)
        return shown

    def _ipython_display_(self) -> None:
        from IPython import display as shown

        display: Any = shown.display
        display(self._bundle(), raw=True)
        self.handle = display(self.picture(), display_id=True)

    def _bundle(self) -> dict[str, Any]:
        """The controls for a notebook that runs, and a line of text for one that does not."""
        names = ", ".join(name.replace("_", " ") for name in self.settings)
        if not self.controls:
            return {"text/plain": WITHOUT}
        from ipywidgets import VBox

        box = VBox(list(self.controls.values()))
        view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
        return {"text/plain": f"Sliders (run the notebook to move them): {names}", VIEW: view}


@dataclass(frozen=True)
class Message:
    """A sentence in place of a picture."""

    text: str

    def __repr__(self) -> str:
        return self.text


def explore(draw: Callable[..., Any], /, **controls: Any) -> Explorer:
    """Sliders for the arguments of `draw`, which returns a figure or anything else that shows itself.

    A control is (low, high, step, start), a slider, over whole numbers if all four are; a list, a menu whose first
    entry is chosen; or a text, a field to edit. ValueError for anything else.
    """
    explorer = Explorer(draw, {name: _start(name, control) for name, control in controls.items()})
    try:
        import ipywidgets  # noqa: F401
    except ImportError:
        return explorer
    for name, control in controls.items():
        explorer.controls[name] = _widget(explorer, name, control)
    return explorer


def _start(name: str, control: Any) -> Any:
    if isinstance(control, str):
        return control
    if isinstance(control, list) and control:
        return control[0]
    if isinstance(control, tuple) and len(control) == 4:
        low, high, _, start = control
        if low <= start <= high:
            return start
    raise ValueError(
        f"the control '{name}' should be (low, high, step, start), a list of choices or a text, not {control!r}"
    )


def _widget(explorer: Explorer, name: str, control: Any) -> Any:
    from ipywidgets import Dropdown, FloatSlider, IntSlider, Layout, Text

    look = {
        "description": name.replace("_", " "),
        "layout": Layout(width="28em"),
        "style": {"description_width": "9em"},
    }
    made: Any
    if isinstance(control, str):
        made = Text(value=control, continuous_update=False, **look)
    elif isinstance(control, list):
        made = Dropdown(options=control, value=control[0], **look)
    else:
        low, high, step, start = control
        slider = IntSlider if all(isinstance(part, int) for part in control) else FloatSlider
        made = slider(min=low, max=high, step=step, value=start, **look)
    made.observe(lambda change: explorer.set(**{name: change["new"]}), names="value")
    return made
