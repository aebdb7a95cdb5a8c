"""What the notebooks need besides `amd` itself: sliders, exercises that know right from wrong, and textbook pictures.

>>> from amd.teach import check, choose, explore, show
"""

from amd.teach.exercises import Verdict, check, choose
from amd.teach.sliders import Explorer, explore
from amd.teach.tables import show

__all__ = ["Explorer", "Verdict", "check", "choose", "explore", "show"]
