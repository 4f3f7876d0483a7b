"""The log-ins of the demo firm, as the terminal tells them: one for each hat, and the rest of the cast."""

PASSWORD = "trunk-demo"  # noqa: S105 - the demo's, and only there

PEOPLE = [
    ("tina", "calls leads (telemarketer; theo too)"),
    ("rita", "sells, team East (rob too; wei and wang in team West)"),
    ("mark", "manages team East (olga: team West)"),
    ("max", "does marketing"),
    ("pia", "presales"),
    ("sue", "success"),
    ("ada", "administers"),
]
