"""The workshop judges truly what is not ported, broken, done, or only looks so."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from reading import topics
from servers.running import free_port
from tests import test_docs
from tests.variants import FASTAPI
from workshop import board, borrowing, course, hints, seal, starters, watching
from workshop.course import LAST, ROOT, Step
from workshop.judge import State
from workshop.progress import Progress

PARTS = (
    *("flask_app", "fastapi_app", "shared", "compat", "servers", "contract_tests", "migration"),
    *("reading", "tests", "workshop"),
)
STEPS = course.load()
TOPICS = [step for step in STEPS.values() if step.is_topic]
each_step = pytest.mark.parametrize("step", STEPS.values(), ids=list(STEPS))
each_topic = pytest.mark.parametrize("step", TOPICS, ids=[step.slug for step in TOPICS])
LINES, COLUMNS = 40, 80
# Here passwords are hashed, or services waited for.
LONG = ("customers", "products", "orders", "sessions", "pages", "tokens", "api_keys", "upstream")

Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository, for a reader of its own."""
    folder = tmp_path_factory.mktemp("repository")
    unwanted = shutil.ignore_patterns("__pycache__", "my_app")
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=unwanted)
    for name in ("topics.toml", "pyproject.toml"):
        shutil.copy(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def process(root: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.workshop_bench"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=root, text=True, **pipes) as process:  # type: ignore[call-overload]
        yield process
        process.stdin.close()


@pytest.fixture
def ask(process: subprocess.Popen[str], root: Path) -> Ask:
    """Calls a function of tests/workshop_bench.py, on an app that has ported nothing."""
    assert process.stdin and process.stdout
    stdin, stdout = process.stdin, process.stdout

    def call(*words: str) -> Any:
        stdin.write(json.dumps(words) + "\n")
        stdin.flush()
        return json.loads(stdout.readline())

    call("restore")
    (root / course.MY_APP / "progress.json").unlink(missing_ok=True)
    shutil.rmtree(root / course.MY_APP / "backups", ignore_errors=True)
    return call


@pytest.fixture
def edit(root: Path) -> Callable[[str, str, str], None]:
    """Replaces a text in a file of the reader's."""

    def replace(slug: str, old: str, new: str) -> None:
        path = root / STEPS[slug].file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return replace


# What is written


def test_each_topic_is_a_step_and_the_last_one_drops_flask() -> None:
    assert list(STEPS) == [*topics.load(), LAST]
    assert len(STEPS) >= 16


@pytest.mark.parametrize("kind", ["steps", "hints"])
def test_there_is_one_file_for_each_step_and_no_other(kind: str) -> None:
    assert {path.name for path in (ROOT / "workshop" / kind).iterdir()} == {
        f"{slug}.md" for slug in STEPS
    }


@each_step
def test_a_step_has_one_name_everywhere(step: Step) -> None:
    for path in (step.page, step.hints, step.solution, step.contract):
        assert (ROOT / path).exists(), path
    for path in (step.page, step.hints):
        assert course.read(path).startswith(f"# {step.title}\n")
    if step.is_topic:
        assert step.solution == topics.load()[step.slug].routes[1]
        assert step.contract == topics.load()[step.slug].contract


@each_step
def test_a_page_fits_a_screen(step: Step) -> None:
    lines = course.read(step.page).splitlines()
    assert len(lines) <= LINES
    assert max(map(len, lines)) <= COLUMNS
    headings = [line[3:] for line in lines if line.startswith("## ")]
    assert headings == ["In Flask", "In FastAPI", "What must not change", "Your turn"]


@each_step
def test_a_page_names_what_the_starter_gives(step: Step) -> None:
    turn = course.read(step.page).partition("## Your turn")[2]
    assert bool(step.given) == bool(re.search(r"\b(is|are)\s+given", turn))


@each_step
def test_no_hint_is_empty(step: Step) -> None:
    found = hints.load(step)
    titles = [text.partition("\n")[0] for text in found]
    assert titles == ["The idea", "The name", "Almost the code"]
    for text in found:
        body = text.partition("\n\n")[2].partition("Read on:")
        assert len(body[0]) > 40
        assert re.search(r"https://\S+", body[2])
        assert "<<" not in text
        local = re.search(r"docs/[\w/-]+\.md", body[2])
        assert local and (ROOT / local[0]).exists()


@each_step
def test_the_code_of_a_hint_can_be_read(step: Step) -> None:
    code = re.findall(r"```python\n(.*?)```", hints.load(step)[2], re.DOTALL)
    assert len(code) == 1
    ast.parse(code[0])


@each_step
def test_a_hint_is_not_the_solution(step: Step) -> None:
    twin = starters.solution(step)
    functions = [n for n in ast.parse(twin).body if isinstance(n, ast.FunctionDef)]
    bodies = {ast.unparse(node.body[-1]) for node in functions if len(node.body) > 1}
    assert not any(body in hints.load(step)[0] + hints.load(step)[1] for body in bodies)


@each_step
def test_paths_and_commands_of_pages_and_hints_exist(step: Step) -> None:
    for page in (step.page, step.hints):
        test_docs.test_every_command_is_a_target(ROOT / page)
        for path in re.findall(r"`((?:[\w-]+/)+[\w-]+\.\w+)", course.read(page)):
            assert path.startswith(str(course.MY_APP)) or (ROOT / path).exists(), path


@each_topic
def test_a_starter_has_what_is_given_and_no_handler(step: Step) -> None:
    tree = ast.parse(starters.starter(step))
    names = [name for node in tree.body for name in sorted(starters.names(node))]
    assert sorted(names) == sorted([*step.given, "router"])
    assert not borrowing.find(step, starters.starter(step))


@each_topic
def test_a_starter_shows_flasks_code(step: Step) -> None:
    twin = course.read(Path("flask_app/routes") / f"{step.slug}.py")
    handlers = re.findall(r"^@bp\.\w+\(.*$", twin, re.MULTILINE)
    assert handlers
    for line in handlers:
        assert f"# {line}" in starters.starter(step)


@each_step
def test_a_solution_is_the_twin(step: Step) -> None:
    twin, solution = course.read(step.solution), starters.solution(step)
    assert not borrowing.find(step, solution)
    if step.is_topic:
        assert solution == twin
    else:
        assert "fastapi_app.routes" not in solution


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("from flask_app.routes.hello import hello", "flask_app"),
        ("import flask", "flask"),
        ("from fastapi_app.routes import hello as theirs", "fastapi_app.routes"),
        ("import fastapi_app.routes.hello", "fastapi_app.routes"),
        ("from fastapi_app import routes", "fastapi_app.routes"),
        ("from migration.app import create_app", "migration"),
        ("from a2wsgi import WSGIMiddleware", "a2wsgi"),
        ("from importlib import import_module", "importlib"),
        ("import sys", "sys"),
        ("from urllib.request import urlopen", "urllib"),
        ("import requests", "requests"),
        ("from . import cookies", "."),
        ("flask = __import__('flask_app')", "__import__"),
        ("def hello(request): return request.app.routes[-1].app", "routes"),
        ("def hello(response): response.headers['X-Served-By'] = 'fastapi'", "itself"),
    ],
)
def test_a_port_that_leans_on_something_is_found(line: str, reason: str) -> None:
    found = borrowing.find(STEPS["hello"], f"import datetime\n\n{line}\n")
    assert {each.line for each in found} == {3}
    assert any(reason in each.reason for each in found)


