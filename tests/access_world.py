"""One of everything, so that each address has something to show or to refuse."""

import hashlib
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.files.base import ContentFile
from django.utils.timezone import localdate, now

from committees.models import (
    Announcement,
    Committee,
    Document,
    DocumentVersion,
    IssueArea,
    JoinRequest,
    Mailing,
    Membership,
    Picture,
    Publication,
)
from events.calendar import feeds
from events.models import (
    ActionItem,
    AgendaItem,
    AgendaTemplate,
    CalendarReply,
    Decision,
    Meeting,
    MeetingSeries,
    Minutes,
    Poll,
    Proposal,
    ReplyNote,
    ReportDraft,
)
from members.mail import links
from members.models import (
    Application,
    ApplicationQuestion,
    BulkAct,
    BulkSend,
    ContactRequest,
    Delivery,
    Export,
    Import,
    InboundMail,
    Merge,
    Office,
    Segment,
    StaffAppointment,
    Suppression,
    User,
    Voucher,
)
from members.terms.messages import token
from tests.factories import (
    ActionItemFactory,
    CommitteeFactory,
    DecisionFactory,
    JurisdictionFactory,
    MeetingFactory,
    SeriesFactory,
    UserFactory,
    publish_quietly,
)
from tests.polls import PollFactory

DAY = timedelta(days=1)


