"""How the page looks and moves: Gradio's theme, our style sheet, and the script behind links and the source pane."""

from pathlib import Path

import gradio as gr

FONTS = ["system-ui", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif"]
"""Fonts of the reader's machine: none is fetched."""

PANE_SCRIPT = Path(__file__).with_name("pane.js").read_text(encoding="utf-8")

LISTING_SCRIPT = Path(__file__).with_name("listing.js").read_text(encoding="utf-8")

ARTICLE_SCRIPT = Path(__file__).with_name("article.js").read_text(encoding="utf-8")

HISTORY_SCRIPT = Path(__file__).with_name("history.js").read_text(encoding="utf-8")

SAVE_SCRIPT = """(text) => {{
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text]));
  link.download = "{}";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}}"""
"""Saves a text under the name that is filled in; Gradio's own download button saves nothing at its first click."""

PRINT_SCRIPT = """(text) => {
  document.getElementById("wd-print")?.remove();
  const frame = document.createElement("iframe");
  frame.id = "wd-print";
  frame.setAttribute("sandbox", "allow-same-origin allow-modals");
  frame.title = document.title;
  frame.srcdoc = text;
  frame.onload = () => frame.contentWindow.print();
  document.body.append(frame);
}"""
"""Prints a page, in a frame where no script of it would run."""

_STYLE = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
_LANGUAGE = 'document.documentElement.lang = (navigator.language || "zh").startsWith("zh") ? "zh-CN" : "en";'

_NAMES = Path(__file__).with_name("names.js").read_text(encoding="utf-8")

# In the head, and not as `launch(css=...)`, which would put every rule below Gradio's own container.
HEAD = (
    f'<meta name="color-scheme" content="light dark"><style>{_STYLE}</style><script>{_LANGUAGE}</script>'
    f"<script>{_NAMES}</script>"
)


def theme() -> gr.themes.Base:
    """Gradio's default theme in quiet colours, with fonts that are on the machine."""
    return gr.themes.Default(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.slate,
        font=FONTS,
        font_mono=["ui-monospace", "monospace"],
    ).set(  # white on the lighter blue of the theme is too pale to read
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_hover="*primary_700",
    )
