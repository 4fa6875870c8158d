"""What is shown while a training runs: what was found, and one line that moves."""

from __future__ import annotations

import html
import re
import sys
from typing import Any, Optional

# Lines that follow each other as the training goes on; only the last one counts.
_STEP = re.compile(r"^step (\d+)/(\d+)\b")
_EVALUATION = re.compile(r"^step \d+: validation ")
_STAGE = re.compile(r"^Training the (.+?): ")
# Options in the plan of `fit`, which are arguments here.
_OPTION = re.compile(
    r"(?<!\S)--(text|labels-column|labels-separator|labels|label-names|id|ignore|group|empty-cells|"
    r"empty-texts|minutes)(?: [A-Z]\S*)?")
# What the command says at its end, of which a run here knows better.
_FAREWELL = re.compile(r"^(model|predict|report|labels|repeat)\b")
_BAR = 20


class Progress:
    """Shows the lines of the program: in a notebook, on a terminal, or nowhere."""

    def __init__(self, shows: bool = True) -> None:
        self._output: Optional[_Line] = _line() if shows else None
        self._stage = ""
        self._is_failing = False

    def take(self, line: str) -> None:
        """Shows a line of the program as what it is."""
        stage = _STAGE.match(line)
        step = _STEP.match(line)
        if line.startswith("ddp-train: error: "):
            self._is_failing = True
        if self._is_failing or line.startswith("==> ") or not line.strip():
            return
        if stage:
            self._stage = stage.group(1)
            self.status("reading")
        elif step:
            self.status(_bar(int(step.group(1)), int(step.group(2))) + line[step.end(2):])
        elif not _EVALUATION.match(line) and not _FAREWELL.match(line):
            self.note(line)

    def step(self, step: int, steps: int, figures: str) -> None:
        """Shows how far the training is."""
        self.status(f"{_bar(step, steps)}  {figures}")

    def status(self, text: str) -> None:
        """Replaces the line that moves."""
        if self._output is not None:
            self._output.move(f"{self._stage}: {text}" if self._stage else text)

    def note(self, text: str) -> None:
        """Shows a line that stays."""
        if self._output is not None:
            self._output.keep(_OPTION.sub(_argument, text))

    def close(self) -> None:
        """Takes the line that moves away."""
        if self._output is not None:
            self._output.close()


def _argument(option: re.Match[str]) -> str:
    name = {"labels-column": "labels"}.get(option.group(1), option.group(1).replace("-", "_"))
    return f"{name}="


def _bar(done: int, total: int) -> str:
    filled = _BAR * done // max(total, 1)
    return "▓" * filled + "░" * (_BAR - filled) + f" step {done}/{total}"


class _Line:
    """A terminal's line, rewritten in place; a file or pipe gets the lines that stay."""

    def __init__(self) -> None:
        self._moves = sys.stderr is not None and sys.stderr.isatty()
        self._is_drawn = False

    def move(self, text: str) -> None:
        if self._moves:
            import shutil

            width = shutil.get_terminal_size().columns - 1
            self._write(f"\r{text[:width]}\x1b[K")
            self._is_drawn = True

    def keep(self, text: str) -> None:
        self.close()
        self._write(text + "\n")

    def close(self) -> None:
        if self._is_drawn:
            self._write("\r\x1b[K")
            self._is_drawn = False

    def _write(self, text: str) -> None:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()


class _NotebookLine(_Line):
    """The output of a cell: what was found, and below it the line that moves."""

    def __init__(self, display: Any) -> None:
        super().__init__()
        self._display = display
        self._kept: list[str] = []
        self._moving = ""
        self._handle = display(self._bundle(), raw=True, display_id=True)

    def move(self, text: str) -> None:
        self._moving = text
        self._update()

    def keep(self, text: str) -> None:
        self._kept.append(text)
        self._update()

    def close(self) -> None:
        self._moving = ""
        self._update()

    def _bundle(self) -> dict[str, str]:
        text = "\n".join([*self._kept, *([self._moving] if self._moving else [])])
        page = f'<pre style="white-space:pre-wrap;margin:0">{html.escape(text)}</pre>'
        return {"text/plain": text, "text/html": page}

    def _update(self) -> None:
        self._handle.update(self._bundle(), raw=True)


def _line() -> _Line:
    """The line of the notebook or terminal that Python runs in."""
    module = sys.modules.get("IPython")
    shell = module.get_ipython() if module is not None else None
    if shell is not None and getattr(shell, "kernel", None) is not None:
        from IPython.display import display

        return _NotebookLine(display)
    return _Line()