@dataclass
class World:
    committee: Committee
    asking: Committee
    hidden: Committee
    meeting: Meeting
    hidden_meeting: Meeting
    series: MeetingSeries
    poll: Poll
    item: AgendaItem
    document: Document
    announcement: Announcement
    draft: Announcement
    publication: Publication
    application: Application
    request: JoinRequest
    delivery: Delivery
    carla: User
    mo: User
    olga: User
    ana: User
    stu: User

    @property
    def seat(self) -> Membership:
        """Mo's; on a committee that Mo is not on, the newest."""
        seats = self.committee.memberships
        return seats.filter(user=self.mo).first() or seats.latest("pk")

    @property
    def office(self) -> Office:
        """Mo's."""
        held = self.mo.offices.first()
        words = {"title": "Alder", "level": "city"}
        return held or Office.objects.create(user=self.mo, jurisdiction=self.application.jurisdiction, **words)

    @property
    def answer_token(self) -> str:
        asked = self.application.questions.first()
        question = asked or ApplicationQuestion.objects.create(application=self.application, words="Since when?")
        return links.make(links.APPLICATION_ANSWER, self.application.applicant_id, question.pk)

    @property
    def vouch_token(self) -> str:
        voucher, _new = Voucher.objects.get_or_create(application=self.application, member=self.mo)
        return links.make(links.VOUCH, self.mo.pk, voucher.pk)

    @property
    def agenda_template(self) -> AgendaTemplate:
        row = {"title": "Welcome", "kind": "opening", "minutes": 5, "description": ""}
        kept = AgendaTemplate.objects.filter(committee=self.committee)
        return kept.first() or AgendaTemplate.objects.create(committee=self.committee, name="Monthly", items=[row])

    @property
    def proposal(self) -> Proposal:
        """Mo's, not answered yet."""
        waiting = Proposal.objects.filter(meeting=self.meeting, answered_at=None, withdrawn_at=None)
        return waiting.first() or Proposal.objects.create(meeting=self.meeting, by=self.mo, title="Night buses")

    @property
    def office_token(self) -> str:
        return token(self.office)

    @property
    def picture(self) -> Picture:
        assert self.publication.picture
        return self.publication.picture

    @property
    def inbound(self) -> InboundMail:
        return InboundMail.objects.get(message_id="a@b")

    @property
    def waiting(self) -> InboundMail:
        return InboundMail.objects.get(message_id="waiting@b")

    @property
    def unread(self) -> DocumentVersion:
        """One that could not be read."""
        self.document.versions.update(finding="failed")
        return self.document.latest

    @property
    def minutes(self) -> Minutes:
        """Out for comment, of a call that is over, with a comment."""
        found = Minutes.objects.of_committee(self.committee).order_by("pk").first()
        return found or make_minutes(MeetingFactory(committee=self.committee, by=self.carla, starts_in=-DAY), self.mo)

    @property
    def calendar_reply(self) -> CalendarReply:
        return CalendarReply.objects.get()

    @property
    def report_draft(self) -> ReportDraft:
        """Carla's, of a report with nobody in it."""
        draft, _created = ReportDraft.objects.get_or_create(meeting=self.meeting, by=self.carla)
        return draft

    @property
    def reply_note(self) -> ReplyNote:
        return ReplyNote.objects.get()

    @property
    def imported(self) -> Import:
        """A list that was read, with one row."""
        made = Import.objects.first()
        if made is None:
            sheet = {"headings": ["Email"], "first": [["ann@portal.example"]]}
            made = Import.objects.create(name="list.csv", rows=1, planned_at=now(), sheet=sheet, columns={"0": "email"})
            made.rows_of.create(number=2, outcome="reject", reason="missing_name", cells=["ann@portal.example"])
        return made

    @property
    def sending(self) -> BulkSend:
        return BulkSend.objects.get()

    @property
    def segment(self) -> Segment:
        """Stu's: a list is its owner's alone to change."""
        made = Segment.objects.order_by("pk").first()
        return made or Segment.keep("Of Wisconsin", {"state": ["WI"]}, self.stu, shared=True)

    @property
    def mailing(self) -> Mailing:
        """A draft of Stu's to all members."""
        made = Mailing.objects.order_by("pk").first()
        words = {"subject": "News for {first name}", "body": "Dear {first name}"}
        return made or Mailing.begin(self.stu, **words)

    @property
    def bulk_act(self) -> BulkAct:
        """Stu's, of nobody."""
        made = BulkAct.objects.order_by("pk").first()
        return made or BulkAct.begin("tag", {"tag": 0}, User.objects.none(), self.stu, words="Tag as Donor")

    @property
    def merge(self) -> Merge:
        """Of nobody's rows into Olga."""
        made = Merge.objects.order_by("pk").first()
        return made or Merge.objects.create(kept=self.olga, merged=UserFactory(is_active=False), by=self.stu)

    @property
    def export(self) -> Export:
        """Stu's, which the worker has not written."""
        made = Export.objects.order_by("pk").first()
        return made or Export.ask(User.objects.filter(pk=self.mo.pk), self.stu, format="csv", words="Mo")

    @property
    def suppression(self) -> Suppression:
        return Suppression.objects.earliest("pk")

    @property
    def decide_token(self) -> str:
        return links.make(links.DECIDE, self.carla.pk, self.request.pk)

    @property
    def contact_request(self) -> ContactRequest:
        """Of Carla, to Mo."""
        found = ContactRequest.objects.between(self.carla, self.mo).first()
        return found or ContactRequest.objects.create(asker=self.carla, owner=self.mo, message="About the hearing.")

    @property
    def decision(self) -> Decision:
        """The first of its committee."""
        return self.committee.decisions.first() or DecisionFactory(committee=self.committee, by=self.carla)

    @property
    def action(self) -> ActionItem:
        return self.committee.actions.first() or ActionItemFactory(committee=self.committee, by=self.carla)

    @property
    def act_token(self) -> str:
        mine = ActionItem.objects.filter(committee=self.committee, owner=self.mo).first()
        mine = mine or ActionItemFactory(committee=self.committee, by=self.carla, owner=self.mo)
        return links.make(links.ACT, self.mo.pk, mine.pk)

    @property
    def not_me_token(self) -> str:
        facts = {"news": "x", "whose": self.mo.pk}
        news, _created = Delivery.objects.get_or_create(
            recipient=self.mo, kind="security_news", about="x", defaults={"facts": facts}
        )
        return links.make(links.NOT_ME, self.mo.pk, news.pk)

    @property
    def join_token(self) -> str:
        return links.join_token(self.mo.pk, self.meeting.pk, self.meeting.edition)

    @property
    def rsvp_token(self) -> str:
        return links.rsvp_token(self.mo.pk, self.meeting.pk)

    @property
    def poll_token(self) -> str:
        return links.poll_token(self.mo.pk, self.poll.pk)

    @property
    def feed_token(self) -> str:
        return feeds.token(self.mo, feeds.number_of(User.objects.get(pk=self.mo.pk)))

    @property
    def unsubscribe_token(self) -> str:
        return links.unsubscribe_token(self.mo.pk, "reminder", self.committee.scope)


def make_picture(owner: Publication | IssueArea) -> Picture:
    """In one width, with words."""
    picture = Picture.objects.create(description="A bus", widths=[320], width=320, height=240)
    picture.keep({"320.jpg": b"a jpeg", "320.avif": b"an avif"})
    owner.picture = picture
    owner.save(update_fields=["picture"])
    return picture


def make_pdf(publication: Publication) -> None:
    publication.pdf_size, publication.pdf_pages = 9, 1
    publication.pdf.save("report.pdf", ContentFile(b"%PDF-1.4\n"))


def make_document(committee: Committee, by: User, title: str = "Model ordinance") -> Document:
    document = Document.objects.create(committee=committee, title=title)
    text = b"A plain paper."
    version = DocumentVersion(
        name="paper.txt",
        content_type="text/plain",
        size=len(text),
        sha256=hashlib.sha256(text).hexdigest(),
        text=text.decode(),
    )
    version.file.save("paper.txt", ContentFile(text), save=False)
    document.add_version(version, by)
    return document


