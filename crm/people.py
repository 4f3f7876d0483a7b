"""The password of the demo firm's people; it exists in the demo only."""

PASSWORD = "trunk-demo"  # noqa: S105 - told on the terminal, for data made up
