"""E-mail: the site's own mail server, another one over SMTP, a service by Anymail, or files."""
