"""Webhooks: a signed post to another program, or files."""
