"""Who may do what: the permission document as data.

One letter a role, in the order of ROLES. Y let in, L sign in first, F forbidden, N not found (existence is private),
M no such method, B refused input, T too many; `?` in a method that a row leaves out: any refusal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

ROLES = ("anonymous", "applicant", "elsewhere", "member", "chair elsewhere", "chair", "staff, code only", "staff", "admin")
ADMIN = "admin:"


@dataclass(frozen=True)
class Row:
    GET: str = ""
    POST: str = ""
    PUT: str = ""
    PATCH: str = ""
    DELETE: str = ""
    arguments: Callable[[Any], list] | None = None
    path: str = ""
    data: dict[str, str] = field(default_factory=dict)


ALL = "YYYYYYYYY"
SIGNED_IN = "LYYYYYYYY"
MEMBERS = "LFYYYYYYY"
STAFF = "LNNNNNFYY"

TABLE: dict[str, Row] = {}


def as_markdown() -> str:
    """The table for the documentation."""
    head = "| address | method | " + " | ".join(ROLES) + " |\n|---|---|" + "---|" * len(ROLES) + "\n"
    lines = [
        f"| {name} | {method} | " + " | ".join(letters) + " |"
        for name, row in sorted(TABLE.items())
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if (letters := getattr(row, method))
    ]
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(as_markdown())