def test_the_last_step_may_call_the_twin_and_not_the_hybrid() -> None:
    step = STEPS[LAST]
    short = (
        "from fastapi_app.app import create_app as create_fastapi_app\n"
        "from workshop.my_app.routes import routers\n\n\n"
        "def create_app(settings):\n    return create_fastapi_app(settings, routers)\n"
    )
    assert borrowing.find(step, short) == []
    assert borrowing.find(step, starters.starter(step))
    assert borrowing.find(step, short.replace("workshop.my_app", "fastapi_app"))


def test_a_board_has_a_mark_and_a_name_for_each_step() -> None:
    known = Progress(done={"hello": "", "form": "another"}, skipped=["cookies"])
    known.pass_(STEPS["hello"])
    lines = [line.plain for line in board.grid(known)]
    assert all(len(line) <= COLUMNS for line in lines)
    for slug in STEPS:
        assert len(re.findall(rf" {slug}\b", "\n".join(lines))) == 1
    assert "! " in "\n".join(lines)
    assert re.search(r" s +8 cookies", "\n".join(lines))
    assert re.search(r" > +2 http_methods", "\n".join(lines))
    assert lines[0].startswith("2 of 31")


# What is judged


def test_a_step_goes_from_not_ported_to_done(ask: Ask) -> None:
    shipped = ask("check", "hello")
    assert (shipped["state"], shipped["reason"]) == (State.NOT_PORTED, "green, but Flask answered")
    assert shipped["passed"] > 0
    ask("solve", "hello")
    done = ask("check", "hello")
    assert done["state"] == State.DONE
    assert done["passed"] >= shipped["passed"]


