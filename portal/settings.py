"""Settings, all from the environment and closed by default (docs/operations.md has the table).

Production needs DATABASE_URL, REDIS_URL, EMAIL_URL, SECRET_KEY, ALLOWED_HOSTS and SITE_URL.
Each secret NAME may also be given as NAME_FILE, a path whose content is the value; the file counts when both are set.
"""

import json
import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.reporting import report_errors_to

BASE_DIR = Path(__file__).resolve().parent.parent

FROM_FILES = (  # the secrets
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "SECRETS_KEY",
    "SECRETS_KEY_FALLBACKS",
    "DATABASE_URL",
    "REDIS_URL",
    "EMAIL_URL",
    "CALENDAR_EMAIL_URL",
    "METRICS_TOKEN",
    "SENTRY_DSN",
    "WEBHOOK_SECRET",
    "IMAP_URL",
)
MAY_BE_EMPTY = ("MAIL_BOUNCE_ADDRESS",)  # everywhere else an empty value is none, as in a file of Compose

env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value or name in MAY_BE_EMPTY}
for name in FROM_FILES:
    if f"{name}_FILE" in env.ENVIRON:
        env.ENVIRON[name] = Path(env.ENVIRON[f"{name}_FILE"]).read_text().strip()

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # earlier ones: what they signed still counts
SECRETS_KEY = env.str("SECRETS_KEY", default="")  # for what lies sealed in the database (members.sealing)
SECRETS_KEY_FALLBACKS = env.list("SECRETS_KEY_FALLBACKS", default=[])
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
ORG_NAME = env.str("ORG_NAME", default="Local Progress")
POSTAL_ADDRESS = env.str("POSTAL_ADDRESS", default="")  # at the end of announcements, as the law of the US wants it
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="hello@portal.example")
HTTPS = SITE_URL.startswith("https://")

if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("Set SECRET_KEY to at least 32 random characters (bin/demo makes one by itself).")
if SECRETS_KEY and (len(SECRETS_KEY) < 32 or SECRETS_KEY == SECRET_KEY):
    raise ImproperlyConfigured("SECRETS_KEY must be at least 32 random characters, others than those of SECRET_KEY.")
BACKUPS_KEPT_DAYS = env.int("BACKUPS_KEPT_DAYS", default=0)  # as pages tell it; 0: nobody has said
TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)
THIS_MACHINE = re.compile(r"127(\.\d+){3}|\[?::1\]?|testserver|(.+\.)?localhost")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
AT_HOME = all(THIS_MACHINE.fullmatch(host) for host in (SITE_HOST, *ALLOWED_HOSTS))
if any(host.strip(".") in ("*", "") for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS must name the hosts of this portal: * lets anybody write links into its mails."
    )
if DEMO and (HTTPS or TRUSTED_PROXY_COUNT or not AT_HOME):
    raise ImproperlyConfigured(
        "DEMO=1 lets anybody sign in as anybody: only with an http:// SITE_URL, ALLOWED_HOSTS of this machine (127.0.0.1, localhost) and no proxy."
    )
if DEBUG and (HTTPS or TRUSTED_PROXY_COUNT or not AT_HOME):
    raise ImproperlyConfigured(
        "DEBUG=1 shows secrets in error pages: only with an http:// SITE_URL and ALLOWED_HOSTS of this machine (127.0.0.1, localhost) and no proxy."
    )
if not (DEMO or DEBUG or HTTPS or env.bool("ALLOW_HTTP", default=False)):
    raise ImproperlyConfigured("SITE_URL must start with https:// in production.")

INSTALLED_APPS = [
    "portal",
    "events",
    "committees",
    "members",
    "portal.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "portal.staticfiles.BundledFilesConfig",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "knox",
    "lucide",
    "pghistory",
    "pgtrigger",
    "rest_framework",
    "rules.apps.AutodiscoverRulesConfig",
    "template_partials.apps.SimpleAppConfig",  # TEMPLATES name its loader
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "portal.middleware.HeadersMiddleware",
    "portal.middleware.BodyLimitMiddleware",
    "portal.gate.GateMiddleware",
    "members.middleware.VisitorSessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "members.middleware.StandingMiddleware",
    "members.middleware.SignedInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "portal.viewing.middleware.ViewingMiddleware",
    "members.middleware.UnsentMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "portal.middleware.WayOnMiddleware",
    "portal.gone.GoneMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "members.web.kept.KeptPagesMiddleware",
]

if DEMO:  # in production the proxy compresses
    MIDDLEWARE.insert(0, "django.middleware.gzip.GZipMiddleware")
