"""Cadences over the pool: what reaches whom next, and what comes of it (R10.1, R10.2, R10.6, R10.10).

plan.py      pure: which step comes next and when, silence, dormancy; no database
facts.py     the plans in force, read once for a batch
entries.py   a lead's way through a cadence begins, moves on to another one, ends
run.py       the sweep: starts entries, decides what is due, writes messages
reacting.py  what people did, taken in order
editing.py   a new version of the steps, starting and stopping, a preview of what a change moves
dryrun.py    what would go out in the coming days, by the same code, without writing
figures.py   what a cadence has brought

silence.py   touches that left without a reaction, until a lead is dormant
checks.py    what is wrong with a cadence that somebody wants

What pages and the API call, each from its own module:

save_cadence(cadence | None, *, by, name, goal, segment, steps, repeat_from=None, then_segment="") -> Cadence
    steps: [StepIn(wait_minutes, ways=[WayIn(channel, template)], condition="always", key=None)]; `template` is a Template or
    its id, `repeat_from` a position from 1. Raises Forbidden, NotFound, RuleRefused (errors name `name`, `goal`, `segment`,
    `steps`, `steps.2.wait_minutes`, `steps.2.condition`, `steps.2.ways`, `steps.2.ways.1.channel`,
    `steps.2.ways.1.template`, `repeat_from`, `then_segment`; positions from 1). A new cadence does not run yet.
start_cadence(cadence, *, by) -> Cadence        entries that were stopped go on from their place
stop_cadence(cadence, *, by) -> Cadence         what was not sent is withdrawn
preview_change(cadence, steps, repeat_from=None, then_segment="") -> Change
    Change.now and Change.then: [Standing(position, key, entries)]; Change.ends: entries that would be through
dry_run(cadence, at, *, days=30, limit=200) -> DryRun
    DryRun.rows: [Row(lead, at, position, channel, to, text: Rendered)] by time, at most `limit`; DryRun.more: rows beyond
    DryRun.held: [Held(lead, at, position, why, until)] by time, at most `limit`; `until` None: passed over
    DryRun.reasons: {why: people held back}; DryRun.per_day: {date: messages}; DryRun.channels: {channel: messages}
    DryRun.people: entries looked at; DryRun.left_out: entries beyond the most that one run looks at; DryRun.moves:
    {segment: people who would move there}
figures(cadence_ids, since=None, until=None) -> {cadence id: Figures}
    Figures: sent, delivered, reacted (people), back, orders, running (entries now), cost, cost_per_back,
    cost_of_new_lead (Decimal or None where nothing is known)
plan_of(cadence) -> Plan | None                 the steps in force, to be drawn (facts.py)
may_edit(user), may_see(user)                   who may (permissions.py)
"""
