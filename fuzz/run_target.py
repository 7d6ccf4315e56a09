"""One target under atheris, in a process of its own: `python -m fuzz.run_target NAME libFuzzer's flags...`."""

import sys

import atheris

with atheris.instrument_imports(include=["index", "rag", "web.openai_api"]):
    from fuzz.targets import TARGETS

    if sys.argv[1] == "request":  # it brings Gradio: nobody else waits for that
        import web.openai_api  # noqa: F401


def main() -> None:
    """Never returns: libFuzzer ends the process."""
    target = TARGETS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], target)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
