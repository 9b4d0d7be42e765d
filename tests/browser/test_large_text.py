"""Every page a person can open, with text twice as large on a phone, and on a phone of 320 px: nothing scrolls sideways,
overlaps, or breaks a word of a heading."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from django.urls import reverse

from committees.models import Committee
from events.models import CalendarReply, Meeting, ReplyNote
from members.models import Application, InboundMail, Sending, Suppression, User
from tests.access_table import ROLES, TABLE
from tests.access_world import World, make_world
from tests.factories import UserFactory

PEOPLE = {
    "anonymous": "",
    "applicant": "newcomer@portal.example",
    "member": "teresa@portal.example",
    "chair": "denise@portal.example",
    "admin": "admin@portal.example",
}
WITH_AXE = {"home", "meeting_list", "meeting_detail", "meeting_agenda", "committee_detail", "issue_detail", "apply"}
QUERIES = {
    "meeting_agenda": ["item=new"],
    "meeting_list": ["when=past"],
    "search": ["q=wage", "q=zzzz"],
    "people": ["q=zzzz"],
    "staff_proof": ["by=kind&since=30d"],
}
VIEWS = [("200% text at 390 px", 390, "200%"), ("320 px", 320, "")]

# Text that stands on other text. Line boxes are taller than the letters, so a fifth of each is left out above and below;
# what is fixed stands over the page on purpose and is compared with its like only.
PROBLEMS = """() => {
  const right = (element) => element.getBoundingClientRect().right
  const found = [], wide = document.documentElement.scrollWidth - window.innerWidth
  if (wide > 0) {
    const edge = window.innerWidth + 1
    const out = [...document.querySelectorAll("body *")].filter((each) => right(each) > edge && right(each.parentElement) <= edge)
    found.push(`scrolls sideways by ${wide} px: ${out.map((each) => each.outerHTML.slice(0, 90))}`)
  }
  const words = (element) => {
    const range = document.createRange()
    range.selectNodeContents(element)
    return range.getBoundingClientRect().right
  }
  for (const table of document.querySelectorAll(".table-wrap, .sheet"))
    if (table.scrollWidth > table.clientWidth + 1) found.push(`a table slides sideways: ${[...table.querySelectorAll("*")].filter((each) => words(each) > right(table) + 1).map((each) => each.outerHTML.slice(0, 60)).slice(0, 3)}`)
  const fixed = (element) => {
    for (; element; element = element.parentElement) if (["fixed", "sticky"].includes(getComputedStyle(element).position)) return true
    return false
  }
  const unseen = (element) => {
    for (; element; element = element.parentElement) if (getComputedStyle(element).clipPath === "inset(50%)" || element.matches(".skip")) return true
    return false
  }
  const scrolls = (element) => {
    for (; element; element = element.parentElement) if (["auto", "scroll"].includes(getComputedStyle(element).overflowX)) return true
    return false
  }
  for (const heading of document.querySelectorAll("h1, h2, h3, h4, .row__title")) {
    if (!heading.checkVisibility({opacityProperty: true, visibilityProperty: true}) || unseen(heading)) continue
    const parts = document.createTreeWalker(heading, NodeFilter.SHOW_TEXT)
    while (parts.nextNode())
      for (const word of parts.currentNode.data.matchAll(/(?<![\\p{L}@.’-])\\p{L}{1,12}(?![\\p{L}@.’-])/gu)) {
        const range = document.createRange()
        range.setStart(parts.currentNode, word.index)
        range.setEnd(parts.currentNode, word.index + word[0].length)
        const lines = new Set([...range.getClientRects()].filter((box) => box.width > 1).map((box) => Math.round(box.top)))
        if (lines.size > 1) found.push(`“${word[0]}” is broken in the heading “${heading.textContent.trim().slice(0, 40)}”`)
      }
  }
  const boxes = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const node = walker.currentNode, parent = node.parentElement
    if (!node.data.trim() || !parent.checkVisibility({opacityProperty: true, visibilityProperty: true})) continue
    if (parent.closest("svg, option") || unseen(parent)) continue
    const range = document.createRange()
    range.selectNodeContents(node)
    const apart = fixed(parent), slides = scrolls(parent)
    for (const box of range.getClientRects()) {
      if (box.width <= 1 || box.height <= 1) continue
      if (box.right > window.innerWidth + 1 && !slides) found.push(`“${node.data.trim().slice(0, 40)}” is cut off`)
      boxes.push({parent, apart, text: node.data.trim(), left: box.left, right: box.right, top: box.top + box.height / 5, bottom: box.bottom - box.height / 5})
    }
  }
  boxes.sort((one, other) => one.top - other.top)
  for (const [n, one] of boxes.entries())
    for (const other of boxes.slice(n + 1)) {
      if (other.top > one.bottom) break
      if (one.parent === other.parent || one.apart !== other.apart) continue
      const across = Math.min(one.right, other.right) - Math.max(one.left, other.left)
      const down = Math.min(one.bottom, other.bottom) - other.top
      if (across > 2 && down > 2) found.push(`“${one.text.slice(0, 40)}” and “${other.text.slice(0, 40)}” overlap`)
    }
  return found.slice(0, 3)
}"""


class Network(World):
    """The demo network has more than one of these."""

    inbound = property(lambda self: InboundMail.objects.latest("pk"))
    calendar_reply = property(lambda self: CalendarReply.objects.latest("pk"))
    reply_note = property(lambda self: ReplyNote.objects.latest("pk"))
    sending = property(lambda self: Sending.objects.latest("pk"))
    suppression = property(lambda self: Suppression.objects.latest("pk"))


@pytest.fixture
def network(transactional_db, settings, tmp_path) -> World:
    settings.DEMO, settings.MEDIA_ROOT = True, tmp_path
    call_command("demo", verbosity=0)
    committee = Committee.objects.get(slug="economic-justice")
    teresa, denise, admin = (User.objects.get(email=PEOPLE[role]) for role in ("member", "chair", "admin"))
    call = Meeting.objects.filter(committee=committee).standing().upcoming()[0]
    world = make_world(
        committee=committee,
        elsewhere=Committee.objects.get(slug="education"),
        carla=denise,
        mo=teresa,
        olga=UserFactory(name="Bartholomew Featherstonehaugh-Cholmondeley"),
        ana=UserFactory(name="Soledad Ibarra"),
        stu=admin,
        meeting=call,
    )
    world.item = call.agenda_items.in_order()[1]
    world.application = Application.objects.waiting()[0]
    return Network(**vars(world))


@pytest.mark.thorough
@pytest.mark.timeout(400)
def test_pages_stand_large_text_and_small_phones(network, browser, live_server, sign_in):
    wrong: list[str] = []
    for role, email in PEOPLE.items():
        client = sign_in(User.objects.get(email=email), strong=True) if email else sign_in()
        context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=live_server.url)
        if email:
            context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
        page = context.new_page()
        for name, address in pages_of(role, network, client):
            page.goto(address)
            for view, width, size in VIEWS:
                page.set_viewport_size({"width": width, "height": 844})
                page.evaluate("size => { document.documentElement.style.fontSize = size }", size)
                wrong += [f"{role} {address} with {view}: {problem}" for problem in page.evaluate(PROBLEMS)]
                if size and name in WITH_AXE:
                    found = Axe().run(page).response["violations"]
                    wrong += [
                        f"{role} {address} with {view}: {rule['id']} {rule['nodes'][0]['html'][:120]}" for rule in found
                    ]
        context.close()
    assert wrong == []


def pages_of(role: str, world: World, client) -> Iterator[tuple[str, str]]:
    """(name, address) of each HTML page this role is let in to, as far as a role before it has not seen the same."""
    for name, row in TABLE.items():
        letters = dict(zip(ROLES, row.GET, strict=True)) if row.GET else {}
        if letters.get(role) != "Y" or seen_before(role, letters):
            continue
        address = reverse(name, args=row.arguments(world)) if row.arguments else row.path or reverse(name)
        answer = client.get(address)
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            yield name, address
            yield from ((name, f"{address}?{query}") for query in QUERIES.get(name, []))


def seen_before(role: str, letters: dict[str, str]) -> bool:
    """Visitors and members see pages of their own; co-chairs and staff are asked only for what those are not let in to."""
    before = {"chair": ["member"], "admin": ["member", "chair"], "applicant": ["anonymous", "member"]}.get(role, [])
    return any(letters[each] == "Y" for each in before)
