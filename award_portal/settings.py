"""Settings of the portal: embedded by default, everything else by environment variables.

`REHEARSAL=1` turns the rehearsal clock and its bar on; production never sets it.
"""

from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(env("PORTAL_ENV_FILE", default=str(BASE_DIR / ".env")))

VAR_DIR = Path(env("PORTAL_VAR_DIR", default=str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

REHEARSAL = env.bool("REHEARSAL", default=False)
DEBUG = env.bool("DEBUG", default=False)
PRODUCTION = env.bool("PRODUCTION", default=False)


def _local_secret(name: str) -> str:
    """A secret of this machine, made once and kept under var/ with mode 600."""
    path = VAR_DIR / name
    if not path.exists():
        import secrets

        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


# A production site must say its secrets; a laptop gets its own on the first start.
SECRET_KEY = env("SECRET_KEY") if PRODUCTION else env("SECRET_KEY", default="") or _local_secret("secret_key")
# key id:secret, newest first, comma separated; unlike SECRET_KEY and outside the database.
FIELD_KEYS = env.list("FIELD_KEYS", default=[])
if not FIELD_KEYS:
    if PRODUCTION:
        raise environ.ImproperlyConfigured("FIELD_KEYS is required in production")
    FIELD_KEYS = ["local:" + _local_secret("field_key")]
# What pseudonyms of identity numbers are made with; never changed, or a person would be another one.
IDENTITY_KEY = env("IDENTITY_KEY") if PRODUCTION else env("IDENTITY_KEY", default="") or _local_secret("identity_key")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
PUBLIC_BASE_URL = env("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_fsm",
    "simple_history",
    "axes",
    "csp",
    # the rooms, lowest first
    "organizations.apps.OrganizationsConfig",
    "documents.apps.DocumentsConfig",
    "awards.apps.AwardsConfig",
    "applications.apps.ApplicationsConfig",
    "publicity.apps.PublicityConfig",
    "reviews.apps.ReviewsConfig",
    "objections.apps.ObjectionsConfig",
    "supervision.apps.SupervisionConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "award_portal.middleware.OneInstantMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "award_portal.urls"
WSGI_APPLICATION = "award_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "award_portal.context.portal",
            ],
            "builtins": [
                f"award_portal.templatetags.{name}" for name in ("portal", "words", "form_tags", "applicants")
            ],
        },
    }
]
INSTALLED_APPS.append("award_portal.apps.PortalConfig")

DATABASES = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / ('demo' if REHEARSAL else 'portal')}.sqlite3")
}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Deferred transactions lose concurrent writes; see docs/decisions/0003.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA recursive_triggers=ON"
        ),
    }
    DATABASES["default"]["TEST"] = {"NAME": env("TEST_SQLITE_NAME", default=str(VAR_DIR / "test.sqlite3"))}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 60
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "organizations.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "organizations:sign_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "award_portal.lib.clients.client_address"
AXES_LOCKOUT_TEMPLATE = "organizations/locked_out.html"
# the record of failed sign-ins is read in the database; in the admin it could be deleted
AXES_ENABLE_ADMIN = False

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = BASE_DIR / "staticfiles"
STATIC_ROOT.mkdir(exist_ok=True)
STORAGES = {
    # Evidence and attachments: outside the web root, served by an authorised view only.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": VAR_DIR / ("demo-files" if REHEARSAL else "files"), "base_url": None},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = not PRODUCTION
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
    }
}
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if PRODUCTION else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "award_portal.views.csrf_failure"

# Uploads: shown to the applicant before choosing a file, enforced by award_portal.lib.uploads.
UPLOAD_MAX_BYTES = env.int("UPLOAD_MAX_MB", default=20) * 1024 * 1024
UPLOAD_ALLOWED = env.list("UPLOAD_ALLOWED", default=["pdf", "docx", "xlsx", "jpg", "jpeg", "png"])
CLAMD_SOCKET = env("CLAMD_SOCKET", default="")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

PORTAL_FONT_DIR = env("PORTAL_FONT_DIR", default="")

CELERY_BROKER_URL = env("REDIS_URL", default="")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = TIME_ZONE

# Logs carry no personal data: no query strings, no form bodies.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
# HSTS speaks for this host only: its subdomains and the browsers' preload lists are the city's to decide.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
