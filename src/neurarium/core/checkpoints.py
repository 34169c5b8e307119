"""Checkpoints: a folder in which a fit keeps its place, so that kill -9 costs seconds and not a bit of the result."""

import json
import os
import time
from pathlib import Path
from typing import Any

from neurarium.core.learning import Learning
from neurarium.core.persistence import DamagedFile, pack, read, unpack, write

_SHARE = 0.02  # of a fit's time may go into checkpoints
_FILE = "fit.safetensors"


class Checkpoint:
    """The place of one fit in one folder.

    Args:
        folder: Where to keep it; made if it does not exist.
        fit: What makes two fits the same one: class, parameters, data. A folder holds one fit.
    """

    def __init__(self, folder: str | os.PathLike[str], fit: dict[str, Any]) -> None:
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._fit = json.loads(json.dumps(fit))  # as it will be read back
        self._due = 0.0
        for stray in self._folder.glob(f".{_FILE}.*.part"):  # left by a kill in the middle of a write
            stray.unlink(missing_ok=True)

    def resume(self, learning: Learning) -> bool:
        """Bring a fresh `learning` to where the folder's fit stood; False when the folder is new.

        Raises:
            ValueError: The folder holds the checkpoint of another fit.
            DamagedFile: The checkpoint was changed or damaged.
        """
        path = self._folder / _FILE
        if not path.exists():
            return False
        tensors, header = read(path)
        theirs = header.get("fit")
        if theirs != self._fit:
            known = theirs if isinstance(theirs, dict) else {}
            differs = ", ".join(key for key in self._fit if known.get(key) != self._fit[key])
            raise ValueError(
                f"the folder {self._folder} holds the checkpoint of another fit (other {differs or 'kind'}); "
                "give this fit a folder of its own, or remove that one."
            )
        try:
            learning.load_state_dict(unpack(tensors, header["state"]))
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise DamagedFile(f"{path} does not fit the network it should resume; remove it to start anew.") from error
        return True

    def keep(self, learning: Learning, *, now: bool = False) -> None:
        """Write the place down, unless the last time was so short ago that it would cost too much."""
        if not now and time.monotonic() < self._due:
            return
        begun = time.monotonic()
        tensors, state = pack(learning.state_dict())
        write(self._folder / _FILE, tensors, {"fit": self._fit, "state": state})
        ended = time.monotonic()
        self._due = ended + (ended - begun) / _SHARE
