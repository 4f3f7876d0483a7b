"""The verbs of an import; page, API and command call these and nothing else."""

from .care import sweep
from .start import Source, confirm, remap, start_import
from .working import run, run_to_end

__all__ = ["Source", "confirm", "remap", "run", "run_to_end", "start_import", "sweep"]
