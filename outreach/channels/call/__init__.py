"""Robot calls: a dialling robot over HTTP, or files."""
