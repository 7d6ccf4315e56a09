"""ASGI layer in front of everything where there are users: a login page for browsers, tokens for programs."""

import math
from dataclasses import dataclass
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool

from index.errors import UserError

from .accounts import Accounts, User, has_password
from .addresses import network_of
from .asgi import App, Receive, Scope, Send, address, answer, header, refuse, refuse_unread
from .bodies import BodyTooLargeError, read_body
from .guard import API_PREFIX, UPLOAD_ROUTES
from .lockout import Lockout
from .login_page import login_page
from .logins import LIFETIME_S, Logins
from .logs import LOGGER
from .texts import Texts, choose
from .visitors import ROOT_PATH, USER

COOKIE = "wenda-login"
LOGIN, LOGOUT = "/login", "/logout"
MAX_FORM_BYTES = 8192
OWNER_ROUTES = tuple(f"{API_PREFIX}{route}" for route in UPLOAD_ROUTES)

Headers = list[tuple[str, str]]
_NO_FORM = "Send username and password as a form."
_NOT_KEPT = ("cache-control", "no-store")


@dataclass(frozen=True, slots=True)
class Access:
    """What the login needs."""

    accounts: Accounts
    logins: Logins
    lockout: Lockout
    root_path: str = ""


class Login:
    """Lets through who is logged in or sends a token, and says in the scope who it is; all others are refused."""

    def __init__(self, app: App, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # the guard inside closes what is a WebSocket
            await self._app(scope, receive, send)
            return
        method, path = scope["method"], scope["path"].rstrip("/")
        try:
            if path == LOGIN and method == "POST":
                await self._log_in(scope, receive, send)
                return
            if path == LOGOUT and method == "POST":
                await self._log_out(scope, send)
                return
            user = self._user(scope)
        except UserError as error:  # of a file behind the login: its path is nobody's business out there
            LOGGER.error("login_failed", extra={"fields": {"error": str(error)}})
            says = "Nobody can be let in now; the server's log says why."
            await refuse(send, HTTPStatus.SERVICE_UNAVAILABLE, says, kind="server_error")
            return
        if user is None:
            await self._refuse(scope, send, path)
        elif path == LOGIN:
            await _redirect(send, f"{self._access.root_path}/")
        elif path in OWNER_ROUTES and not user.owner:
            await refuse(send, HTTPStatus.FORBIDDEN, "Only an owner may send files.", kind="permission_error")
        else:
            await self._app({**scope, USER: user, ROOT_PATH: self._access.root_path}, receive, send)

    def _user(self, scope: Scope) -> User | None:
        """Whose cookie or token the request has. A token that is none is not made up for by a cookie."""
        scheme, _, token = header(scope, "authorization").partition(" ")
        if scheme.lower() == "bearer":
            return self._access.accounts.by_token(token.strip())
        cookie = _cookie(scope)
        return self._access.logins.user(cookie, self._access.accounts) if cookie else None

    async def _refuse(self, scope: Scope, send: Send, path: str) -> None:
        """A browser is shown the login; a program is told to send a token."""
        if scope["method"] == "GET" and path == LOGIN:
            texts = choose(header(scope, "accept-language"))
            await _page(send, HTTPStatus.OK, login_page(texts, self._access.root_path))
        elif scope["method"] == "GET" and "text/html" in header(scope, "accept"):
            await _redirect(send, f"{self._access.root_path}{LOGIN}")
        else:
            says = "Log in, or send a token: Authorization: Bearer TOKEN (python -m web.users token NAME makes one)."
            await refuse(send, HTTPStatus.UNAUTHORIZED, says, [("www-authenticate", "Bearer")], "authentication_error")

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        texts, is_page = choose(header(scope, "accept-language")), "text/html" in header(scope, "accept")
        try:
            form = parse_qs((await read_body(receive, MAX_FORM_BYTES)).decode("utf-8", "replace"), max_num_fields=4)
        except BodyTooLargeError:
            await refuse_unread(receive, send, HTTPStatus.BAD_REQUEST, _NO_FORM)
            return
        except ValueError:
            await refuse(send, HTTPStatus.BAD_REQUEST, _NO_FORM)
            return
        name, password = form.get("username", [""])[0], form.get("password", [""])[0]
        wait_s, user = await run_in_threadpool(self._looked_at, name, password, address(scope))
        if user is None:
            await self._not_let_in(send, texts, wait_s, is_page)
            return
        cookie = await run_in_threadpool(self._access.logins.begin, user)
        headers = [("set-cookie", self._set_cookie(scope, cookie, LIFETIME_S)), _NOT_KEPT]
        if is_page:
            await _redirect(send, f"{self._access.root_path}/", headers)
        else:  # gradio_client's auth=(name, password)
            await answer(send, HTTPStatus.OK, {"success": True}, headers)

    def _looked_at(self, name: str, password: str, host: str) -> tuple[float, User | None]:
        """Seconds to wait (0: it was looked at), and who it is."""
        user = self._access.accounts.find(name)
        keys = (f"user {user.id if user else name[:200]}", f"address {network_of(host)}")
        wait_s = self._access.lockout.attempt(keys)
        if wait_s > 0 or not has_password(user, password):
            return wait_s, None
        self._access.lockout.succeeded(keys[0], keys[1:])
        return 0.0, user

    async def _not_let_in(self, send: Send, texts: Texts, wait_s: float, is_page: bool) -> None:
        seconds = math.ceil(wait_s)
        says = texts.login_wait.format(seconds) if wait_s > 0 else texts.login_wrong
        status = HTTPStatus.TOO_MANY_REQUESTS if wait_s > 0 else HTTPStatus.UNAUTHORIZED
        headers: Headers = [("retry-after", str(seconds))] if wait_s > 0 else []
        if is_page:
            await _page(send, status, login_page(texts, self._access.root_path, says), headers)
        else:
            await refuse(send, status, says, headers, "authentication_error")

    async def _log_out(self, scope: Scope, send: Send) -> None:
        cookie = _cookie(scope)
        if cookie:
            await run_in_threadpool(self._access.logins.end, cookie)
        gone = [("set-cookie", self._set_cookie(scope, "", 0)), ("clear-site-data", '"cache"')]
        await _redirect(send, f"{self._access.root_path}{LOGIN}", gone)

    def _set_cookie(self, scope: Scope, value: str, max_age_s: int) -> str:
        """Not for scripts, not for requests that other pages send; over TLS only where the page came over TLS."""
        secure = "; Secure" if scope.get("scheme") == "https" else ""
        path = f"{self._access.root_path}/"
        return f"{COOKIE}={value}; Path={path}; Max-Age={max_age_s}; HttpOnly; SameSite=Lax{secure}"


def _cookie(scope: Scope) -> str:
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(header(scope, "cookie"))
    except CookieError:
        return ""
    return cookies[COOKIE].value if COOKIE in cookies else ""


async def _redirect(send: Send, target: str, headers: Headers | None = None) -> None:
    fields = [("location", target), ("content-length", "0"), *(headers or [_NOT_KEPT])]
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in fields]
    await send({"type": "http.response.start", "status": int(HTTPStatus.SEE_OTHER), "headers": raw})
    await send({"type": "http.response.body", "body": b""})


async def _page(send: Send, status: HTTPStatus, text: str, headers: Headers | None = None) -> None:
    body = text.encode("utf-8")
    fields = [("content-type", "text/html; charset=utf-8"), ("content-length", str(len(body))), _NOT_KEPT]
    raw = [(name.encode("ascii"), value.encode("latin-1")) for name, value in [*fields, *(headers or [])]]
    await send({"type": "http.response.start", "status": int(status), "headers": raw})
    await send({"type": "http.response.body", "body": body})
