"""A table as a CSV file (RFC 4180) that spreadsheets open as text.

What begins like a formula gets an apostrophe before it, which spreadsheets show as text: a cell that people typed never
computes anything on the machine of who opens it (https://owasp.org/www-community/attacks/CSV_Injection).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpResponse

MARK = "\ufeff"  # tells spreadsheets that the letters are UTF-8
BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def defused(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(BEGINS_FORMULA) else value


def csv_file(name: str, head: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A download of that name; its first line names the columns."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([str(each) for each in head])
    writer.writerows([defused("" if value is None else value) for value in row] for row in rows)
    response = HttpResponse(MARK + text.getvalue(), content_type="text/csv; charset=utf-8; header=present")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
