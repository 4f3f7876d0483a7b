"""The verbs of imports, forms and events; page, API and command call these and nothing else."""

from .attendance import attend_at_door, attend_list
from .care import sweep
from .landing import attend, fill_in, follow, save_form
from .start import Source, confirm, remap, start_import
from .working import run, run_to_end

__all__ = [
    "Source",
    "attend",
    "attend_at_door",
    "attend_list",
    "confirm",
    "fill_in",
    "follow",
    "remap",
    "run",
    "run_to_end",
    "save_form",
    "start_import",
    "sweep",
]
