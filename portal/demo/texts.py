"""Reading the story: what the demo network says and who is in it lies as text under portal/demo/story/."""

import csv
import tomllib
from pathlib import Path
from typing import Any

STORY = Path(__file__).parent / "story"


def rows(name: str) -> list[dict[str, str]]:
    with (STORY / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table(name: str) -> dict[str, Any]:
    with (STORY / name).open("rb") as file:
        return tomllib.load(file)


def text(name: str) -> str:
    return (STORY / name).read_text(encoding="utf-8")


def names(folder: str, ending: str) -> list[str]:
    return sorted(f"{folder}/{path.name}" for path in (STORY / folder).glob(f"*{ending}"))
