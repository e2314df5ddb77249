"""What a cookie's attributes may be."""

from enum import StrEnum

PATH = r"^/[!-:<-~]*$"
DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z]{2,63}$"


# When a cookie travels with requests that another site starts.
class SameSite(StrEnum):
    LAX = "Lax"
    STRICT = "Strict"
    NONE = "None"
