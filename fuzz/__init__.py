"""Coverage-guided fuzzing with atheris: `make fuzz SECONDS=60`, or `python -m fuzz rows --seconds 600`."""
