"""Django's makemessages, which also knows the other names the code gives to gettext."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    """Collect the strings to translate."""

    xgettext_options = [
        *makemessages.Command.xgettext_options,
        "--keyword=lazy",
        "--keyword=noop",
        "--keyword=now_",
    ]