def test_a_broken_contract_is_told_with_the_line_the_request_and_both_answers(
    ask: Ask, edit: Callable[..., None]
) -> None:
    ask("solve", "cookies")
    edit("cookies", 'delete_cookie("name")', 'delete_cookie("nom")')
    found = ask("check", "cookies")
    assert found["state"] == State.BROKEN
    assert re.fullmatch(r"workshop/my_app/routes/cookies.py:\d+ forget_profile", found["place"])
    assert "curl -i --path-as-is -X DELETE http://" in found["detail"]
    assert re.search(r"^-set-cookie: name=;", found["detail"], re.MULTILINE)
    assert re.search(r"^\+set-cookie: nom=;", found["detail"], re.MULTILINE)


@pytest.mark.slow
def test_the_request_that_check_prints_can_be_sent_to_the_app_that_make_workshop_runs(
    ask: Ask, edit: Callable[..., None]
) -> None:
    ask("solve", "cookies")
    edit("cookies", 'delete_cookie("name")', 'delete_cookie("nom")')
    status, shown = ask("run", "check", "cookies")
    assert status == 1
    assert "curl -i --path-as-is -X DELETE http://127.0.0.1:8002/profile" in shown
    assert "let `make workshop` run in another terminal" in shown


def test_an_app_that_does_not_start_names_the_readers_line(
    ask: Ask, edit: Callable[..., None]
) -> None:
    ask("solve", "hello")
    edit("hello", "hello: str", "hello: strr")
    found = ask("check", "hello")
    assert found["state"] == State.NO_START
    assert found["place"] == "workshop/my_app/routes/hello.py:11"
    assert "strr" in found["reason"]


@pytest.mark.slow
def test_half_a_port_names_what_is_left(ask: Ask, edit: Callable[..., None]) -> None:
    ask("solve", "hello")
    edit("hello", '@router.get("/health", dependencies=[Depends(require_readiness)])\n', "")
    found = ask("check", "hello")
    assert (found["state"], found["reason"]) == (
        State.NOT_PORTED,
        "1 of 2 are yours; Flask answered GET /health",
    )


@pytest.mark.slow
def test_a_path_in_flasks_spelling_is_named(ask: Ask, edit: Callable[..., None]) -> None:
    ask("solve", "path_params")
    edit("path_params", "{user_id:int}", "<int:user_id>")
    found = ask("check", "path_params")
    assert found["state"] == State.NOT_PORTED
    assert found["reason"].startswith("green, but Flask answered: /users/<int:user_id> is Flask's")
    assert found["place"].startswith("workshop/my_app/routes/path_params.py:")