def make_minutes(
    meeting: Meeting, by: User, text: str = "We met in **Denver**.", comment: str = "It was Boulder.", **fields
) -> Minutes:
    until = localdate() + timedelta(days=7)
    sent = {"sent_at": now(), "comments_until": until, "closes_at": now() + timedelta(days=8)}
    minutes = Minutes.objects.create(meeting=meeting, begun_by=by, **sent | fields)
    part = {"key": "other.0", "text": text, "entries": [], "own": True}
    section = {"key": "other", "title": "Notes", "number": 0, "parts": [part]}
    minutes.revisions.create(number=1, sections=[section], written_by=by, closed_at=now())
    minutes.comments.create(author=by, section="other", quote="We met in Denver.", words=comment)
    return minutes


def make_announcement(committee: Committee | None, by: User, **fields) -> Announcement:
    words = {"headline": "We meet in Denver", "body": "In **June**. Come along."}
    return Announcement.objects.create(committee=committee, author=by, **words | fields)


def make_world(committee, elsewhere, carla, mo, olga, ana, stu, meeting) -> World:
    mail = InboundMail.objects.create(
        message_id="a@b", via="local", raw=b"From: a@b\r\n\r\nHi", size=14, state="failed"
    )
    InboundMail.objects.create(
        message_id="waiting@b",
        via="local",
        raw=b"From: a@b.example\r\n\r\nHi",
        size=14,
        state="waiting",
        sender="a@b.example",
        words="Hi",
    )
    CalendarReply.objects.create(
        meeting=meeting, user=mo, mail=mail, edition=0, response="accepted", sender="a@b", state="waiting"
    )
    ReplyNote.objects.create(meeting=meeting, user=mo, mail=mail, words="Yes")
    hidden = CommitteeFactory(slug="quiet-caucus", name="Quiet Caucus", confidential=True)
    Suppression.stop("nobody@portal.example", "bounce", "the mailbox doesn’t exist.")
    BulkSend.begin("moved", [mo], meeting.about, dedupe_key="moved:1", scope=committee.scope, sent_by=carla)
    asking = CommitteeFactory(slug="asking", name="Asking", join_policy=Committee.JoinPolicy.ASK)
    publish_quietly(meeting)
    world = World(
        committee=committee,
        asking=asking,
        hidden=hidden,
        meeting=meeting,
        series=SeriesFactory(committee=committee, by=carla, title="Monthly call"),
        poll=PollFactory(committee=committee, by=carla),
        hidden_meeting=MeetingFactory(committee=hidden, by=carla, title="Quiet call"),
        item=AgendaItem.objects.create(meeting=meeting, title="Welcome", minutes=5),
        document=make_document(committee, carla),
        announcement=make_announcement(committee, carla, sent_at=now()),
        draft=make_announcement(committee, carla),
        publication=Publication.objects.create(
            issue=committee.issue,
            type="report",
            slug="the-report",
            title="The report",
            summary="Short.",
            body="Long.",
            dated_on=date(2026, 1, 1),
            published_at=now(),
        ),
        application=Application.objects.create(
            applicant=ana, title="Council Member", jurisdiction=JurisdictionFactory()
        ),
        request=JoinRequest.objects.create(committee=committee, user=olga, message="May I?"),
        delivery=Delivery.objects.create(recipient=mo, kind="joined", about=f"committee:{committee.pk}"),
        carla=carla,
        mo=mo,
        olga=olga,
        ana=ana,
        stu=stu,
    )
    make_picture(world.publication)
    make_picture(committee.issue)
    make_pdf(world.publication)
    return world


def make_people(world: World, by: User) -> dict[str, User]:
    """By role, those whom the cast lacks; `end_standings` ends what two of them have, once they are signed in."""
    on = {"started_on": localdate() - timedelta(days=9)}
    declined, ended, closed, insider, organizer = (
        UserFactory(name=name, admitted_at=None if name == "Dee Clined" else now())
        for name in ("Dee Clined", "Ende Dent", "Clo Sed", "Ines Inside", "Olive Organizer")
    )
    for person in (ended, closed):
        world.committee.memberships.create(user=person, **on)
        world.hidden.memberships.create(user=person, role=Membership.Role.CHAIR, **on)
    world.hidden.memberships.create(user=insider, **on)
    organizer.appoint(StaffAppointment.Role.ORGANIZER)
    office = {"title": "Alder", "jurisdiction": JurisdictionFactory()}
    Application.objects.create(applicant=declined, **office).decline(by, "Not this time.")
    people = {"declined": declined, "ended": ended, "closed": closed, "organizer": organizer}
    return people | {"on a confidential one": insider}


def end_standings(people: dict[str, User], by: User) -> None:
    people["ended"].leave(by, "Lost the seat.")
    people["closed"].deactivate(by, "Asked for it.")
