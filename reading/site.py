"""Build the reading site: `python -m reading.site`, or `make site`.

Static files, which any server of files can publish: each topic's pair, its page and its examples,
the documentation, and an index to search. Code is cut from the files that run; a name that is
missing there ends the build. The same files give the same bytes.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path, PurePosixPath
from posixpath import relpath

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reading import pages, topics
from reading.code import Cut, NoSuchCode, cut, pair_html
from reading.pages import Twins
from reading.prose import Find, Section, anchor_of, inline, sections
from reading.search import Index
from reading.topics import APPS, ROOT, Topic
from shared.settings import CREDENTIAL_PATHS

BUILD = ROOT / "build" / "site"
HERE = Path(__file__).resolve().parent
MOST_BYTES = 2_000_000
STATIC = ("icon.svg", "site.css", "site.js", "try.js", "search.js")
# What the front page shows of one topic's pair.
FRONT = ("Message", "Lowered", "lowercase")
# Pages with a title and a place of their own at the top of every page.
ENTRIES = {
    "docs/at-a-glance.html": "At a glance",
    "docs/your-extensions.html": "Your extensions",
    "contents.html": "Contents",
}


@dataclass
class Site:
    """The pages that were made so far, and what they share."""

    out: Path
    topics: dict[str, Topic] = field(default_factory=topics.load)
    index: Index = field(default_factory=Index)
    written: dict[str, int] = field(default_factory=dict)
    wanted: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.templates = Environment(
            loader=PackageLoader("reading"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self.templates.filters["text"] = lambda text: Markup(escape(text, quote=False))  # noqa: S704
        self.places, self.listed = pages.places(), pages.listed()
        self.documents = {
            file.relative_to(ROOT).as_posix(): page_of(file) for file in pages.readable(ROOT)
        }
        self.documents |= {
            topic.page.as_posix(): f"topics/{slug}.html" for slug, topic in self.topics.items()
        }
        self.documents |= {
            f"{pages.WORKSHOP}/steps/{slug}.md": f"topics/{slug}.html#migrate-it"
            for slug in self.topics
        }
        self.documents["README.md"] = "index.html"

    def build(self) -> None:
        """Write everything. Raises NoSuchCode where a page asks for code that is not there."""
        shutil.rmtree(self.out, ignore_errors=True)
        for name in STATIC:
            self.write(f"static/{name}", (HERE / "static" / name).read_text(encoding="utf-8"))
        self.write("servers.json", "{}\n")
        self.add_front()
        self.add_topics()
        self.add_pairs()
        documents = self.add_documents()
        self.add_listings()
        self.page("contents.html", "contents.html", "Contents", documents=documents)
        self.page("search.html", "search.html", "Search")
        self.write("static/index.js", self.index.script())

    def add_topics(self) -> None:
        differences, trials = pages.differences(), pages.trials()
        order = list(self.topics.values())
        for number, topic in enumerate(order):
            address = f"topics/{topic.slug}.html"
            parts = self.sections(ROOT / topic.page, address)
            twins = Twins(f"routes/{topic.slug}.py")
            self.index_sections(topic.title, address, parts)
            self.index_code(address, twins.cuts)
            cases = pages.cases(topic)
            self.page(
                address,
                "topic.html",
                topic.title,
                topic=topic,
                number=number + 1,
                count=len(order),
                earlier=order[number - 1] if number else None,
                later=order[number + 1] if number + 1 < len(order) else None,
                parts={part.title: part for part in parts},
                twins=twins,
                differences=differences[topic.slug],
                trials=trials[topic.slug],
                common=pages.common_headers(),
                specification=pages.specification,
                credentials=CREDENTIAL_PATHS,
                cases=cases,
                step=self.workshop_step(topic.slug, address),
            )

    def add_pairs(self) -> None:
        for twins in pages.twins():
            self.index_code(twins.page, twins.cuts)
            self.page(twins.page, "pair.html", twins.title, twins=twins)

    def add_listings(self) -> None:
        """The files that some page leads to, and have no twin."""
        for path in sorted(self.wanted):
            address = self.places[path]
            if not path.startswith("contract_tests"):
                self.index.add_code(f"{address}#", cut(path))
            self.page(address, "listing.html", path, code=cut(path), rows=pages.listing(path))

    def add_documents(self) -> list[tuple[str, str]]:
        found = []
        for file in pages.readable(ROOT):
            address = page_of(file)
            parts = self.sections(file, address)
            self.index_sections(parts[0].title, address, parts)
            self.page(address, "document.html", parts[0].title, parts=parts)
            found.append((address, parts[0].title))
        return found

    def add_front(self) -> None:
        cuts = [[cut(f"{app}/routes/json_body.py:{name}") for name in FRONT] for app in APPS]
        rows = [
            pair_html(left, right, "topics/json_body.html")
            for left, right in zip(*cuts, strict=True)
        ]
        self.page(
            "index.html",
            "front.html",
            "Flask and FastAPI, one contract",
            rows=Markup("<tr class=n><td><td>").join(rows),
            paths=[f"{app}/routes/json_body.py" for app in APPS],
            matrix=pages.matrix(),
            workshop=(ROOT / pages.WORKSHOP / "steps").is_dir(),
        )

    def sections(self, file: Path, address: str) -> list[Section]:
        return sections(file, ROOT, self.finder(address), lambda place: self.pair(place, address))

    def pair(self, place: str, address: str) -> Markup:
        """Two handlers side by side: `cookies:show_profile`, or `errors.py:install`."""
        path, _, name = place.partition(":")
        path = path if path.endswith(".py") else f"routes/{path}.py"
        left, right = (cut(f"{app}/{path}:{name}" if name else f"{app}/{path}") for app in APPS)
        there = relpath(Twins(path).page, PurePosixPath(address).parent)
        template = self.templates.get_template("excerpt.html")
        html = template.render(rows=pair_html(left, right, there), cuts=(left, right), there=there)
        return Markup(html)  # noqa: S704

    def finder(self, address: str) -> Find:
        """Where a file, or a name in it, is to be found from the page at `address`."""

        def find(path: str, name: str) -> str:
            page = self.documents.get(path) or self.places.get(path)
            if not page:
                return ""
            if path in self.listed:
                self.wanted.add(path)
            there = "" if page == address else relpath(page, PurePosixPath(address).parent)
            return f"{there}#{pages.anchor(path, name)}" if name else there

        return find

    def workshop_step(self, slug: str, address: str) -> list[Section]:
        """The workshop's step that moves a topic, without its title; nothing if there is none."""
        file = ROOT / pages.WORKSHOP / "steps" / f"{slug}.md"
        return self.sections(file, address)[1:] if file.exists() else []

    def index_sections(self, title: str, address: str, parts: Sequence[Section]) -> None:
        self.index.titles[address] = title
        for part in parts:
            place = address if part is parts[0] else f"{address}#{part.anchor}"
            self.index.add_text(place, f"{part.title} {part.text}")

    def index_code(self, address: str, cuts: Sequence[Cut]) -> None:
        for side, code in zip(("flask", "fastapi"), cuts, strict=True):
            self.index.add_code(f"{address}#{side}-", code)

    def page(self, address: str, template: str, title: str, **values: object) -> None:
        up = "../" * address.count("/")
        find = self.finder(address)
        html = self.templates.get_template(template).render(
            title=title,
            address=address,
            up=up,
            entries=ENTRIES,
            topics=self.topics,
            pairs=pages.twins,
            listed={path: self.places[path] for path in sorted(self.wanted)},
            find=find,
            line=lambda text: inline(text, find),
            anchor_of=anchor_of,
            **values,
        )
        self.write(address, html)

    def write(self, address: str, text: str) -> None:
        file = self.out / address
        file.parent.mkdir(parents=True, exist_ok=True)
        content = text.encode()
        file.write_bytes(content)
        self.written[address] = len(content)


def page_of(file: Path) -> str:
    """The address of the page that a Markdown file becomes."""
    path = file.relative_to(ROOT).with_suffix(".html").as_posix()
    name = path.rpartition("/")[2]
    if name == "README.html":
        return path.removesuffix(name) + "index.html"
    return path.lower() if "/" not in path else path


def main(arguments: Sequence[str] | None = None) -> int:
    """Build: 0. When a page asks for code that is not there, or the site is too large: 1."""
    parser = argparse.ArgumentParser(prog="python -m reading.site", description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=BUILD)
    site = Site(parser.parse_args(arguments).out)
    began = time.monotonic()
    try:
        site.build()
    except NoSuchCode as error:
        print(f"The site cannot be built: {error}.", file=sys.stderr)  # noqa: T201
        return 1
    size = sum(site.written.values())
    if size > MOST_BYTES:
        largest = sorted(site.written, key=lambda address: -site.written[address])[:3]
        print(f"The site has {size:,} bytes, more than {MOST_BYTES:,}: {', '.join(largest)}")  # noqa: T201
        return 1
    count = sum(address.endswith(".html") for address in site.written)
    took = time.monotonic() - began
    print(f"{count} pages, {size / 1e6:.2f} MB, in {took:.1f} s")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
