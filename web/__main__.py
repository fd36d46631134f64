"""`python -m web` is `cauce`."""

from web.cli import main

main(prog_name="cauce")
