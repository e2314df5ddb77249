"""The index that the site's search page looks into, without a server."""

import json
import keyword
import re
from dataclasses import dataclass, field
from itertools import islice

from reading.code import Cut

WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}|(?<![\d.])\d{3,}(?![\d.])")
# Words of prose and of Python that nobody looks for.
COMMON = {*keyword.kwlist, "false", "none", "true", "self", "str", "int", "bool"} | {
    *("also", "an", "any", "are", "at", "be", "but", "by", "can", "do", "does", "each", "has"),
    *("have", "into", "it", "its", "may", "must", "no", "of", "on", "one", "only", "other"),
    *("own", "same", "so", "such", "than", "that", "the", "their", "them", "then", "there"),
    *("they", "this", "to", "two", "under", "up", "was", "what", "when", "where", "which"),
    *("who", "without"),
}


MOST = 40  # places of one word: nobody reads more


@dataclass
class Index:
    """Words, and the places at which each stands: a section of a page, or a line of a file."""

    titles: dict[str, str] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    words: dict[str, dict[int, int]] = field(default_factory=dict)

    def add_text(self, address: str, text: str) -> None:
        """A section of a page."""
        number = self._place(address)
        for word in WORD.findall(text):
            self._add(word, number, 0)

    def add_code(self, address: str, code: Cut) -> None:
        """A file; a word leads to the first line that has it: the address with its number."""
        self.titles[address] = code.path
        number = self._place(address)
        for line, text in enumerate(code.lines, code.first):
            for word in WORD.findall(text):
                self._add(word, number, line)

    def script(self) -> str:
        """The index as a script, which sets `index`."""
        words = {
            word: " ".join(
                f"{place}:{line}" if line else f"{place}"
                for place, line in islice(at.items(), MOST)
            )
            for word, at in sorted(self.words.items())
        }
        content = {"titles": self.titles, "places": self.places, "words": words}
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return f"const index = {text};\n"

    def _add(self, word: str, place: int, line: int) -> None:
        if word.lower() not in COMMON:
            self.words.setdefault(word.lower(), {}).setdefault(place, line)

    def _place(self, address: str) -> int:
        self.places.append(address)
        return len(self.places) - 1
