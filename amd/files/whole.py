"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """A new file to write beside `path`, put there in one step at the end, and removed where something goes wrong.
    Anything but a file (a device, a pipe) is written to as it is."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        yield target
        return
    temporary = target.with_name(f".{target.name[:100]}.{os.getpid()}.tmp")
    try:
        yield temporary
        with temporary.open("rb+") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_whole(path: str | os.PathLike[str], pieces: Iterable[str]) -> None:
    """Write text, whole or not at all."""
    with whole(path) as place, place.open("w", encoding="utf-8") as stream:
        stream.writelines(pieces)


def write_bytes_whole(path: str | os.PathLike[str], data: bytes) -> None:
    """Write bytes, whole or not at all."""
    with whole(path) as place:
        place.write_bytes(data)
