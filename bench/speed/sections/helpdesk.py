"""django-helpdesk with its own database takes in a mailbox by its own command `get_email`, and how long that takes.

usage: PYTHON bench/speed/sections/helpdesk.py URL IMAP_PORT USER PASSWORD FILE

It is started by the benchmark with an interpreter that has django-helpdesk. Nothing of ours is imported, and the mails
that it writes are rendered and thrown away.
"""

import json
import logging
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

APPS = (
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.admin",
    "rest_framework",
    "django_cleanup.apps.CleanupConfig",
    "helpdesk",
)
urlpatterns: list[Any] = []


def main() -> None:
    """Set it up, let it work, and write down what it took."""
    url, port, user, password, file = sys.argv[1:]
    django = import_module("django")
    with tempfile.TemporaryDirectory(prefix="helpdesk-") as media:
        import_module("django.conf").settings.configure(**_settings(url, media))
        # That the server of the benchmark has no TLS is nothing that it need say.
        logging.disable(logging.WARNING)
        django.setup()
        _prepare(int(port), user, password)
        # What it does from now on is measured, and what servers do for it.
        print("ready", flush=True)
        sys.stdin.readline()
        began, cpu = time.monotonic(), time.process_time()
        import_module("django.core.management").call_command("get_email", quiet=True)
        took = {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}
    print("done", flush=True)
    models = import_module("helpdesk.models")
    result = {"tickets": models.Ticket.objects.count(), "followups": models.FollowUp.objects.count()}
    version = import_module("importlib.metadata").version("django-helpdesk")
    Path(file).write_text(json.dumps({**took, **result, "version": version}))


def _settings(url: str, media: str) -> dict[str, object]:
    parts = urlsplit(url)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.strip("/"),
        "USER": parts.username,
        "HOST": parts.hostname,
        "PORT": parts.port,
    }
    return {
        "DATABASES": {"default": database},
        "INSTALLED_APPS": APPS,
        "SECRET_KEY": "for a benchmark",
        "SITE_ID": 1,
        "ROOT_URLCONF": __name__,
        "MEDIA_ROOT": media,
        "STATIC_URL": "/static/",
        "USE_TZ": True,
        "DEFAULT_AUTO_FIELD": "django.db.models.AutoField",
        "EMAIL_BACKEND": "django.core.mail.backends.dummy.EmailBackend",
        "TEMPLATES": [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
        # As for us, reading is not logged mail by mail.
        "LOGGING_CONFIG": None,
        # Every kind of file is taken.
        "HELPDESK_VALIDATE_ATTACHMENT_TYPES": False,
        "HELPDESK_TEAMS_MODE_ENABLED": False,
        "HELPDESK_KANBAN_BOARD_ENABLED": False,
    }


def _prepare(port: int, user: str, password: str) -> None:
    call = import_module("django.core.management").call_command
    call("migrate", verbosity=0)
    call("loaddata", "emailtemplate.json", verbosity=0)
    urls = import_module("django.urls")
    urlpatterns.append(urls.path("", urls.include("helpdesk.urls", namespace="helpdesk")))
    import_module("helpdesk.models").Queue.objects.create(
        title="Support",
        slug="support",
        email_address=user,
        allow_public_submission=True,
        allow_email_submission=True,
        email_box_type="imap",
        email_box_host="127.0.0.1",
        email_box_port=port,
        email_box_user=user,
        email_box_pass=password,
        email_box_imap_folder="INBOX",
        email_box_interval=0,
        logging_type="none",
    )


if __name__ == "__main__":
    main()
