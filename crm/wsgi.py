"""The web processes' entrance."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")

from django.core.wsgi import get_wsgi_application

from crm import servers

servers.start()
application = get_wsgi_application()
