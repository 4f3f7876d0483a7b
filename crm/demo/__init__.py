"""The demo firm: 90 days of a small firm, made by the real verbs under a seeded clock."""
