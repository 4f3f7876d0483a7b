"""Django's settings. What a deployer may give is in crm/config.py; the rest is decided here."""

import os

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from core.api.conf import REST_FRAMEWORK as REST_FRAMEWORK
from core.api.conf import SPECTACULAR_SETTINGS as SPECTACULAR_SETTINGS
from crm import config as _config
from crm import embedded as _embedded
from crm import logs as _logs

CONFIG = _config.load()
BASE_DIR = _config.BASE
VAR = CONFIG.var
TESTING, DEMO, DEBUG = CONFIG.testing, CONFIG.demo, CONFIG.debug
SECRET_KEY = CONFIG.secret_key
HTTPS = CONFIG.https
PORT = CONFIG.port
ALLOWED_HOSTS = CONFIG.allowed_hosts or ["*"]
CSRF_TRUSTED_ORIGINS = CONFIG.csrf_trusted_origins
CLOCK_OFFSET = CONFIG.clock_offset

# Apps, from the bottom of the trunk to its top: hooks are called in this order.
TRUNK_APPS = [
    "core",
    "accounts",
    "catalogue",
    "contacts",
    "outreach",
    "leads",
    "calling",
    "intake",
    "pool",
    "opportunities",
    "orders",
    "crm",
]
INSTALLED_APPS = [
    *TRUNK_APPS,
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_fsm",
    "django_htmx",
    "csp",
    "template_partials",
]
if os.environ.get("LINT_MIGRATIONS"):  # a tool of the developers', not installed elsewhere
    INSTALLED_APPS.append("django_migration_linter")

MIDDLEWARE = [
    "core.middleware.RequestMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "core.api.middleware.ApiProblems",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.web.middleware.PersonLocale",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "core.web.middleware.Way",
    "core.web.middleware.HtmxMessages",
    "accounts.notice_seen.Seen",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
]

ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
APPEND_SLASH = True
X_FRAME_OPTIONS = "DENY"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "core.web.context.shell",
            ],
        },
    },
]

# Servers: ours unless both are given. The schema's owner migrates, the application's role does the rest.
_places = _embedded.places(CONFIG.servers)
EMBEDDED_SERVERS = "" if CONFIG.database_url and CONFIG.redis_url else str(CONFIG.servers)
DATABASE_URL = CONFIG.database_url or _places.url
DATABASE_OWNER_URL = CONFIG.database_owner_url or ("" if CONFIG.database_url else _places.owner_url)
REDIS_URL = CONFIG.redis_url or _places.redis_url
_as_owner = TESTING or os.environ.get("TRUNK_DB_ROLE") == "owner"
DATABASES = {
    "default": _config.database(DATABASE_OWNER_URL if _as_owner and DATABASE_OWNER_URL else DATABASE_URL)
}
# The role that may not change events; empty where one role does everything and the trigger alone guards them.
DATABASE_APP_ROLE = _config.database(DATABASE_URL)["USER"] if DATABASE_OWNER_URL else ""
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Emptying a cache empties its whole database: each process of the suite has one of its own.
CACHE_DB = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 15 if TESTING else 1
CACHES = {
    "default": {
        "BACKEND": "crm.cache.ForgivingRedisCache",
        "LOCATION": _config.redis_db(REDIS_URL, CACHE_DB),
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
        "KEY_PREFIX": "test" if TESTING else "trunk",
    }
}
SESSION_ENGINE = "accounts.sessions"

# Log-in.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["crm.login.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_URL = "/login/"
CSRF_FAILURE_VIEW = "core.web.views.forbidden"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_ADAPTER = "crm.login.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/login/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PREVENT_ENUMERATION = True
_tries = 1000 if DEMO or TESTING else 5
ACCOUNT_RATE_LIMITS = {"login": f"{_tries * 6}/m/ip", "login_failed": f"{_tries * 6}/m/ip,{_tries}/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = CONFIG.proxies

# Language and time. The firm's day is Shanghai's; moments are kept in UTC.
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
USE_I18N = True

# Assets: packages from npm, an explicit list of their files, and one icon sprite (crm/assets.py).
STATIC_URL = "/static/"
STATIC_ROOT = CONFIG.static_root
STATICFILES_DIRS = [BASE_DIR / "static", BASE_DIR / "build" / "assets"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "crm.assets.AppFinder",
]
_manifest = (
    "django.contrib.staticfiles.storage.StaticFilesStorage" if TESTING or DEBUG else "crm.assets.Storage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _manifest},
}
WHITENOISE_USE_FINDERS = TESTING or DEBUG
MEDIA_ROOT = VAR / "media"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# What a browser may do here.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF, "'unsafe-inline'"],
        "img-src": [SELF, "data:"],
        "font-src": [SELF, "data:"],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if HTTPS else None
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "trunk_session", "trunk_csrf"
CSRF_COOKIE_HTTPONLY = True
if HTTPS:
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-trunk_session", "__Host-trunk_csrf"
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = True

# Mail: by EMAIL_URL, else files in the data folder. Links in it begin with SITE_URL.
SITE_URL = CONFIG.site_url
DEFAULT_FROM_EMAIL = SERVER_EMAIL = CONFIG.mail_from
EMAIL_TIMEOUT = 10
globals().update(CONFIG.mail)

# Hosts of the inner net that webhooks and robots may be posted to all the same (outreach/channels/guard.py).
INTERNAL_HOSTS = CONFIG.internal_hosts

METRICS_TOKEN = CONFIG.metrics_token
LOGGING = _logs.django_config(CONFIG.log_level)
LOGGING_CONFIG = "logging.config.dictConfig"
SILENCED_SYSTEM_CHECKS = ["staticfiles.W004"]  # assets are not built yet
