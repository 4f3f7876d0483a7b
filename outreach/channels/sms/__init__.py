"""SMS: a provider's SDK, or files."""