if DEMO or DEBUG:
    MIDDLEWARE.insert(0, "portal.middleware.AtHomeMiddleware")

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATE_LOADERS = ["portal.template_loader.Loader", "django.template.loaders.app_directories.Loader"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                ("template_partials.loader.Loader", [("django.template.loaders.cached.Loader", TEMPLATE_LOADERS)])
            ],
            "builtins": ["members.templatetags.typed_by", "members.templatetags.page_urls"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "portal.context.site",
                "portal.context.unsent_acts",
                "portal.context.staff_desk",
            ],
        },
    }
]

# Data -----------------------------------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default="postgres:///portal")}
DATABASES["default"]["ATOMIC_REQUESTS"] = False
DATABASES["default"].setdefault("OPTIONS", {})
if env.bool("DATABASE_POOL", default=True):
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": max(env.int("DATABASE_POOL_SIZE", default=10), env.int("MAIL_CONVERSATIONS", default=4) + 2),
        "timeout": 10,
    }

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "portal.cache.FailoverCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 0.5},
    }
}
SESSION_ENGINE = "members.session_store"  # in the database
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60  # of people who signed in; others: members.session_store
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "csrftoken"
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "portal.views.errors.csrf_failure"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))
MEDIA_URL = ""  # files leave only through views that ask visible_to
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "committees.documents.uploads.CappedUploadHandler",
]
DOCUMENT_MAX_BYTES = 20 * 1024 * 1024
DOCUMENTS_A_DAY_BYTES = env.int("DOCUMENTS_A_DAY_MB", default=200) * 1024 * 1024  # of one person
DISK_KEPT_FREE_BYTES = (
    env.int("DISK_KEPT_FREE_MB", default=500) * 1024 * 1024
)  # for the database and the mail beside it
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 4

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
WHITENOISE_USE_FINDERS = not STATIC_ROOT.is_dir()
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = ["woff2", "png", "jpg", "gif", "ico", "gz", "br", "map"]
COLLECTED = {  # what `collectstatic` makes, for whoever serves it: often another account than the one that builds
    "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage",
    "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
}
STORAGES: dict[str, Any] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    if WHITENOISE_USE_FINDERS
    else COLLECTED,
}

# People ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "members.User"
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # a unique index on lower(email) is stricter than unique=True
    "security.W002",  # frame-ancestors of the content security policy says the same as X-Frame-Options
]
AUTHENTICATION_BACKENDS = ["rules.permissions.ObjectPermissionBackend", "members.auth.StandingBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "members.sign_in.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # every sign-in by code proves the address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # city mail is greylisted
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6}
ACCOUNT_LOGIN_TIMEOUT = 45 * 60  # a code sent again counts from then
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {
    "request_code": "20/m/ip,3/10m/key",  # by network and address
    "request_code_anywhere": "12/10m/key",  # by address; never longer than that, or strangers close its owner out
    "trusted_code": "3/10m/key,30/d/key",  # by browser that signed in there before
    "passkey": "20/m/ip",
    "unsent": "60/10m/ip",  # forms that were sent without a session
    "login": "60/m/ip",
    "login_failed": "20/m/ip",  # in a row: members.accounts.wrong_steps
    "application_code": "30/h/ip",
    "application": "10/h/ip,10/h/key",
}
STRANGER_MAILS_AN_HOUR = env.int("STRANGER_MAILS_AN_HOUR", default=120)  # to people without an account
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY_COUNT
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_ADAPTER = "members.sign_in.adapter.SecondStepAdapter"
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # nobody is signed in who did not prove the address
MFA_TOTP_TOLERANCE = 1  # a slow typist or clock: the code before and after count too
MFA_TOTP_ISSUER = ORG_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
CHAIRS_TAKE_SECOND_STEP = env.bool("CHAIRS_TAKE_SECOND_STEP", default=False)
USERSESSIONS_TRACK_ACTIVITY = False  # a GET never changes anything

# Mail -----------------------------------------------------------------------------------------


def mailer(variable: str, default: str) -> dict[str, Any]:
    """Keyword arguments of `django.core.mail.get_connection` from a mail URL such as smtp://user:password@host:25."""
    url = env.email_url(variable, default=default)
    return {
        "backend": url["EMAIL_BACKEND"],
        "host": url.get("EMAIL_HOST") or "localhost",
        "port": url.get("EMAIL_PORT") or 25,
        "username": url.get("EMAIL_HOST_USER") or "",
        "password": url.get("EMAIL_HOST_PASSWORD") or "",
        "use_tls": url.get("EMAIL_USE_TLS", False),
        "use_ssl": url.get("EMAIL_USE_SSL", False),
        "timeout": SMTP_TIMEOUT,
    }


