"""A page with users, over HTTP: who gets in, who is kept out, and whose conversations are whose."""

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace

import httpx
import openai
import pytest
from gradio_client import Client
from gradio_client.exceptions import AuthenticationError

from tests.web.public import OWNER, PASSWORDS, READER, PublicServer, Tab, public_server
from web.accounts import Accounts, hash_password, new_user, read_accounts, write_accounts
from web.lockout import FIRST_DELAY_S, FORGOTTEN_AFTER_S, N_FREE
from web.login import COOKIE
from web.logins import LIFETIME_S, Logins


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PublicServer]:
    with public_server(tmp_path_factory.mktemp("public")) as running:
        yield running


def test_a_browser_is_sent_to_the_login_in_its_language(server: PublicServer) -> None:
    sent = httpx.get(server.url, headers={"accept": "text/html"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/login")
    for language, words in (("zh-CN,zh", "密码"), ("en-GB", "Password")):
        page = httpx.get(f"{server.url}login", headers={"accept-language": language})
        assert page.status_code == 200
        assert words in page.text
        assert "<script" not in page.text
        assert page.headers["content-security-policy"]


def test_the_right_password_gets_a_cookie_that_scripts_cannot_read(server: PublicServer) -> None:
    answer = server.log_in(READER)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/", f"Max-Age={LIFETIME_S}"):
        assert part in answer.headers["set-cookie"]
    assert "Secure" not in answer.headers["set-cookie"]  # the page came over plain HTTP
    tab = Tab(server.url, dict(answer.cookies))
    assert tab.http.get(server.url).status_code == 200
    assert tab.http.get(f"{server.url}login").headers["location"] == "/"


@pytest.mark.parametrize("cookie", ["", "x", "x" * 5000, '"', "x; wenda-login=y"])
def test_a_made_up_cookie_is_none(server: PublicServer, cookie: str) -> None:
    assert httpx.get(f"{server.url}config", headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 401


@pytest.mark.parametrize("token", ["x", "wenda-" + "x" * 43, "é"])
def test_a_made_up_token_is_none_even_beside_a_cookie(server: PublicServer, token: str) -> None:
    tab = server.tab(READER)
    headers = {"authorization": f"Bearer {token}".encode()}
    answer = tab.http.get(f"{server.url}config", headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_logging_out_ends_it_on_the_server(server: PublicServer) -> None:
    tab = server.tab(READER)
    left = tab.http.post(f"{server.url}logout")
    assert (left.status_code, left.headers["location"]) == (303, "/login")
    assert "Max-Age=0" in left.headers["set-cookie"]
    again = httpx.get(f"{server.url}config", headers={"cookie": f"{COOKIE}={tab.cookie}"})
    assert again.status_code == 401


def test_logins_survive_a_restart_and_no_cookie_is_kept(server: PublicServer) -> None:
    cookie = server.tab(READER).cookie
    path = server.folder / "logins.sqlite"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    restarted = Logins(path, server.clock)
    found = restarted.user(cookie, Accounts(server.users_file))
    restarted.close()
    assert found is not None
    assert found.name == READER
    with sqlite3.connect(path) as file:
        assert cookie not in str(file.execute("select * from logins").fetchall())


def test_a_login_ends_by_its_time(server: PublicServer) -> None:
    tab = server.tab(READER)
    server.clock.now += LIFETIME_S - 1
    assert tab.http.get(f"{server.url}config").status_code == 200
    server.clock.now += 1
    assert tab.http.get(f"{server.url}config").status_code == 401


def test_wrong_passwords_lock_user_and_address_and_the_right_one_waits_too(server: PublicServer) -> None:
    already_in = server.tab(READER)
    for _ in range(N_FREE + 1):
        wrong = server.log_in(READER, "wrong password")
        assert wrong.status_code == 401
        assert 'role="alert"' in wrong.text
    for name in (READER, OWNER, "nobody"):  # the address is locked, whoever it is
        locked = server.log_in(name, PASSWORDS.get(name, "x"))
        assert (locked.status_code, locked.headers["retry-after"]) == (429, str(int(FIRST_DELAY_S)))
    assert already_in.http.get(server.url).status_code == 200
    assert httpx.get(f"{server.url}v1/models", headers=server.bearer()).status_code == 200
    server.clock.now += FIRST_DELAY_S
    assert server.log_in(READER).status_code == 303


def test_unknown_users_are_locked_and_told_the_same(server: PublicServer) -> None:
    said = []
    for name in ("nobody", READER):
        server.clock.now += FORGOTTEN_AFTER_S
        said.append([server.log_in(name, "wrong password") for _ in range(N_FREE + 2)])
    server.clock.now += FORGOTTEN_AFTER_S
    unknown, known = said
    assert [one.status_code for one in unknown] == [401] * (N_FREE + 1) + [429]
    assert [(one.status_code, one.text) for one in unknown] == [(one.status_code, one.text) for one in known]


def test_a_changed_password_logs_out_and_a_new_user_of_the_name_inherits_nothing(server: PublicServer) -> None:
    before, users = server.users_file.read_bytes(), read_accounts(server.users_file)
    tab = server.tab(READER)
    tab.call("restore", [None, None])
    tab.call("ask_question", ["泊位", None])
    changed = replace(users[READER], password=hash_password("another password"))
    write_accounts(server.users_file, users | {READER: changed})
    assert tab.http.get(f"{server.url}config").status_code == 401
    write_accounts(server.users_file, users | {READER: new_user(READER, PASSWORDS[READER])})
    again = server.tab(READER)
    assert "泊位" not in str(again.call("restore", [None, None]))
    server.users_file.write_bytes(before)
    assert "泊位" in str(server.tab(READER).call("restore", [None, None]))


def test_a_users_file_that_breaks_lets_nobody_in(server: PublicServer) -> None:
    tab = server.tab(READER)
    server.users_file.chmod(0o644)
    answer = tab.http.get(server.url)
    server.users_file.chmod(0o600)
    assert answer.status_code == 503
    assert str(server.folder) not in answer.text
    assert tab.http.get(server.url).status_code == 200


@pytest.mark.parametrize("body", [b"", b"username=amy", b"\xff\xfe&=%00", b"a=1&" * 100, b"x" * 10_000])
def test_a_login_without_its_form_is_refused(server: PublicServer, body: bytes) -> None:
    server.clock.now += FORGOTTEN_AFTER_S
    answer = httpx.post(f"{server.url}login", content=body)
    assert answer.status_code in (400, 401)
    assert set(answer.json()) == {"error"}


def test_another_site_can_log_nobody_in_or_out(server: PublicServer) -> None:
    form = {"username": READER, "password": PASSWORDS[READER]}
    tab = server.tab(READER)
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1"):
        assert httpx.post(f"{server.url}login", data=form, headers={"origin": origin}).status_code == 403
        assert tab.http.post(f"{server.url}logout", headers={"origin": origin}).status_code == 403
    own = {"origin": server.url.rstrip("/")}
    assert httpx.post(f"{server.url}login", data=form, headers=own).status_code == 200


def test_one_user_sees_nothing_of_another(server: PublicServer) -> None:
    first, second = server.tab(OWNER), server.tab(READER)
    first.call("restore", [None, None])
    first.call("ask_question", ["新桥设计", None])
    kept = first.call("listed", ["", None])["output"]["data"][0]
    assert "新桥设计" in kept
    key = kept.split('data-key="')[1][:32]

    other_device = server.tab(OWNER)
    assert "新桥设计" in str(other_device.call("restore", [None, None]))

    with sqlite3.connect(server.folder / "chats.sqlite") as file:
        ((stored,),) = file.execute("select distinct owner from conversations where key = ?", (key,)).fetchall()
    for token in (None, stored, stored.removeprefix("user-")):  # what the browser keeps is not believed
        second.session += "0"
        assert "新桥设计" not in str(second.call("restore", [token, None]))
    assert "新桥设计" not in str(second.call("listed", ["", None]))
    assert "新桥设计" not in str(second.call("listed", ["新桥", None]))
    assert "新桥设计" not in str(second.call("choose", ["", None], {"key": key}))
    second.call("rename", ["", None], {"key": key, "title": "mine"})
    second.call("remove", ["", None], {"key": key})
    assert first.call("listed", ["", None])["output"]["data"][0] == kept


def test_a_stolen_session_name_is_of_no_use(server: PublicServer) -> None:
    first = server.tab(OWNER)
    first.call("restore", [None, None])
    thief = server.tab(READER)
    thief.session = first.session
    assert thief.join("export_json", [None]).status_code == 403
    query = {"session_hash": first.session}
    assert thief.http.get(f"{server.url}gradio_api/queue/data", params=query).status_code == 403
    assert thief.http.get(f"{server.url}gradio_api/heartbeat/{first.session}").status_code == 403
    assert first.join("export_json", [None]).status_code == 200
    assert thief.http.get(f"{server.url}gradio_api/call/ask/{first.session}").status_code == 403
    cancel = {"session_hash": first.session, "fn_index": 0, "event_id": "x"}
    assert thief.http.post(f"{server.url}gradio_api/cancel", json=cancel).status_code == 403
    body = {"data": [None], "session_hash": first.session}
    assert thief.http.post(f"{server.url}gradio_api/run/export_json", json=body).status_code == 403


def test_feedback_is_the_users(server: PublicServer) -> None:
    tab = server.tab(READER)
    tab.call("restore", [None, None])
    tab.call("ask_question", ["吞吐量", None])
    tab.call("rate", [None], {"index": [1, 0], "value": "x", "liked": True} | {"index": 1})
    with sqlite3.connect(server.folder / "feedback.sqlite") as file:
        ((key,),) = file.execute("select key from feedback").fetchall()
    assert key.startswith(f"user-{read_accounts(server.users_file)[READER].id}-")


MANAGING = {
    "apply": [0.5, 0.5, 10],
    "plan": [],
    "rebuild": [""],
    "add": [None, ""],
    "remove_1": [""],
    "run": [None],
    "last": [None],
    "look": [],
    "test": ["", "", ""],
    "use": ["model", "", "", ""],
}


@pytest.mark.parametrize(("handler", "data"), MANAGING.items())
def test_only_owners_manage(server: PublicServer, handler: str, data: list[object]) -> None:
    tab = server.tab(READER)
    ended = tab.call(handler, data)
    assert not ended["success"]
    assert "Only an owner may do this." in str(ended)
    body = {"data": data, "session_hash": tab.session}
    direct = tab.http.post(f"{server.url}gradio_api/run/{handler}", json=body)
    assert direct.status_code == 500
    assert "Only an owner may do this." in direct.text


def test_an_owner_applies_settings(server: PublicServer) -> None:
    tab = server.tab(OWNER)
    assert tab.call("apply", [0.25, 0.5, 10])["success"]
    assert '"value": 0.25' in str(tab.call("greet_1", [])).replace("'", '"')


def test_only_owners_send_files(server: PublicServer) -> None:
    files = {"files": ("a.txt", b"x")}
    upload = f"{server.url}gradio_api/upload"
    assert httpx.post(upload, files=files).status_code == 401
    assert httpx.post(upload, files=files, headers=server.bearer(READER)).status_code == 403
    assert httpx.post(upload, files=files, headers=server.bearer(OWNER)).status_code == 200


def test_programs_send_a_token_or_log_in(server: PublicServer) -> None:
    token = server.tokens[READER]
    for options in ({"headers": server.bearer()}, {"auth": (READER, PASSWORDS[READER])}):
        client = Client(server.url, verbose=False, analytics_enabled=False, **options)
        assert client.predict("新桥设计", api_name="/ask")["citations"]
    with pytest.raises(AuthenticationError):
        Client(server.url, verbose=False, auth=(READER, "wrong password"))
    good, bad = (openai.OpenAI(base_url=f"{server.url}v1", api_key=key, max_retries=0) for key in (token, "none"))
    assert [model.id for model in good.models.list()] == ["wenda"]
    with pytest.raises(openai.AuthenticationError, match="Bearer TOKEN"):
        bad.models.list()