@pytest.mark.slow
def test_a_handler_that_raises_is_told_with_its_line(ask: Ask, edit: Callable[..., None]) -> None:
    ask("solve", "hello")
    edit("hello", 'return Greeting(hello="world")', "return Greeting(hello=world)")
    found = ask("check", "hello")
    assert found["state"] == State.BROKEN
    assert found["place"].startswith("workshop/my_app/routes/hello.py:20 raised NameError")


@pytest.mark.slow
def test_with_the_first_k_solutions_applied_exactly_k_are_done(ask: Ask) -> None:
    """For each k: who answers what in the whole app, and the contract of the k-th step; of each
    fourth one its core as well, while Flask still answers. Of the steps that take long it is the
    core both times; all of it, on the same app at each k, is what `tests/test_migration.py` runs.
    """
    for number, step in enumerate(STEPS.values()):
        if step.is_topic and number % 4 == 0:
            before = ask("check", step.slug)
            assert before["state"] == State.NOT_PORTED, before
            check_who_answers(before, TOPICS[:number])
        ask("solve", step.slug)
        part = "core" if step.slug in LONG else "all"
        after = ask("check", step.slug, part)
        assert after["state"] == State.DONE, after
        if step.is_topic:
            check_who_answers(after, TOPICS[: number + 1])
    assert after["flask"] is False


def check_who_answers(found: dict[str, Any], done: list[Step]) -> None:
    """Exactly these topics are the reader's, and whole; Flask answers for the others."""
    expected = [step.slug for step in done]
    assert (found["whole"], found["begun"], found["flask"]) == (expected, expected, True)


@pytest.mark.slow
def test_a_broken_solution_breaks_the_contract(ask: Ask, root: Path) -> None:
    """`tests/variants.py` has one change for each topic; each is judged in an app of solutions."""
    ask("solve", *STEPS)
    assert [variant.topic for variant in FASTAPI] == [step.slug for step in TOPICS]
    for variant in FASTAPI:
        step = STEPS[variant.topic]
        text = starters.solution(step)
        assert variant.old in text
        (root / step.file).write_text(text.replace(variant.old, variant.new, 1), encoding="utf-8")
        found = ask("check", step.slug)
        assert found["state"] == State.BROKEN, found
        ask("solve", step.slug)


