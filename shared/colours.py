"""An enumeration, for want of a nicer one."""

from enum import StrEnum


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"
