"""What the membership desk can check about an application by itself. Hints only: a person decides.

Found for a whole queue with the same few queries as for one application.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from django.db.models import CharField, Count, Func, Value
from django.db.models.functions import Lower
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.models import Application, Office, User, Voucher
from members.queries.finding import Word
from members.text.names import in_latin
from members.times.clock import today

PERSONAL = frozenset(
    (
        "gmail.com",
        "yahoo.com",
        "outlook.com",
        "hotmail.com",
        "icloud.com",
        "aol.com",
        "me.com",
        "msn.com",
        "live.com",
        "comcast.net",
        "proton.me",
        "protonmail.com",
        "att.net",
        "verizon.net",
    )
)
GOVERNMENT = (".gov", ".us", ".edu", ".mil")
MOST_IMITATED = 3
SOON = timedelta(days=90)


@dataclass(frozen=True)
class Hint:
    tone: str  # good, warn, bad or info
    label: str
    text: str
    more: str = ""
    person: User | None = None  # whom to compare with
    asks: bool = False  # whether members may be asked here

    @property
    def icon(self) -> str:
        return {"good": "circle-check", "bad": "circle-x", "warn": "triangle-alert"}.get(self.tone, "info")


@dataclass
class Evidence:
    hints: list[Hint] = field(default_factory=list)

    @property
    def duplicates(self) -> int:
        return sum(hint.person is not None for hint in self.hints)

    @property
    def badge(self) -> tuple[str, str]:
        """(tone, words) for the queue: the most important thing to know."""
        if self.duplicates:
            return "warn", ngettext("%(n)d possible duplicate", "%(n)d possible duplicates", self.duplicates) % {
                "n": self.duplicates
            }
        worst = next((hint for tone in ("bad", "warn") for hint in self.hints if hint.tone == tone), None)
        if worst:
            return worst.tone, worst.text
        agreeing = sum(hint.tone == "good" for hint in self.hints)
        return "good", ngettext("%(n)d check agrees", "All %(n)d checks agree", agreeing) % {"n": agreeing}


def evidence_for(applications: Iterable[Application]) -> dict[int, Evidence]:
    """Evidence by application, which come with applicant and jurisdiction."""
    applications = list(applications)
    domains = _members_by_domain({_domain(each) for each in applications})
    namesakes = _namesakes(applications)
    holders = _holders(applications)
    vouchers = _vouchers(applications)
    return {each.pk: _about(each, domains, namesakes, holders, vouchers.get(each.pk, [])) for each in applications}


def _about(
    application: Application,
    domains: Counter[str],
    namesakes: list[User],
    holders: list[Office],
    vouchers: list[Voucher],
) -> Evidence:
    own = {person.as_one for person in namesakes if person.pk == application.applicant_id}
    others = [person for person in namesakes if person.as_one in own and person.pk != application.applicant_id]
    imitated = _imitated(application.applicant)
    colleagues = [
        office
        for office in holders
        if office.jurisdiction_id == application.jurisdiction_id and office.user_id != application.applicant_id
    ]
    return Evidence(
        [
            _email(application, domains),
            _term(application),
            _place(application, colleagues),
            *[
                Hint("bad", _("Name"), _standing(each), _("Looks the same in other letters."), each)
                for each in imitated
            ],
            *_vouched(vouchers),
            *_duplicates(application, others, colleagues),
        ]
    )


def _email(application: Application, domains: Counter[str]) -> Hint:
    email, domain = application.applicant.email, _domain(application)
    sharing = domains[domain]
    confirmed = _("Confirmed by code.")
    if sharing and domain not in PERSONAL:
        shared = ngettext("%(n)d member shares this domain.", "%(n)d members share this domain.", sharing) % {
            "n": sharing
        }
        return Hint("good", _("Work email"), email, f"{confirmed} {shared}")
    if domain.endswith(GOVERNMENT):
        return Hint("good", _("Work email"), email, f"{confirmed} " + _("A government’s or school’s address."))
    if domain in PERSONAL:
        return Hint("warn", _("Email"), _("Personal email"), f"{email}. {confirmed}")
    return Hint("info", _("Email"), email, f"{confirmed} " + _("No member shares this domain."))


def _term(application: Application) -> Hint:
    started, ended = application.started_on, application.ended_on
    words = _("%(start)s to %(end)s") % {
        "start": _month(started) or _("unknown"),
        "end": _month(ended) or _("no end set"),
    }
    if ended and ended < today():
        return Hint("bad", _("Term"), _("Term is over"), words)
    if started and started > today():
        return Hint("warn", _("Term"), _("Not in office yet"), words)
    if ended and ended < today() + SOON:
        return Hint("warn", _("Term"), _("Term ends soon"), words)
    return Hint("good", _("Term"), words, _("In office today."))


def _place(application: Application, colleagues: list[Office]) -> Hint:
    place = application.jurisdiction
    if place is None:
        return Hint(
            "warn", _("Place"), application.place, _("Not in our list. Choose the government before you approve.")
        )
    people = _("%(n)s people.") % {"n": f"{place.population:,}"} if place.population else ""
    serving = (
        ngettext("%(n)d member serves there.", "%(n)d members serve there.", len(colleagues)) % {"n": len(colleagues)}
        if colleagues
        else ""
    )
    return Hint("good", _("Place"), place.label, " ".join(filter(None, [people, serving])))


def _duplicates(application: Application, namesakes: list[User], colleagues: list[Office]) -> list[Hint]:
    hints = [
        Hint("warn", _("Possible duplicate"), _standing(person), _("The same name."), person) for person in namesakes
    ]
    seat = application.district.strip().casefold()
    same_seat = [
        office
        for office in colleagues
        if seat and office.district.strip().casefold() == seat and office.user not in namesakes
    ]
    for office in same_seat:
        words = _("Holds this seat: %(office)s") % {"office": f"{office}, {office.district}"}
        hints += [Hint("warn", _("Possible duplicate"), _standing(office.user), words, office.user)]
    return hints or [Hint("good", _("Duplicates"), _("Nobody else by this name or in this seat"))]


def _vouched(vouchers: list[Voucher]) -> list[Hint]:
    """One line for each member who said something, and one for those who did not yet."""
    hints = []
    for each in vouchers:
        if each.knows:
            words = f"{each.member.name}: “{each.words}”" if each.words else each.member.name
            hints.append(Hint("good", _("Vouched for"), words))
        elif each.knows is False:
            words = _("%(name)s doesn’t know them.") % {"name": each.member.name}
            hints.append(Hint("info", _("Vouched for"), words, f"“{each.words}”" if each.words else ""))
    silent = ", ".join(each.member.name for each in vouchers if each.knows is None)
    if silent:
        hints.append(Hint("info", _("Members asked"), silent, _("No answer yet."), asks=True))
    elif hints:
        hints[-1] = replace(hints[-1], asks=True)
    return hints or [Hint("info", _("Vouched for"), _("No member was asked."), asks=True)]


def _standing(person: User) -> str:
    if person.is_member:
        return _("%(name)s, member since %(month)s") % {
            "name": person.name,
            "month": _month(person.admitted_at and person.admitted_at.date()),
        }
    if person.admitted_at:
        return _("%(name)s, former member") % {"name": person.name}
    return _("%(name)s, applied too") % {"name": person.name}


def _domain(application: Application) -> str:
    return application.applicant.email.rpartition("@")[2].lower()


def _month(day: date | None) -> str:
    return date_format(day, "F Y") if day else ""


def _members_by_domain(domains: set[str]) -> Counter[str]:
    domain = Func(Lower("email"), Value("@"), Value(2), function="split_part", output_field=CharField())
    rows = (
        User.objects.members()
        .annotate(domain=domain)
        .filter(domain__in=domains)
        .order_by()
        .values("domain")
        .annotate(n=Count("pk"))
    )
    return Counter({row["domain"]: row["n"] for row in rows})


def _namesakes(applications: list[Application]) -> list[User]:
    """Everybody with the name of an applicant, applicants included."""
    people = User.objects.annotate(as_one=Word("name")).order_by("pk")
    applicants = User.objects.filter(pk__in={each.applicant_id for each in applications})
    return list(people.filter(as_one__in=applicants.values_list(Word("name"))))


def _imitated(applicant: User) -> list[User]:
    """Whose name this one reads like, in letters of another script; rare, so asked for each."""
    if in_latin(applicant.name) == applicant.name:
        return []
    return list(User.objects.looking_like(applicant.name).exclude(pk=applicant.pk).order_by("pk")[:MOST_IMITATED])


def _vouchers(applications: list[Application]) -> dict[int, list[Voucher]]:
    found: dict[int, list[Voucher]] = {}
    rows = Voucher.objects.filter(application__in=applications).select_related("member").order_by("asked_at", "pk")
    for voucher in rows:
        found.setdefault(voucher.application_id, []).append(voucher)
    return found


def _holders(applications: list[Application]) -> list[Office]:
    places = {each.jurisdiction_id for each in applications if each.jurisdiction_id}
    members = User.objects.members().order_by().values("pk")
    return list(
        Office.objects.current()
        .filter(jurisdiction__in=places, user__in=members)
        .select_related("user", "jurisdiction")
        .order_by("pk")
    )
