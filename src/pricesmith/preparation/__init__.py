"""Raw tables of a shop -> validated tables, quarantine and data report -> the snapshot of a day."""

from .last_day import last_day
from .prepare import prepare
from .prepared import Counts, Prepared
from .snapshot import snapshot

__all__ = ["Counts", "Prepared", "last_day", "prepare", "snapshot"]