FORWARDING = """
from starlette.responses import StreamingResponse


def flask_of(app):
    while not hasattr(app, "flask"):
        app = app.app
    return app.flask


async def forward(request: Request) -> Response:
    answer = {"body": b""}

    async def send(message):
        answer.update(message, body=answer["body"] + message.get("body", b""))

    flask = flask_of(getattr(request.app, "middleware_" + "stack"))
    await flask(request.scope, request.receive, send)
    return Response(answer["body"], answer["status"], dict(answer["headers"]))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("from fastapi_app.routes.hello import router", "green, but Flask answered"),
        (
            "from fastapi_app.routes import hello as theirs\n"
            'router.get("/")(theirs.hello)\nrouter.get("/health")(theirs.health)',
            "green, but Flask answered",
        ),
        (
            "from fastapi_app.routes import hello as theirs\n\n\n"
            '@router.get("/")\nasync def hello() -> theirs.Greeting:\n'
            "    return await theirs.hello()\n\n\n"
            '@router.get("/health", dependencies=[Depends(require_readiness)])\n'
            "async def health() -> theirs.Health:\n    return await theirs.health()",
            "a port does not import fastapi_app.routes",
        ),
        ("", "green, but Flask answered"),
    ],
    ids=["their router", "their handlers", "their handlers, called", "nothing"],
)
def test_a_faked_port_is_not_done(
    ask: Ask, edit: Callable[..., None], code: str, reason: str
) -> None:
    edit("hello", "\n# To do", f"\n{code}\n\n# To do")
    found = ask("check", "hello")
    assert (found["state"], found["reason"]) == (State.NOT_PORTED, reason)


@pytest.mark.slow
def test_flask_fails_over_what_is_ported(ask: Ask, edit: Callable[..., None]) -> None:
    """So to call the mount from a handler does not help, in whatever way it is found."""
    ask("solve", "middleware")
    edit(
        "middleware",
        "from fastapi import APIRouter",
        "from fastapi import APIRouter, Request, Response",
    )
    edit("middleware", "\n\nclass", f"\n{FORWARDING}\n\nclass")
    edit(
        "middleware",
        "async def show_request() -> RequestSeen:\n    return",
        "async def show_request(request: Request) -> Response:\n    return await forward(request)"
        "\n    return",
    )
    found = ask("check", "middleware")
    assert found["state"] == State.BROKEN
    assert "status: 500" in found["detail"]


@pytest.mark.slow
@pytest.mark.parametrize("deleted", ["contract_tests/test_hello.py", "flask_app/routes/hello.py"])
def test_nothing_is_judged_without_a_file_that_judges(ask: Ask, root: Path, deleted: str) -> None:
    ask("solve", "hello")
    assert ask("check", "hello")["state"] == State.DONE
    path = root / deleted
    text = path.read_text(encoding="utf-8")
    try:
        path.write_text(text[: len(text) // 2], encoding="utf-8")
        shortened = ask("check", "hello")
        path.unlink()
        missing = ask("check", "hello")
    finally:
        path.write_text(text, encoding="utf-8")
    for found in (shortened, missing):
        assert found["state"] == "no verdict"
        assert deleted in found["reason"]
    assert ask("check", "hello")["state"] == State.DONE


@pytest.mark.slow
def test_a_deleted_file_of_the_reader_is_the_starter_again(ask: Ask, root: Path) -> None:
    ask("solve", "hello", "json_body")
    (root / STEPS["hello"].file).unlink()
    assert ask("run", "status")[0] == 0
    assert ask("check", "hello")["state"] == State.NOT_PORTED


# What the commands do


def test_each_call_shows_one_hint_more_and_two_open_the_solution(ask: Ask) -> None:
    assert ask("run", "solution", "form") == [1, "After 2 hints, or a pass: make hint STEP=form\n"]
    for number in (1, 2, 3, 3):
        status, text = ask("run", "hint", "form")
        assert (status, text[:17]) == (0, f"form, hint {number} of 3")
    status, text = ask("run", "solution", "form")
    assert status == 0
    assert "+++ fastapi_app/routes/form.py" in text
    assert '+@router.post("/submit")' in text
    assert "\033" not in text


def test_skip_takes_all_solutions_up_to_a_step_and_keeps_what_was_there(
    ask: Ask, edit: Callable[..., None], root: Path
) -> None:
    edit("form", "# To do", "# my own work\n# To do")
    status, text = ask("run", "skip", "file_upload")
    assert status == 0
    assert "skipped form; yours is kept as workshop/my_app/backups/form-1.py" in text
    assert "# my own work" in (root / course.MY_APP / "backups/form-1.py").read_text()
    assert (root / STEPS["form"].file).read_text() == starters.solution(STEPS["form"])
    status, text = ask("run", "status")
    assert "0 of 31 steps done, 7 skipped" in text
    assert "Step 8, Cookies" in text


def test_reset_brings_the_starter_back_and_keeps_each_file_that_was_there(
    ask: Ask, root: Path
) -> None:
    path = root / STEPS["hello"].file
    for number in (1, 2):
        path.write_text(f"# attempt {number}\n")
        assert f"backups/hello-{number}.py" in ask("run", "reset", "hello")[1]
        assert (
            root / course.MY_APP / f"backups/hello-{number}.py"
        ).read_text() == f"# attempt {number}\n"
    assert path.read_text() == starters.starter(STEPS["hello"])
    assert "kept" not in ask("run", "reset", "hello")[1]


@pytest.mark.parametrize("command", ["check", "hint", "solution", "reset", "skip"])
@pytest.mark.parametrize("name", ["", "nope"])
def test_a_missing_or_unknown_step_lists_the_steps(ask: Ask, command: str, name: str) -> None:
    status, text = ask("run", command, name)
    assert status == 2
    assert text.startswith(f"There is no step '{name}'." if name else "Which step?")
    assert re.findall(r"\w+", text.partition("The steps are:")[2])[: len(STEPS)] == list(STEPS)
    assert "You are at: hello" in text


def test_what_the_reader_wrote_survives_an_update(ask: Ask, root: Path) -> None:
    path = root / STEPS["hello"].file
    path.write_text("# mine\n", encoding="utf-8")
    ask("run", "status")
    assert path.read_text() == "# mine\n"


def test_a_progress_file_of_no_use_is_a_new_beginning(ask: Ask, root: Path) -> None:
    for text in ("", "[]", '{"done": 1}', '{"other": {}}'):
        (root / course.MY_APP / "progress.json").write_text(text, encoding="utf-8")
        assert "0 of 31 steps done" in ask("run", "status")[1]


def test_an_update_by_git_is_taken_over_and_an_edit_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> None:
        own = ("-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", "-C", tmp_path, *own, *words], check=True, capture_output=True)

    monkeypatch.setattr(seal, "ROOT", tmp_path)
    monkeypatch.setattr(Progress, "save", lambda self: None)
    known, file = Progress(), tmp_path / "contract_tests" / "test_hello.py"
    file.parent.mkdir()
    file.write_text("old", encoding="utf-8")
    git("init")
    git("add", ".")
    git("commit", "-m", "old")
    assert seal.broken(known) == []
    file.write_text("new", encoding="utf-8")
    assert seal.broken(known) == ["contract_tests/test_hello.py"]
    git("commit", "-a", "-m", "new")
    assert seal.broken(known) == []
    file.unlink()
    assert seal.broken(known) == ["contract_tests/test_hello.py"]


@pytest.fixture
def watched(root: Path) -> Iterator[subprocess.Popen[str]]:
    """`make workshop`, without a terminal."""
    shutil.rmtree(root / course.MY_APP, ignore_errors=True)
    with subprocess.Popen(
        [sys.executable, "-m", "workshop"],
        cwd=root,
        env={**os.environ, "WORKSHOP_PORT": str(free_port())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        yield process
        process.terminate()


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if text in line:
            return "".join(lines)
    raise AssertionError(f"no {text!r} in:\n{''.join(lines)}")


@pytest.mark.slow
def test_each_save_is_judged_and_progress_survives_a_restart(
    watched: subprocess.Popen[str], root: Path
) -> None:
    first = read_until(watched, "First board after")
    assert "# Hello" in first
    assert "hello: not yet ported" in first
    url = re.findall(r"Your app: (http://127.0.0.1:\d+)", first)[0]
    assert requests.get(f"{url}/", timeout=30).headers["X-Served-By"] == "flask"
    step = STEPS["hello"]
    (root / step.file).write_text(starters.solution(step), encoding="utf-8")
    board_shown = read_until(watched, "Your app:")
    assert "hello: done" in board_shown
    assert "# HTTP methods" in board_shown
    assert requests.get(f"{url}/", timeout=30).headers["X-Served-By"] == "fastapi"
    (root / STEPS["form"].file).write_text("def broken(\n", encoding="utf-8")
    assert "form: does not start" in read_until(watched, "Your app:")
    assert "\033" not in first + board_shown
    watched.send_signal(signal.SIGINT)
    assert watched.wait(60) == 0
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{url}/", timeout=5)
    done = subprocess.run(
        [sys.executable, "-m", "workshop", "status"], cwd=root, capture_output=True, text=True
    )
    assert "1 of 31 steps done" in done.stdout
    assert "Step 2, HTTP methods" in done.stdout


@pytest.mark.parametrize("port", ["busy", "none", "0"])
def test_a_port_that_cannot_be_had_is_told(
    port: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = str(taken.getsockname()[1])
        monkeypatch.setenv("WORKSHOP_PORT", number if port == "busy" else port)
        assert watching.watch() == 2
    said = capsys.readouterr().err
    assert "WORKSHOP_PORT" in said
    assert number in said if port == "busy" else "1 to 65535" in said
