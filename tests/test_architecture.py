"""Promises about the code as a whole. (The layers of the apps are a contract in pyproject.toml.)"""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import rules
from celery.signals import worker_init, worker_process_init
from django.conf import settings

from events.models import Rsvp
from members.mail.outgoing.threads import SWITCH
from members.mail.wakeup import EXPIRES
from members.models import Delivery, InboundMail
from portal.celery import app, start_as_one_that_delivers

APPS = ("portal", "events", "committees", "members")
CODE = [path for name in APPS for path in (settings.BASE_DIR / name).rglob("*.py") if "migrations" not in path.parts]
TEMPLATES = list((settings.BASE_DIR / "templates").rglob("*.html"))


def found(pattern: str, paths: list[Path]) -> list[str]:
    return [
        f"{path.relative_to(settings.BASE_DIR)}: {match}"
        for path in paths
        for match in re.findall(pattern, path.read_text())
    ]


def test_nothing_is_scheduled_ahead():
    assert not found(r"\b(?:eta|countdown)=", CODE)


def test_every_tick_is_a_task_of_ours_and_expires():
    app.loader.import_default_modules()
    for tick in app.conf.beat_schedule.values():
        assert tick["task"] in app.tasks
        assert tick["options"]["expires"] == EXPIRES


def test_what_an_operator_sets_is_asked_when_it_is_needed():
    """Else a module says for ever what held when it was imported."""

    def at_import(node: ast.AST):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "settings":
            yield node.attr
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            for each in ast.iter_child_nodes(node):
                yield from at_import(each)

    said = {
        f"{path.relative_to(settings.BASE_DIR)}: {name}"
        for path in CODE
        if path.name not in ("settings.py", "settings_urls.py") and "settings." in path.read_text()
        for name in at_import(ast.parse(path.read_text()))
        if name in ("SITE_URL", "DEFAULT_FROM_EMAIL") or name.startswith(("ORG_", "MAIL_", "CONTACT_"))
    }
    assert said == set()


def test_a_mail_comes_in_by_the_verb_that_receives_it():
    assert {match.partition(":")[0] for match in found(r"\bInboundMail\.objects\.\w*create\(", CODE)} == {
        "members/mail/incoming/inbox.py"
    }
    assert not found(r"\bInboundMail\.objects\.\w*create\(", [settings.BASE_DIR / "tests/story.py"])


def test_every_permission_that_is_asked_for_has_a_rule():
    asked = {match.partition(": ")[2] for match in found(r"has_perm\(\s*\"([a-z_.]+)\"", CODE)}
    assert asked
    assert {name for name in asked if not rules.perm_exists(name)} == set()


def test_an_answer_is_taken_by_the_verb_that_confirms_it():
    """Past answers of the demo are written down without a word to anybody, and a yes in a poll: its invitation said so. An
    answer to all dates of a series is confirmed by one mail (respond_to_all).
    """
    assert {match.partition(":")[0] for match in found(r"\bRsvp\.record\(", CODE)} == {
        "events/answers/answering.py",
        "events/models/series_answers.py",
        "events/polls/sweeping.py",
        "portal/demo/calls.py",
        "portal/demo/twins.py",
    }


def test_what_holds_for_a_whole_process_is_set_where_one_starts():
    switches = r"\b(?:sys\.set\w+|gc\.(?:disable|freeze|set_threshold)|os\.umask|signal\.signal)\("
    starts = {
        "members/mail/outgoing/threads.py",
        "portal/demo/launch.py",
        "portal/management/commands/collectstatic.py",
    }
    assert {match.partition(":")[0] for match in found(switches, CODE)} == starts


def test_a_worker_lets_its_threads_take_turns_quickly_from_its_start():
    """Its own process and each of its pool. Sent for real, the signals would close this process's connections."""
    for starting in (worker_init, worker_process_init):
        assert start_as_one_that_delivers in [receiver() for _key, receiver in starting.receivers]
    before = sys.getswitchinterval()
    try:
        start_as_one_that_delivers()
        assert sys.getswitchinterval() == pytest.approx(SWITCH)
    finally:
        sys.setswitchinterval(before)


def test_the_methods_of_a_page_with_a_form_are_named_once():
    assert found(r"require_http_methods\(", CODE) == ["members/web/acts.py: require_http_methods("]


def test_views_name_the_sets_that_they_show():
    """They narrow by rows they hold. A fact, a state or a Q among the conditions is a question that has no name yet."""
    views = [path for path in CODE if path.parent.name == "views" or path.stem.endswith("views")]
    assert len(views) > 30
    assert [
        f"{path.relative_to(settings.BASE_DIR)}: {ast.unparse(call)}"
        for path in views
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and getattr(call.func, "attr", "") in ("filter", "exclude") and has_no_name(call)
    ] == []


def has_no_name(question: ast.Call) -> bool:
    values = [given.value for given in question.keywords]
    facts = [value for value in values if isinstance(value, ast.Constant) and not isinstance(value.value, str)]
    states = [value for value in values if isinstance(value, ast.Attribute) and value.attr.isupper()]
    return bool(question.args or facts or states)


def test_templates_hold_no_script_and_no_style():
    assert not found(
        r"<script(?![^>]*\bsrc=)[^>]*>|\sstyle=\"|\son[a-z]+=\"|hx-on",
        [path for path in TEMPLATES if "emails" not in path.parts],
    )


def test_pages_write_clock_times_through_our_own_tags():
    """Which say the zone. A day, or a month, has none."""
    assert not found(r"\|time\b|\|date(?=[ }])|\|date:\"[^\"]*[aAgGhHisP][^\"]*\"", TEMPLATES)


NAMED = re.compile(r"`(?:([\w/]+\.py))?::(test_\w+)`")


