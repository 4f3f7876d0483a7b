"""The channels: each a small package of one shape (outreach/channels/base.py)."""
