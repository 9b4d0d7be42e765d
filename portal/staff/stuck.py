"""What waits for somebody to look: guessing at the door, committees that nobody leads, papers and mail that failed again and
again, and the planning of messages."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from committees.models import Committee, DocumentVersion
from members.accounts.guessing import guessed_today
from members.accounts.strangers import brake, braked
from members.mail_desk.returned import Returned, returned_lately
from members.models import InboundMail, Stumble, WrongSteps
from members.times import formats

FEW = 5
PARTS: dict[str, str | Promise] = {
    "plan_reminders": gettext_lazy("Reminders"),
    "plan_withdrawals": gettext_lazy("Messages that take an invitation back"),
    "plan_series_withdrawals": gettext_lazy("Messages that take a series of calls back"),
    "plan_leaderless": gettext_lazy("Messages about committees without a co-chair"),
    "lapse_unanswered": gettext_lazy("Ending applications without an answer"),
    "ask_who_holds_office": gettext_lazy("Asking who is still in office"),
    "end_memberships": gettext_lazy("Ending memberships of those who left office"),
    "plan_terms_end": gettext_lazy("Messages about terms that end"),
    "plan_actions_assigned": gettext_lazy("Messages about new action items"),
    "plan_actions_due": gettext_lazy("Reminders of action items"),
    "plan_minutes_due": gettext_lazy("Reminders of minutes that are due"),
    "approve_silently": gettext_lazy("Approving minutes without objection"),
    "close_polls": gettext_lazy("Closing polls about a time"),
    "answer_for_yes": gettext_lazy("Answers of those who said yes in a poll"),
    "remind_of_polls": gettext_lazy("Reminders of polls about a time"),
    "plan_summaries": gettext_lazy("Summaries"),
}


@dataclass(frozen=True)
class Stuck:
    words: str
    url: str = ""
    action: str = ""


def stuck() -> list[Stuck]:
    return [
        *_guessing(),
        *_strangers(),
        *_second_steps(),
        *_leaderless(),
        *_papers(),
        *_mails(),
        *_returned(),
        *_plans(),
    ]


def _guessing() -> list[Stuck]:
    guessed = guessed_today()
    if not guessed:
        return []
    mailboxes = ngettext("for %(n)s mailbox", "for %(n)s mailboxes", guessed.mailboxes) % {"n": guessed.mailboxes}
    networks = ngettext("in %(n)s network", "in %(n)s networks", guessed.networks) % {"n": guessed.networks}
    places = [words for words, n in ((mailboxes, guessed.mailboxes), (networks, guessed.networks)) if n]
    words = ngettext(
        "%(wrong)s wrong code from the email was typed since midnight UTC. Codes are longer %(where)s until it is midnight again, and nobody is closed out.",
        "%(wrong)s wrong codes from the email were typed since midnight UTC. Codes are longer %(where)s until it is midnight again, and nobody is closed out.",
        guessed.wrong,
    )
    where = _("for everybody") if guessed.everybody else " ".join(places)
    return [Stuck(words % {"wrong": guessed.wrong, "where": where})]


def _strangers() -> list[Stuck]:
    held = braked()
    if not held.hours:
        return []
    words = _(
        "In %(hours)s of the last 24 hours more than %(most)s emails to people without an account were asked for."
    )
    if held.until:
        words += " " + _("Until %(until)s none of them goes, and new people can’t apply. Members sign in as ever.")
    until = formats.listed(held.until) if held.until else ""
    return [Stuck(words % {"hours": held.hours, "most": brake(), "until": until})]


def _second_steps() -> list[Stuck]:
    words = _(
        "%(n)s wrong codes in a row were typed for the second step of %(name)s, by somebody who had a right code from the email. Ask whether it was them."
    )
    lately = WrongSteps.objects.many().order_by("-wrong").values_list("wrong", "user__name", "user")[:FEW]
    return [
        Stuck(words % {"n": wrong, "name": name}, reverse("staff_member", args=[pk]), _("See who it is"))
        for wrong, name, pk in lately
    ]


def _leaderless() -> list[Stuck]:
    words = _("%(name)s has no co-chair any more: nobody decides about requests to join or puts on calls.")
    return [
        Stuck(words % {"name": name}, reverse("staff_committee", args=[slug]), _("Choose another"))
        for name, slug in Committee.objects.leaderless().values_list("name", "slug")[:FEW]
    ]


def _papers() -> list[Stuck]:
    newest = DocumentVersion.objects.given_up().for_listing().counted().order_by("-pk").first()
    if newest is None:
        return []
    words = ngettext(
        "%(count)s paper could not be read: %(title)s.",
        "%(count)s papers could not be read: %(title)s, and others.",
        newest.among,
    ) % {"count": newest.among, "title": newest.document.title}
    return [Stuck(words, reverse("staff_unread"), _("See why, and try again"))]


def _mails() -> list[Stuck]:
    newest = InboundMail.objects.lately_failed().counted().for_listing().first()
    if newest is None:
        return []
    words = ngettext(
        "%(count)s mail that came in could not be read: %(subject)s.",
        "%(count)s emails that came in could not be read: %(subject)s, and others.",
        newest.among,
    ) % {"count": newest.among, "subject": newest.subject or _("No subject")}
    return [Stuck(words, f"{reverse('staff_inbound')}?state=failed", _("See why, and try again"))]


def _returned() -> list[Stuck]:
    lately = returned_lately()
    url, action = reverse("staff_suppressions"), _("See which, and why")
    return [Stuck(words, url, action) for words in _returned_words(lately)]


def _returned_words(lately: Returned) -> list[str]:
    words = []
    if lately.too_many_bounces:
        said = _(
            "%(n)s of %(sent)s emails of the last 24 hours came back (%(share)s %%). Many dead addresses make mail programs distrust us: look where they are from before more goes to them."
        )
        words.append(said % {"n": lately.bounced, "sent": lately.sent, "share": _share(lately.bounced, lately.sent)})
    if lately.too_many_complaints:
        said = _(
            "%(n)s of %(sent)s emails of the last 24 hours were reported as unwanted (%(share)s %%). Gmail asks for less than 0.1 %% and turns mail away from 0.3 %%: send nothing to many until it is clear why."
        )
        number = {"n": lately.complained, "share": _share(lately.complained, lately.sent)}
        words.append(said % (number | {"sent": lately.sent}))
    return words


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}"


def _plans() -> list[Stuck]:
    said = _("%(part)s have not been planned since %(since)s. It is tried again by itself. What went wrong: %(reason)s")
    return [
        Stuck(
            said % {"part": PARTS.get(each.part, each.part), "since": formats.listed(each.since), "reason": each.reason}
        )
        for each in Stumble.objects.lasting()
    ]
