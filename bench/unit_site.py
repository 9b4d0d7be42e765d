"""The unit U: a minimal Django list page (session, user, one SELECT of 20 rows, 2 kB), which our pages are compared with.

`/unit/` is the page, `/write/` a bare upsert. DATABASE_HOST and DATABASE_NAME say where. Run as a script it makes its
tables and rows and prints a session key.
"""

import os

import django
from django.conf import settings

TEMPLATE = """<!doctype html><html lang=en><head><meta charset=utf-8><title>{{ title }}</title></head><body>
<header><a href="/">Home</a> <a href="/events/">Events</a> {{ user.get_full_name }}</header><main><h1>{{ title }}</h1><ul>
{% for row in rows %}<li><a href="/events/{{ row.0 }}/">{{ row.1 }}</a> <time datetime="{{ row.2|date:'c' }}">{{ row.2|date:"j M Y, H:i" }}</time></li>
{% endfor %}</ul></main></body></html>"""
PROCESSORS = (
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
)
LOADER = ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", {"unit.html": TEMPLATE})])

if not settings.configured:
    settings.configure(
        DEBUG=False,
        SECRET_KEY="unit" * 20,
        ALLOWED_HOSTS=["127.0.0.1"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": os.environ["DATABASE_NAME"],
                "HOST": os.environ["DATABASE_HOST"],
                "USER": "postgres",
                "CONN_MAX_AGE": 60,
            }
        },
        SESSION_ENGINE="django.contrib.sessions.backends.db",
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
        ],
        MIDDLEWARE=[
            "django.middleware.security.SecurityMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        TEMPLATES=[
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "OPTIONS": {"context_processors": PROCESSORS, "loaders": [LOADER]},
            }
        ],
    )
    django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model  # noqa: E402
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect  # noqa: E402
from django.shortcuts import render  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

TABLES = """
    CREATE TABLE unit_event (id bigserial PRIMARY KEY, title text NOT NULL, start timestamptz NOT NULL);
    CREATE INDEX unit_event_start ON unit_event (start);
    CREATE TABLE unit_rsvp (event_id bigint REFERENCES unit_event, user_id bigint, answer text, PRIMARY KEY (event_id, user_id));
    INSERT INTO unit_event (title, start)
        SELECT 'Steering committee call ' || n, timestamptz '2026-01-01' + n * interval '6 hours' FROM generate_series(1, 1000) n
"""


def unit(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, title, start FROM unit_event WHERE start > %s ORDER BY start LIMIT 20", ["2020-01-01"]
        )
        rows = cursor.fetchall()
    return render(request, "unit.html", {"title": "Upcoming", "rows": rows})


@csrf_exempt
def write(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    upsert = "INSERT INTO unit_rsvp VALUES (%s, %s, %s) ON CONFLICT (event_id, user_id) DO UPDATE SET answer = excluded.answer"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(upsert, [7, request.user.pk, request.POST["answer"]])
    return HttpResponseRedirect("/unit/", status=303)


urlpatterns = [path("unit/", unit), path("write/", write)]
application = get_wsgi_application()


def prepare() -> str:
    """Tables, rows and a person; the key of their session."""
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
    person = get_user_model().objects.create_user("teresa", first_name="Teresa", last_name="Villanueva")
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(person.pk),
            BACKEND_SESSION_KEY: "django.contrib.auth.backends.ModelBackend",
            HASH_SESSION_KEY: person.get_session_auth_hash(),
        }
    )
    session.create()
    return session.session_key


if __name__ == "__main__":
    print(prepare())
