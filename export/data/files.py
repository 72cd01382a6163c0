"""Files of the working folder, each written whole or not at all, so that every verb can be stopped and run again."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def write_atomically(path: Path, write: Callable[[Path], object]) -> None:
    """Have ``write`` fill a file beside ``path``, and give it its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f'.{path.stem}.{os.getpid()}{path.suffix}')
    try:
        write(part)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def make_once(path: Path, make: Callable[[], object]) -> None:
    """Have ``make`` write ``path``, unless it is there; print which of the two it was."""
    if path.exists():
        print(f'{path} is there; it is made again once it is deleted')
    else:
        make()
        print(f'wrote {path}')


def write_npz(path: Path, arrays: dict[str, np.ndarray], *, compressed: bool = False) -> None:
    """Write arrays to ``path``."""
    save = np.savez_compressed if compressed else np.savez
    write_atomically(path, lambda part: save(part, **arrays))  # type: ignore[arg-type]


def write_text(path: Path, text: str) -> None:
    """Write text to ``path``."""
    write_atomically(path, lambda part: part.write_text(text, encoding='utf-8'))


def write_json(path: Path, content: Any) -> None:
    """Write JSON to ``path``."""
    text = json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + '\n'
    write_text(path, text)


def read_json(path: Path) -> dict[str, Any]:
    """Read what :func:`write_json` has written."""
    content: dict[str, Any] = json.loads(path.read_text(encoding='utf-8'))
    return content


def check_plan(path: Path, plan: dict[str, Any]) -> None:
    """Refuse to mix what was made with two plans in one folder; remember this one where there is none yet.

    Raises:
        FileExistsError: where the folder holds another.
    """
    if path.exists() and read_json(path) != plan:
        raise FileExistsError(f'{path.parent}: was begun with {read_json(path)}, wanted {plan}: choose another work')
    write_json(path, plan)