def test_pages_say_where_they_stand_through_one_helper():
    pages = settings.BASE_DIR / "members" / "web" / "pages.py"
    assert not found(r"\"(?:nav|section|back_url|back_label)\": ", [path for path in CODE if path != pages])


def test_the_page_on_safety_names_tests_that_are_there():
    page = (settings.BASE_DIR / "docs" / "security.md").read_text()
    claims = [line for line in page.partition("## What holds it")[2].splitlines() if re.match(r"\| (?!what \|)", line)]
    missing, named = [], 0
    for claim in claims:
        path, found = "", NAMED.findall(claim)
        assert found, claim
        for file, test in found:
            path, named = file or path, named + 1
            if not re.search(rf"^def {test}\(", (settings.BASE_DIR / "tests" / path).read_text(), re.MULTILINE):
                missing.append(f"{path}::{test}")
    assert missing == []
    assert len(claims) > 80 and named > 180


# Rooms ---------------------------------------------------------------------------------------------

PLAN = (settings.BASE_DIR / "docs" / "architecture.md").read_text()


def test_every_room_is_on_the_plan_and_every_room_of_the_plan_is_built():
    section = PLAN[PLAN.index("## Rooms") : PLAN.index("### Where is")]
    planned, app = set(), ""
    for line in section.splitlines():
        found_app = re.match(r"    (\w+)/ +", line)
        app = found_app[1] if found_app else app
        if app in APPS and (room := re.match(r"    (?:\w+/)? +([a-z_/]+)/ ", line)):
            planned.add(f"{app}/{room[1]}")
    built = {
        str(folder.relative_to(settings.BASE_DIR))
        for name in APPS
        for folder in (settings.BASE_DIR / name).rglob("*")
        if (folder / "__init__.py").exists()
        and not {"migrations", "management", "templatetags"} & set(folder.parts)
        and not (folder.name == "views" and folder.parent.name in ("mail_desk", "accounts", "staff"))
    }
    assert planned == built


def test_where_is_answers_with_one_path_that_exists():
    answers = re.findall(r"^\| … .*\| `([^`]+)` \|$", PLAN, re.MULTILINE)
    assert len(answers) >= 10
    assert [path for path in answers if not (settings.BASE_DIR / path).exists()] == []


def test_few_modules_stand_at_the_root_of_an_app():
    most = {"members": 18, "events": 10}
    flat = {name: len(list((settings.BASE_DIR / name).glob("[a-z]*.py"))) for name in most}
    assert {name: count for name, count in flat.items() if count > most[name]} == {}


REGISTERS = r"^@(?:planner|receiver|reader|when_unreadable)\b|^reader\(|^    kind, label\b|\bextends=|^\w+\.add\("


def test_what_registers_itself_is_found_when_the_apps_start():
    """In a process of its own: in this one the tests imported everything."""
    wanted = {
        ".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts)
        for path in CODE
        if re.search(REGISTERS, path.read_text(), re.MULTILINE)
    }
    assert len(wanted) > 15
    start = "import django, sys; django.setup(); print(*sys.modules, sep='\\n')"
    ran = subprocess.run([sys.executable, "-c", start], capture_output=True, text=True, check=True)
    assert wanted - set(ran.stdout.split()) == set()


def test_what_somebody_may_see_begins_in_one_place():
    """Applications are seen by the membership team alone, so they say it themselves."""
    saying = {match.partition(":")[0] for match in found(r"def visible_to\(", CODE)}
    assert saying == {"members/queries/visibility.py", "members/models/applications.py"}


def test_who_is_active_and_who_is_on_a_committee_is_said_once():
    twice = r"left_at=None|left_at__isnull=True|left_at IS NULL|user__is_active"
    said = {match.partition(":")[0] for match in found(twice, CODE)}
    assert said == {"members/models/users.py"}


SQL = sorted(path for name in APPS for path in (settings.BASE_DIR / name).rglob("*.sql"))
MOST_LINES = 5


def texts(path: Path) -> list[str]:
    """Those in a module, with holes where something is filled in."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    filled = [
        "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        for node in nodes
        if isinstance(node, ast.JoinedStr)
    ]
    return filled + [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]


def test_long_statements_stand_in_files():
    statement = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM)\b")
    long = [
        str(path.relative_to(settings.BASE_DIR))
        for path in CODE
        for text in texts(path)
        if statement.search(text) and len(text.strip().splitlines()) > MOST_LINES
    ]
    assert long == []


def test_every_statement_in_a_file_is_one_that_a_module_loads():
    loaded = {
        str((settings.BASE_DIR / path.partition(":")[0]).parent / "sql" / f"{name}.sql")
        for path, _colon, name in (
            match.rpartition(": ") for match in found(r"(?:load|_statement)\(\s*(?:__file__, )?\"(\w+)\"", CODE)
        )
    }
    assert {str(path) for path in SQL} - loaded == set() and len(SQL) > 20


def test_states_in_statements_come_from_their_enumeration():
    words = {*Delivery.State.values, *InboundMail.State.values, *Rsvp.Response.values}
    quoted = re.compile(rf"'({'|'.join(sorted(words))})'")
    statements = [(path, path.read_text()) for path in SQL]
    statements += [(path, text) for path in CODE for text in texts(path) if re.search(r"\b(?:WHERE|SET) ", text)]
    said = {str(path.relative_to(settings.BASE_DIR)) for path, text in statements if quoted.search(text)}
    assert said <= {"portal/demo/history.py"}  # which names verbs of the activity log


def test_members_alone_adds_deliveries():
    """The apps above do it by a queryset or a function of members, and name no column of the table."""
    assert {match.partition("/")[0] for match in found(r"INSERT INTO members_delivery", [*CODE, *SQL])} == {"members"}
