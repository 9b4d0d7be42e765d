"""Addresses that let in without signing in stand in no log and no error report."""

import io
import logging
import logging.config
import re
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sentry_sdk
from django.conf import settings
from django.urls import URLPattern, get_resolver, reverse
from gunicorn.config import Config

from events.calendar import feeds
from members.mail import links, reply_addresses
from members.models import User
from portal.redaction import PREFIXES, redacted
from portal.reporting import report_errors_to
from portal.web_logger import RedactingLogger

MO = User(pk=7)


def secrets() -> dict[str, str]:
    """An address of each kind, and what nobody may read of it."""
    return {
        reverse("join_link", args=[links.join_token(7, 12, 0)]): links.join_token(7, 12, 0),
        reverse("rsvp_link", args=[links.rsvp_token(7, 12)]): links.rsvp_token(7, 12),
        reverse("rsvp_link_ics", args=[links.rsvp_token(7, 12)]): links.rsvp_token(7, 12),
        reverse("poll_link", args=[links.poll_token(7, 12)]): links.poll_token(7, 12),
        reverse("request_link", args=[links.make(links.DECIDE, 7, 12)]): links.make(links.DECIDE, 7, 12),
        reverse("not_me_link", args=[links.make(links.NOT_ME, 7, 12)]): links.make(links.NOT_ME, 7, 12),
        reverse("office_link", args=[links.make(links.OFFICE, 7, "12.ab")]): links.make(links.OFFICE, 7, "12.ab"),
        reverse("application_answer", args=[links.make(links.APPLICATION_ANSWER, 7, 12)]): links.make(
            links.APPLICATION_ANSWER, 7, 12
        ),
        reverse("vouch_link", args=[links.make(links.VOUCH, 7, 12)]): links.make(links.VOUCH, 7, 12),
        reverse("unsubscribe", args=[links.unsubscribe_token(7, "reminder", "committee:3")]): "reminder.committee:3",
        reverse("calendar_feed", args=[feeds.token(MO, 2)]): feeds.token(MO, 2),
        f"<{reply_addresses.address(reply_addresses.ANSWER, 7, 12)}>": reply_addresses.tag(
            reply_addresses.ANSWER, 7, 12
        ).rpartition(".")[2],
    }


def test_every_address_with_a_token_is_one_of_those_that_are_masked():
    def routes(patterns, before=""):
        for pattern in patterns:
            route = before + str(pattern.pattern)
            yield from [route] if isinstance(pattern, URLPattern) else routes(pattern.url_patterns, route)

    with_token = [route for route in routes(get_resolver().url_patterns) if "<str:token>" in route]
    assert {route.partition("/")[0] for route in with_token} == set(PREFIXES)


@pytest.mark.parametrize(
    "line",
    [
        "{}",
        "GET {} HTTP/1.1",
        'Referer "https://portal.example{}?answer=accepted"',
        "Not Found: {}",
        "/account/login/?next={}&x=1",
        "['{}', 'x']",
    ],
)
def test_a_line_keeps_what_it_is_about_and_loses_the_key(line):
    for address, secret in secrets().items():
        written = redacted(line.format(address))
        assert secret not in written and "…" in written
        assert redacted(line.format("/calls/fair-workweek/")) == line.format("/calls/fair-workweek/")


def test_quoted_addresses_damaged_tokens_and_tokens_alone_are_masked():
    token = links.rsvp_token(7, 12)
    for line in (
        f"next=%2Fr%2F{token.replace(':', '%3A')}%2F",
        f"/r/{token[:-3]}/",
        f"/calendar/{feeds.token(MO, 2)[:30]}.ics",
        f"BadSignature: {token}",
        f"{{'token': '{feeds.token(MO, 2)}'}}",
    ):
        assert not re.search(r"7\.(12|2)", redacted(line)), redacted(line)


def test_long_lines_are_read_quickly():
    for line in ("a" * 100_000, "a.:%" * 30_000, "/r/" * 30_000):
        began = time.process_time()
        redacted(line)
        assert time.process_time() - began < 1


def test_our_logs_have_no_keys_in_lines_or_tracebacks():
    for address, secret in secrets().items():
        stream = io.StringIO()
        handler = logging.StreamHandler(stream)
        formatter = settings.LOGGING["formatters"]["plain"]
        logging.config.dictConfig({"version": 1, "disable_existing_loggers": False, "formatters": {"plain": formatter}})
        handler.setFormatter(logging.config.DictConfigurator(settings.LOGGING).configure_formatter(dict(formatter)))
        logger = logging.Logger("django.request")  # noqa: LOG001 (nobody else's)
        logger.addHandler(handler)
        try:
            raise RuntimeError(f"in {address}")
        except RuntimeError:
            logger.exception("Internal Server Error: %s", address, extra={"status_code": 500})
        assert stream.getvalue().count("…") >= 2 and secret not in stream.getvalue()


def test_the_access_log_of_the_web_server_has_no_keys(capsys):
    config = Config()
    config.set("accesslog", "-")
    config.set("access_log_format", '%(r)s "%(f)s" %(U)s %({referer}i)s')
    log = RedactingLogger(config)
    for address, secret in secrets().items():
        environ = {
            "REQUEST_METHOD": "GET",
            "RAW_URI": address,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "PATH_INFO": address,
            "HTTP_REFERER": address,
        }
        request = SimpleNamespace(headers=[("REFERER", address)])
        answer = SimpleNamespace(status="200 OK", headers=[], sent=1)
        log.access(answer, request, environ, timedelta(seconds=1))
        log.error("Error handling request %s", address)
        said = capsys.readouterr()
        assert said.out.count("…") == 4 and secret not in said.out + said.err


def test_error_reports_have_no_keys_and_no_people():
    sent = []
    report_errors_to("https://key@sentry.example/1", transport=sent.append, default_integrations=False)
    try:
        for address in secrets():
            with sentry_sdk.new_scope() as scope:
                scope.add_breadcrumb(message=f"GET {address}", data={"url": [address]})
                scope.set_context("request", {"url": f"https://portal.example{address}"})
                try:
                    raise RuntimeError(f"in {address}")
                except RuntimeError as error:
                    sentry_sdk.capture_exception(error)
    finally:
        sentry_sdk.get_client().close(timeout=0)
        sentry_sdk.init()
    said = str(sent)
    assert len(sent) == len(secrets()) and said.count("…") >= 3 * len(sent)
    assert not [secret for secret in secrets().values() if secret in said]
    assert "'vars'" not in said


def test_the_proxy_masks_the_same_in_its_log():
    said = (settings.BASE_DIR / "docs/deploy/Caddyfile").read_text()
    masks = re.search(r'request>uri regexp "(.+)" "\$\{1\}-"', said)[1]
    assert re.search(r"\(\?:a\|[a-z|]+\)", masks)[0] == f"(?:{'|'.join(PREFIXES)})"
    for address, secret in secrets().items():
        if address.startswith("/"):
            assert secret not in re.sub(masks, r"\1-", address)
    assert "request>headers>Referer delete" in said
