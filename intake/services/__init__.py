"""The verbs of an import; page, API and command call these and nothing else."""

from .care import sweep
from .run import run, run_to_end
from .start import Source, confirm, remap, start_import

__all__ = ["Source", "confirm", "remap", "run", "run_to_end", "start_import", "sweep"]