SMTP_TIMEOUT = env.int("SMTP_TIMEOUT", default=15)  # seconds for one step of an SMTP conversation
MAIL_PATIENCE = env.int(
    "MAIL_PATIENCE", default=30
)  # seconds to keep trying to record a hand-over while the database is away
MAIL_LEASE = env.int(
    "MAIL_LEASE", default=SMTP_TIMEOUT * 5 + MAIL_PATIENCE + 15
)  # seconds; see members.mail.outgoing.worker.assert_lease
MAIL_REFUSED_FOR = env.int("MAIL_REFUSED_FOR", default=3600)  # seconds until a row that others explain is given up
MAIL_CONVERSATIONS = env.int("MAIL_CONVERSATIONS", default=4)  # with the mail server at once, in each worker process
MAIL_HOLD_OVER = env.int("MAIL_HOLD_OVER", default=25)  # people; a message to more waits a minute for an Undo
EMAIL_URL = env.str("EMAIL_URL", default="smtp://127.0.0.1:25")
MAILERS = {"default": mailer("EMAIL_URL", EMAIL_URL), "calendar": mailer("CALENDAR_EMAIL_URL", EMAIL_URL)}
EMAIL_BACKEND = MAILERS["default"]["backend"]
EMAIL_HOST, EMAIL_PORT = MAILERS["default"]["host"], MAILERS["default"]["port"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAILERS["default"]["username"], MAILERS["default"]["password"]
EMAIL_USE_TLS, EMAIL_USE_SSL = MAILERS["default"]["use_tls"], MAILERS["default"]["use_ssl"]
EMAIL_TIMEOUT = SMTP_TIMEOUT
MAIL_DOMAIN = env.str("MAIL_DOMAIN", default="portal.example")
MAIL_ADDRESS = env.str("MAIL_ADDRESS", default=f"calls@{MAIL_DOMAIN}")
MAIL_FEEDBACK_ID = env.str("MAIL_FEEDBACK_ID", default="")  # who sends, in Feedback-ID; without it no such header
if not re.fullmatch(r"[A-Za-z0-9-]{5,15}|", MAIL_FEEDBACK_ID):
    raise ImproperlyConfigured("MAIL_FEEDBACK_ID must be 5 to 15 letters, digits and hyphens.")
MAIL_WARN_FROM = env.int("MAIL_WARN_FROM", default=50)  # mails in 24 hours, from which shares of them say something
MAIL_WARN_BOUNCES = env.float("MAIL_WARN_BOUNCES", default=5)  # percent that came back
MAIL_WARN_COMPLAINTS = env.float("MAIL_WARN_COMPLAINTS", default=0.1)  # percent that were reported as unwanted
MAIL_DKIM_SELECTORS = env.list("MAIL_DKIM_SELECTORS", default=[])  # of our signature, for `manage.py check_mail`
MAIL_AUTHSERV_IDS = env.list("MAIL_AUTHSERV_IDS", default=[])  # whose Authentication-Results are believed (RFC 8601)
MAIL_TAG_SEPARATOR = env.str("MAIL_TAG_SEPARATOR", default="+")  # between the name of our mailbox and a tag
if not re.fullmatch(r"[+=_-]", MAIL_TAG_SEPARATOR):
    raise ImproperlyConfigured("MAIL_TAG_SEPARATOR must be one of + - = _.")
MAIL_BOUNCE_ADDRESS = env.str(
    "MAIL_BOUNCE_ADDRESS", default=MAIL_ADDRESS
)  # with a tag, the envelope sender; "": no tags
DEFAULT_FROM_EMAIL = SERVER_EMAIL = f"{ORG_NAME} <{MAIL_ADDRESS}>"
IMAP_URL = env.str("IMAP_URL", default="")  # where answers are fetched: imaps://user:password@host/INBOX
WEBHOOK_SECRET = env.str("WEBHOOK_SECRET", default="")  # user:password with which the mail provider posts to us
if WEBHOOK_SECRET and not re.fullmatch(r"[^:\s]{1,100}:\S{24,200}", WEBHOOK_SECRET):
    raise ImproperlyConfigured("WEBHOOK_SECRET must be user:password, the password at least 24 characters.")
WEBHOOK_PROVIDER = env.str("WEBHOOK_PROVIDER", default="")  # whose posts they are; no other has an address
if WEBHOOK_SECRET and not WEBHOOK_PROVIDER:
    raise ImproperlyConfigured(
        "WEBHOOK_PROVIDER must name the mail provider that posts with WEBHOOK_SECRET: postmark, mailgun, sendgrid, ..."
    )
ANYMAIL = {
    "WEBHOOK_SECRET": WEBHOOK_SECRET,
    **json.loads(env.str("ANYMAIL", default="") or "{}"),
}  # the provider's keys

# Work in the background (portal/celery.py has the schedule) -------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "unacked_restore_throttle": 1,
    "socket_keepalive": True,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "retry_on_timeout": True,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_PUBLISH_RETRY = False  # best effort: the next tick makes up for it
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_ROUTES = {
    "members.tasks.deliver_fast": {"queue": "fast"},
    "members.tasks.read_mail": {"queue": "mail"},  # what strangers write holds up nothing else
    "members.tasks.poll_mailbox": {"queue": "mail"},
}
CELERY_TIMEZONE = "UTC"

# Language and time ------------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
LANGUAGES = [("en", "English")]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_I18N = len(LANGUAGES) > 1  # with one language there is nothing to look up, a tenth of each page
USE_TZ = True
TIME_ZONE = env.str("ORG_TIME_ZONE", default="America/New_York")

# API ------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "members.auth.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "members.rest.pages.Pages",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_THROTTLE_CLASSES": [
        "rest_framework.throttling.AnonRateThrottle",
        "rest_framework.throttling.UserRateThrottle",
        "rest_framework.throttling.ScopedRateThrottle",
    ],
    "DEFAULT_THROTTLE_RATES": {"anon": "60/min", "user": "600/min", "people": "60/min"},
    "DEFAULT_SCHEMA_CLASS": "members.rest.described.Described",
    "EXCEPTION_HANDLER": "members.rest.problems.answer",
    "URL_FORMAT_OVERRIDE": None,
    "NUM_PROXIES": ALLAUTH_TRUSTED_PROXY_COUNT,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": f"{ORG_NAME} portal",
    "EXTERNAL_DOCS": {"description": "Rules and examples", "url": f"{SITE_URL}/developers/"},
    "DESCRIPTION": (
        "What a member sees, for programs. A token is made in Settings, Security, and sent as `Authorization: Bearer …`; it reads "
        "and answers as its person does.\n\nMoments are ISO 8601 with an offset; a call’s own zone is in `timezone`. Lists come in "
        "pages of 50, up to 100 with `limit`; `next` is the address of the page behind. A parameter that isn’t known is refused, "
        "and not left aside. Whatever goes wrong is a problem (RFC 9457): `code` is for programs, `detail` for people. "
        f"Rules and ten examples: {SITE_URL}/developers/"
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "CONTACT": {"email": CONTACT_EMAIL},
    "LICENSE": {"name": "AGPL-3.0-or-later", "url": "https://www.gnu.org/licenses/agpl-3.0.html"},
    "SERVERS": [{"url": SITE_URL}],
    "TAGS": [
        {"name": "me", "description": "Whose token it is."},
        {"name": "meetings", "description": "Calls, their agenda and your answer."},
        {"name": "series", "description": "Calls that repeat, each by its rule."},
        {"name": "minutes", "description": "Minutes of calls that are out."},
        {"name": "decisions", "description": "What committees decided, under numbers that stay."},
        {"name": "actions", "description": "Who does what until when, and that it is done."},
        {"name": "committees", "description": "Committees and your role on each."},
        {"name": "documents", "description": "Papers you may read."},
        {"name": "people", "description": "Members and the offices they hold."},
        {"name": "publications", "description": "What the organization published."},
    ],
    "ENUM_SUFFIX": "",
    "ENUM_NAME_OVERRIDES": {
        "AgendaItemKind": "events.models.AgendaItem.Kind",
        "AnswerGiven": "events.api.ANSWERS",
        "AnswerStanding": "events.models.Rsvp.Response",
        "CallStage": "events.models.meetings.Stage",
        "CommitteeKind": "committees.models.Committee.Kind",
        "DocumentAudience": "committees.models.Document.Audience",
        "JoinPolicy": "committees.models.Committee.JoinPolicy",
        "MinutesStage": "events.models.Minutes.Stage",
        "OfficeLevel": "members.models.Office.Level",
        "PublicationType": "committees.models.Publication.Type",
        "Role": "committees.models.Membership.Role",
    },
    "SERVE_INCLUDE_SCHEMA": False,
}
REST_KNOX = {"TOKEN_TTL": None, "TOKEN_LIMIT_PER_USER": 10, "AUTO_REFRESH": False}

# Headers ----------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    name: []
    for name in (
        "accelerometer",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "microphone",
        "payment",
        "usb",
    )
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
if ALLAUTH_TRUSTED_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "portal.redaction.Formatter", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {"django.request": {"level": "ERROR"}},
}
SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    report_errors_to(SENTRY_DSN)
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")  # who may read /metrics: who knows it, or asks from these networks
METRICS_NETWORKS = [str(ip_network(network)) for network in env.list("METRICS_NETWORKS", default=[])]
