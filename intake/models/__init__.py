"""How leads come in: files, and forms that people fill in themselves."""

from intake.models.forms import LandingForm, Registration
from intake.models.imports import HeadingMemory, Import, ImportPart, ImportRow

__all__ = ["HeadingMemory", "Import", "ImportPart", "ImportRow", "LandingForm", "Registration"]
