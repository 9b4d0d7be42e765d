"""What a mail scanner does with a mail, and how much of the database is another afterwards: nothing may be."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from email.message import EmailMessage

from django.db import connection

from members.mail.emails import message_id
from members.mail.kinds import registry
from members.models import Delivery
from tests.smtp_sink import Received

LINK = re.compile(r"(?:https?|webcals?)://[^\s<>\"'\\,;)\]]+")
HREF = re.compile(r"""(?:href|src|action)\s*=\s*["']?([^"'\s>]+)""")


def links_of(mail: EmailMessage) -> set[str]:
    """Every address in headers, text, HTML and calendar entries that a program could open."""
    found: set[str] = set()
    for value in mail.values():
        found |= set(LINK.findall(str(value)))
    for part in mail.walk():
        if part.is_multipart():
            continue
        text = part.get_content()
        text = text if isinstance(text, str) else text.decode()
        if part.get_content_type() == "text/html":
            found |= {link.replace("&amp;", "&") for link in HREF.findall(text) if LINK.match(link)}
        elif part.get_content_type() == "text/calendar":
            found |= set(LINK.findall(re.sub(r"\r?\n[ \t]", "", text).replace("\\n", " ")))
        else:
            found |= set(LINK.findall(text))
    return {link.rstrip(".:") for link in found}


def links_by_kind(received: Iterable[Received]) -> dict[str, set[str]]:
    """Of the first mail of every kind there is: those to others have the same ones. Fails in words where a kind has no mail."""
    kinds = {message_id(row): row.kind for row in Delivery.objects.select_related("recipient")}
    found: dict[str, set[str]] = {}
    for mail in received:
        if mail.id in kinds and kinds[mail.id] not in found:
            found[kinds[mail.id]] = links_of(mail.message)
    without = sorted(set(registry) - set(found))
    assert not without, (
        f"No mail of the kind {', '.join(without)} was looked at: let the story `everything` in tests/story.py send one."
    )
    return found


def ours(links: Iterable[str], site: str) -> list[str]:
    """Those that lead to the portal; web calendars are fetched like pages."""
    as_fetched = (re.sub(r"^webcal(s?)://", r"http\1://", link) for link in links)
    return sorted({link for link in as_fetched if link.startswith(site)})


def digest() -> dict[str, str]:
    """Of each table its rows, and of each sequence how far it is: also what was written and taken back would show."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [name for (name,) in cursor.fetchall()]
        found = {}
        for table in tables:
            cursor.execute(
                f"SELECT count(*) || ' rows ' || coalesce(md5(string_agg(row::text, E'\\n' ORDER BY row::text)), '') FROM \"{table}\" AS row"
            )
            found[table] = cursor.fetchone()[0]
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        return found | {name: f"last value {value}" for name, value in cursor.fetchall()}


def differences(before: dict[str, str], after: dict[str, str]) -> Iterator[str]:
    """In words; the list must be empty."""
    for name in sorted(set(before) | set(after)):
        if before.get(name) != after.get(name):
            yield f"{name}: {before.get(name)}, then {after.get(name)}"
