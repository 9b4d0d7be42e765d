"""What changed in an agenda, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models.publishing import Changes


def counted(changes: Changes) -> str:
    """The changes as counts: "2 items new, 1 paper new"."""
    parts = [
        _counted(len(changes.new_items), ngettext("%d item new", "%d items new", len(changes.new_items))),
        _counted(
            len(changes.changed_items), ngettext("%d item changed", "%d items changed", len(changes.changed_items))
        ),
        _counted(len(changes.gone_items), ngettext("%d item off", "%d items off", len(changes.gone_items))),
        _counted(len(changes.new_papers), ngettext("%d paper new", "%d papers new", len(changes.new_papers))),
        _counted(
            len(changes.changed_papers), ngettext("%d paper updated", "%d papers updated", len(changes.changed_papers))
        ),
        _counted(len(changes.gone_papers), ngettext("%d paper off", "%d papers off", len(changes.gone_papers))),
        _("another order") if changes.reordered else "",
    ]
    return ", ".join(filter(None, parts))


def _counted(number: int, words: str) -> str:
    return words % number if number else ""


def listed(changes: Changes) -> list[tuple[str, str]]:
    """The changes one by one, as (what happened, to which item or paper): ("New", "Wage theft update")."""
    happened = [
        (_("New"), changes.new_items),
        (_("Changed"), changes.changed_items),
        (_("Off the agenda"), changes.gone_items),
        (_("New paper"), changes.new_papers),
        (_("Updated paper"), changes.changed_papers),
        (_("Paper taken off"), changes.gone_papers),
    ]
    rows = [(words, title) for words, titles in happened for title in titles]
    return [*rows, (_("Changed"), _("the order of the items"))] if changes.reordered else rows
