"""The page that asks for name and password: one form, without scripts, in the browser's language."""

from .markup import escape_text, styled, tag
from .texts import Texts

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, "PingFang SC", "Microsoft YaHei", sans-serif }
body { min-height: 90vh; margin: 0; display: grid; place-items: center }
form { width: min(20rem, 90vw); display: grid; gap: .75rem }
h1 { font-size: 1.4rem; margin: 0 }
label { display: grid; gap: .25rem }
input, button { font: inherit; padding: .5rem .6rem; border: 1px solid GrayText; border-radius: .4rem }
button { background: #1d4ed8; color: #fff; border-color: #1d4ed8; cursor: pointer }
[role=alert] { margin: 0; border-left: .25rem solid #dc2626; padding-left: .6rem }
"""


def login_page(texts: Texts, root_path: str, says: str = "") -> str:
    """HTML of the login; `says`: why the last attempt failed."""
    alert = tag("p", escape_text(says), {"role": "alert"}) if says else ""
    name = _field(texts.login_name, {"name": "username", "autocomplete": "username", "autofocus": "autofocus"})
    password = {"name": "password", "type": "password", "autocomplete": "current-password"}
    form = tag(
        "form",
        tag("h1", escape_text(texts.title))
        + alert
        + name
        + _field(texts.login_password, password)
        + tag("button", escape_text(texts.login_button), {"type": "submit"}),
        {"method": "post", "action": f"{root_path}/login"},
    )
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="icon" href="data:,">'  # else a browser asks for one outside of the path, before the login
        f"<title>{escape_text(texts.title)}</title><style>{_STYLE}</style>"
    )
    return f'<!doctype html><html lang="{texts.language}"><head>{head}</head><body>{tag("main", form)}</body></html>'


def logout_form(texts: Texts, root_path: str, name: str) -> str:
    """Who is logged in, and a button that ends it."""
    button = styled("button", "wd-logout-act", escape_text(texts.logout), type="submit")
    who = tag("bdi", escape_text(name))
    return styled("form", "wd-logout", f"{who} {button}", method="post", action=f"{root_path}/logout")


def _field(label: str, attributes: dict[str, str]) -> str:
    written = "".join(f' {key}="{escape_text(value)}"' for key, value in attributes.items())
    return tag("label", f"{escape_text(label)}<input required{written}>")
